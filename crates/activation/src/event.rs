//! The KMS events 12288 to 12294, with the fields and the order of Microsoft's published tables.
//!
//! <https://learn.microsoft.com/previous-versions/ff793440(v=technet.10)>, table 11

use std::fmt::{self, Write as _};

use uuid::Uuid;

use crate::journal::Entry;
use crate::moment::Moment;

/// What a host or a client writes into its log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// 12288: the client sent a request to a host, or tried to. One for each host tried.
    RequestSent {
        /// 0, or why the attempt failed.
        hresult: u32,
        /// Status flags.
        flags: u32,
        /// Host and port.
        server: String,
        /// Client machine id.
        cmid: Uuid,
        /// The client's clock.
        client_time: Moment,
        /// 1 in a virtual machine.
        vm_info: u32,
        /// Licence state 0 to 6.
        license_status: u32,
        /// Minutes until that state ends.
        minutes_to_expiration: u32,
        /// Product.
        activation_id: Uuid,
        /// The count that the product needs.
        n_policy: u32,
    },
    /// 12289: the client processed a response.
    ResponseProcessed {
        /// 0, or why the response is no good.
        hresult: u32,
        /// Status flags; 0x04000000 for a count that is too low.
        flags: u32,
        /// True when the response activated the client.
        activated: bool,
        /// The host's count.
        count: u32,
        /// Minutes.
        activation_interval_minutes: u32,
        /// Minutes.
        renewal_interval_minutes: u32,
        /// The client's clock.
        client_time: Moment,
    },
    /// 12290: the host processed a request.
    RequestProcessed(Box<Entry>),
    /// 12291: the host could not be made ready.
    InitializationFailed {
        /// Why.
        hresult: u32,
    },
    /// 12292: one of the host's timers did not start, or ended early.
    RenewalTimerFailed {
        /// Why.
        hresult: u32,
    },
    /// 12293: the SRV record could not be published.
    PublishingFailed {
        /// Why.
        hresult: u32,
        /// In which domain.
        domain: String,
    },
    /// 12294: the SRV record was published.
    PublishingSucceeded {
        /// In which domain.
        domain: String,
    },
}

impl Event {
    /// 12288 to 12294.
    pub fn id(&self) -> u32 {
        match self {
            Event::RequestSent { .. } => 12288,
            Event::ResponseProcessed { .. } => 12289,
            Event::RequestProcessed(_) => 12290,
            Event::InitializationFailed { .. } => 12291,
            Event::RenewalTimerFailed { .. } => 12292,
            Event::PublishingFailed { .. } => 12293,
            Event::PublishingSucceeded { .. } => 12294,
        }
    }

