//! Records of the Application and Key Management Service logs.

use std::fmt;

use crate::absent::fact_struct;
use crate::{Guid, HexCode, SharedText, Timestamp};

/// 12288: a client sent a request, or tried to.
pub const REQUEST_SENT: u32 = 12288;
/// 12289: a client processed a response.
pub const RESPONSE_PROCESSED: u32 = 12289;
/// 12290: a host processed a request.
pub const REQUEST_PROCESSED: u32 = 12290;
/// 12291: a host could not initialise KMS.
pub const INITIALIZATION_FAILED: u32 = 12291;
/// 12292: a host could not initialise its renewal timer.
pub const RENEWAL_TIMER_FAILED: u32 = 12292;
/// 12293: a host could not publish its SRV record.
pub const PUBLISHING_FAILED: u32 = 12293;
/// 12294: a host published its SRV record.
pub const PUBLISHING_SUCCEEDED: u32 = 12294;
/// 8198: an activation attempt failed.
pub const ACTIVATION_FAILED: u32 = 8198;

/// Status flag of 12288 and 12289: the count of the host is below the client's minimum.
pub const FLAG_NOT_ENOUGH_COUNT: u32 = 0x0400_0000;
/// Status flag: no KMS host is known.
pub const FLAG_NO_REGISTRATION: u32 = 0x0100_0000;
/// Status flag: not a qualifying OEM machine.
pub const FLAG_NOT_WINDOWS_SLP: u32 = 0x0800_0000;
/// Status flag: no OEM firmware marker on the client; informative only.
pub const FLAG_OTHER_PC: u32 = 0x0000_0008;

/// The provider that a record has which kmscope's own host told in its log.
pub const KMSCOPE_HOST: &str = "kmscope host";

fact_struct! {
/// One record. The fields of the `Info:` list of the KMS events stand beside the System fields.
pub struct Event {
    /// Event id.
    pub event_id: Option<u32>,
    /// Name of the log (channel).
    pub log: Option<SharedText>,
    /// Provider name, or the event source of older logs.
    pub provider: Option<SharedText>,
    /// Level as printed or as its number.
    pub level: Option<SharedText>,
    /// The machine that wrote the record.
    pub computer: Option<SharedText>,
    /// When; UTC in EVTX and XML, local time elsewhere.
    pub time: Option<Timestamp>,
    /// Record number within the log.
    pub record: Option<u64>,
    /// Result code of the record.
    pub hresult: Option<HexCode>,
    /// Status flags of 12288 and 12289.
    pub flags: Option<HexCode>,
    /// Host that a 12288 names.
    pub kms_machine: Option<SharedText>,
    /// Port that a 12288 names.
    pub kms_port: Option<u16>,
    /// Client name that a 12290 carries.
    pub client: Option<SharedText>,
    /// Client machine id.
    pub cmid: Option<Guid>,
    /// The client's clock, UTC.
    pub client_time: Option<Timestamp>,
    /// 1: the client runs in a virtual machine.
    pub vm_info: Option<u32>,
    /// Licence state 0 to 6 of the client.
    pub license_status: Option<u32>,
    /// Minutes until the present state ends.
    pub minutes_to_expiration: Option<u64>,
    /// Activation id of the product.
    pub activation_id: Option<Guid>,
    /// N-policy: the count that the client needs.
    pub min_count: Option<u32>,
    /// 1: the response activated the client.
    pub activated: Option<u32>,
    /// The count that the host returned.
    pub current_count: Option<u32>,
    /// Retry interval in minutes.
    pub activation_interval_min: Option<u64>,
    /// Renewal interval in minutes.
    pub renewal_interval_min: Option<u64>,
    /// Domain of 12293 and 12294.
    pub dns_domain: Option<SharedText>,
    /// Application id of 1003, 8198 and others.
    pub application_id: Option<Guid>,
    /// `Action=` of 8198.
    pub action: Option<SharedText>,
    /// `Trigger=` of 8198.
    pub trigger: Option<SharedText>,
    /// Version of the licensing service in 900 and 902.
    pub service_version: Option<SharedText>,
    /// Text or data strings of records that have no fields of their own, shortened.
    pub message: Option<SharedText>,
    /// Names of the fields whose value was blanked out or is a placeholder.
    pub redacted: Vec<String>,
}
}

impl Event {
    /// The texts of the record.
    pub fn texts_mut(&mut self) -> [&mut Option<SharedText>; 11] {
        [
            &mut self.log,
            &mut self.provider,
            &mut self.level,
            &mut self.computer,
            &mut self.kms_machine,
            &mut self.client,
            &mut self.dns_domain,
            &mut self.action,
            &mut self.trigger,
            &mut self.service_version,
            &mut self.message,
        ]
    }

    /// True for 12288 to 12294.
    pub fn is_kms(&self) -> bool {
        self.event_id.is_some_and(|id| (REQUEST_SENT..=PUBLISHING_SUCCEEDED).contains(&id))
    }

    /// True when the record has this id.
    pub fn is(&self, id: u32) -> bool {
        self.event_id == Some(id)
    }

    /// The record's fields in one line, in the documented order; used where no line of text can be quoted.
    pub fn describe(&self) -> String {
        let mut line = Line(String::with_capacity(200));
        line.start(self.event_id);
        line.part(self.hresult);
        if self.is(REQUEST_PROCESSED) {
            line.part(self.min_count);
            line.part(self.client.as_ref());
        } else {
            line.part(self.flags);
        }
        line.part(self.kms_machine.as_ref());
        if let (Some(_), Some(port)) = (&self.kms_machine, self.kms_port) {
            line.more(format_args!(":{port}"));
        }
        line.part(self.activated);
        line.part(self.current_count);
        line.part(self.cmid);
        line.part(self.activation_interval_min);
        line.part(self.renewal_interval_min);
        line.part(self.client_time.as_ref());
        line.part(self.vm_info);
        line.part(self.license_status);
        line.part(self.minutes_to_expiration);
        line.part(self.activation_id);
        if self.is(REQUEST_SENT) {
            line.part(self.min_count);
        }
        line.part(self.dns_domain.as_ref());
        line.part(self.message.as_ref());
        line.0
    }
}

/// A line of parts with commas between them, behind an event id.
struct Line(String);

impl Line {
    fn start(&mut self, id: Option<u32>) {
        if let Some(id) = id {
            self.more(format_args!("{id}"));
        }
        self.0.push_str(": ");
    }

    fn part(&mut self, value: Option<impl fmt::Display>) {
        if let Some(value) = value {
            if !self.0.ends_with(": ") {
                self.0.push_str(", ");
            }
            self.more(format_args!("{value}"));
        }
    }

    fn more(&mut self, arguments: fmt::Arguments<'_>) {
        // Writing to a string never fails.
        let _ = fmt::Write::write_fmt(&mut self.0, arguments);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn describes_a_request_in_the_documented_order() {
        let event = Event {
            event_id: Some(REQUEST_PROCESSED),
            hresult: HexCode::parse("0x0"),
            min_count: Some(25),
            client: Some("pc1.contoso.com".into()),
            license_status: Some(2),
            ..Event::default()
        };
        assert_eq!(event.describe(), "12290: 0x0, 25, pc1.contoso.com, 2");
    }
}
