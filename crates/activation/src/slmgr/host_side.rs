//! The options at a host.

use super::sentences::{INVALID_PARAMETER, NOT_SUPPORTED};
use super::{Output, Verb, display};
use crate::host::Host;
use crate::moment::Moment;
use crate::settings::{HostSettings, is_interval};

/// What an option at a host leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostAnswer {
    /// It is done, and nothing changed.
    Text(Output),
    /// These settings are to be kept and taken; then what to print.
    Changed(HostSettings, Output),
}

impl HostAnswer {
    /// What to print.
    pub fn output(&self) -> &Output {
        match self {
            HostAnswer::Text(output) | HostAnswer::Changed(_, output) => output,
        }
    }
}

/// The script's reminder.
const RESTART_NEEDED: &str = "Warning: a KMS reboot is needed for this setting to take effect.";

/// Does what an option says. `version` is the program's, for `/dlv`.
pub fn run(verb: &Verb, host: &Host, version: &str, now: Moment) -> HostAnswer {
    match verb {
        Verb::Display(which) => {
            HostAnswer::Text(display::host_information(host, *which, false, version, now))
        }
        Verb::DisplayDetailed(which) => {
            HostAnswer::Text(display::host_information(host, *which, true, version, now))
        }
        Verb::Expiration(product) => HostAnswer::Text(display::host_expiration(host, *product, now)),
        other => set(other, host.settings().clone()),
    }
}

fn set(verb: &Verb, mut settings: HostSettings) -> HostAnswer {
    let output = match verb {
        Verb::SetActivationInterval(minutes) if is_interval(*minutes) => {
            settings.activation_interval_minutes = *minutes;
            Output::done(&[&format!("Volume activation interval set to {minutes} minutes successfully.")])
        }
        Verb::SetRenewalInterval(minutes) if is_interval(*minutes) => {
            settings.renewal_interval_minutes = *minutes;
            Output::done(&[&format!("Volume renewal interval set to {minutes} minutes successfully.")])
        }
        Verb::SetListeningPort(number) => match u16::try_from(*number) {
            Ok(port) if port > 0 => {
                settings.port = port;
                Output::done(&[&format!("KMS port set to {port} successfully."), RESTART_NEEDED])
            }
            _ => return HostAnswer::Text(Output::code(INVALID_PARAMETER)),
        },
        Verb::SetActivationInterval(_) | Verb::SetRenewalInterval(_) => {
            return HostAnswer::Text(Output::code(INVALID_PARAMETER));
        }
        Verb::SetDnsPublishing(on) => {
            settings.dns_publishing = *on;
            Output::done(&[if *on { "DNS publishing enabled" } else { "DNS publishing disabled" }])
        }
        Verb::SetLowPriority(low) => {
            settings.low_priority = *low;
            let set = if *low { "KMS priority set to Low" } else { "KMS priority set to Normal" };
            Output::done(&[set, RESTART_NEEDED])
        }
        other => return HostAnswer::Text(not_a_client(other)),
    };
    HostAnswer::Changed(settings, output)
}

/// The script has no such warning, as Windows is both at once; the words are those of its other errors.
fn not_a_client(verb: &Verb) -> Output {
    let words = match verb {
        Verb::InstallKey(_) | Verb::UninstallKey(_) | Verb::Activate(_) => {
            "is an option of KMS clients, and this machine is a KMS host: its licence file activates it."
        }
        _ => "is an option of KMS clients, and this machine is a KMS host.",
    };
    Output::error(NOT_SUPPORTED, &format!("/{} {words}", verb.option()))
}