    /// The log that it belongs to.
    pub fn log(&self) -> &'static str {
        match self {
            Event::RequestProcessed(_) => "Key Management Service",
            _ => "Application",
        }
    }

    /// `Error` or `Information`.
    pub fn level(&self) -> &'static str {
        match self {
            Event::InitializationFailed { .. }
            | Event::RenewalTimerFailed { .. }
            | Event::PublishingFailed { .. } => "Error",
            _ => "Information",
        }
    }

    /// What happened, in one sentence.
    fn sentence(&self) -> String {
        match self {
            Event::RequestSent { .. } => {
                "The client has sent an activation request to the key management service machine.".to_owned()
            }
            Event::ResponseProcessed { .. } => {
                "The client has processed an activation response from the key management service machine."
                    .to_owned()
            }
            Event::RequestProcessed(_) => "An activation request has been processed.".to_owned(),
            Event::InitializationFailed { .. } => {
                "The Key Management Service (KMS) failed to initialize.".to_owned()
            }
            Event::RenewalTimerFailed { .. } => {
                "The Key Management Service (KMS) failed to initialize its renewal timer.".to_owned()
            }
            Event::PublishingFailed { domain, .. } => format!(
                "Publishing the Key Management Service (KMS) to DNS in the '{}' domain failed.",
                printable(domain)
            ),
            Event::PublishingSucceeded { domain } => format!(
                "Publishing the Key Management Service (KMS) to DNS in the '{}' domain is successful.",
                printable(domain)
            ),
        }
    }

    /// The fields behind `Info:`, in the published order.
    pub fn info(&self) -> String {
        match self {
            Event::RequestSent {
                hresult,
                flags,
                server,
                cmid,
                client_time,
                vm_info,
                license_status,
                minutes_to_expiration,
                activation_id,
                n_policy,
            } => format!(
                "{}, {}, {}, {cmid}, {}, {vm_info}, {license_status}, {minutes_to_expiration}, {activation_id}, \
                 {n_policy}",
                Hex(*hresult),
                Hex(*flags),
                field(server),
                client_time.in_events()
            ),
            Event::ResponseProcessed {
                hresult,
                flags,
                activated,
                count,
                activation_interval_minutes,
                renewal_interval_minutes,
                client_time,
            } => format!(
                "{}, {}, {}, 0, {count}, {activation_interval_minutes}, {renewal_interval_minutes}, {}",
                Hex(*hresult),
                Hex(*flags),
                u32::from(*activated),
                client_time.in_events()
            ),
            Event::RequestProcessed(entry) => format!(
                "{}, {}, {}, {}, {}, {}, {}, {}, {}",
                Hex(entry.hresult),
                entry.n_policy,
                field(&entry.machine_name),
                entry.cmid,
                entry.client_time.in_events(),
                entry.vm_info,
                entry.license_status,
                entry.minutes_to_expiration,
                entry.activation_id
            ),
            Event::InitializationFailed { hresult } | Event::RenewalTimerFailed { hresult } => {
                Hex(*hresult).to_string()
            }
            Event::PublishingFailed { hresult, .. } => Hex(*hresult).to_string(),
            Event::PublishingSucceeded { .. } => String::new(),
        }
    }

    /// A record as the event viewer copies it: lines of `Name: value`, then the description. Ends with a blank line.
    pub fn as_text(&self, at: Moment, computer: &str) -> String {
        let mut text = String::with_capacity(512);
        // Writing to a string does not fail.
        let _ = write!(
            text,
            "Log Name:      {}\nSource:        {PROVIDER}\nDate:          {at}\nEvent ID:      {}\nLevel:         \
             {}\nComputer:      {}\nDescription:\n{}\n",
            self.log(),
            self.id(),
            self.level(),
            printable(computer),
            self.sentence()
        );
        let info = self.info();
        if !info.is_empty() {
            let _ = write!(text, "Info:\n{info}\n");
        }
        text.push('\n');
        text
    }
}

/// Who writes these events.
pub const PROVIDER: &str = "Microsoft-Windows-Security-SPP";

/// As the events print codes: no leading zeros.
struct Hex(u32);

impl fmt::Display for Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{:X}", self.0)
    }
}

/// A name that others chose, without what could end a line or hide in it.
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || is_invisible(c) { '?' } else { c }).collect()
}

/// Marks that turn the direction of writing, joiners, and line ends beyond ASCII.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// A name within a list that is separated by commas.
fn field(text: &str) -> String {
    printable(text).replace(',', "?")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(machine_name: &str) -> Entry {
        Entry {
            sequence: 1,
            at: Moment(1_137_205_860),
            hresult: 0,
            n_policy: 25,
            machine_name: machine_name.to_owned(),
            cmid: Uuid::from_u128(0xe5c9_8033_aab6_4d0b_9af9_1d39_9597_dd56),
            client_time: Moment(1_137_205_800),
            vm_info: 1,
            license_status: 2,
            minutes_to_expiration: 40123,
            application_id: Uuid::nil(),
            activation_id: Uuid::from_u128(0xcf67_834d_db4a_402c_ab1f_2c13_4f02_b700),
            count: 3,
        }
    }

    #[test]
    fn the_fields_of_the_published_example() {
        let event = Event::RequestProcessed(Box::new(entry("kms03.site5.contoso.com")));
        assert_eq!(
            event.info(),
            "0x0, 25, kms03.site5.contoso.com, e5c98033-aab6-4d0b-9af9-1d399597dd56, 2006/1/14 2:30, 1, 2, 40123, \
             cf67834d-db4a-402c-ab1f-2c134f02b700"
        );
    }

    #[test]
    fn names_cannot_forge_lines_or_fields() {
        let event = Event::RequestProcessed(Box::new(entry("a\nEvent ID: 12294\r, 0x0,\u{202e}b")));
        let text = event.as_text(Moment(0), "host\n");
        assert!(event.info().contains("a?Event ID: 12294?? 0x0??b"), "{text}");
        assert_eq!(text.matches("Event ID:      ").count(), 1);
    }
}
