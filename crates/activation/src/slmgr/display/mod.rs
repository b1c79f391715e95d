//! `/dli`, `/dlv` and `/xpr`: labels, order and conditions of slmgr.vbs of Windows 8 and later.

mod client;
mod host;

use std::fmt::{self, Write as _};

pub use client::product_name;
pub(super) use client::{expiration as client_expiration, information as client_information, overrides};
pub(super) use host::{expiration as host_expiration, information as host_information};

use super::Output;
use super::sentences::{GRACE_EXPIRED, NOT_GENUINE};
use crate::client::LicenseState;
use crate::moment::Moment;

/// Minutes of a day.
const DAY_MINUTES: u64 = 24 * 60;

/// The script's answer when no product is there to tell about.
const NOTHING_INSTALLED: &str = "Error: product key not found.";

/// Lines under way.
#[derive(Default)]
struct Lines(String);

impl Lines {
    fn add(&mut self, line: fmt::Arguments<'_>) {
        // Writing to a string does not fail.
        let _ = writeln!(self.0, "{line}");
    }

    fn blank(&mut self) {
        self.0.push('\n');
    }

    fn version(&mut self, version: &str) {
        self.add(format_args!("Software licensing service version: {version}"));
    }

    /// The state, with its time or its reason where the script prints them. The minutes are those that are left.
    fn state(&mut self, state: LicenseState, minutes: u64, reason: u32) {
        self.add(format_args!("License Status: {}", state.name()));
        let days = minutes.div_ceil(DAY_MINUTES);
        match state {
            LicenseState::Unlicensed => {}
            LicenseState::Licensed if minutes == 0 => {}
            LicenseState::Licensed => {
                self.add(format_args!("Volume activation expiration: {minutes} minute(s) ({days} day(s))"))
            }
            LicenseState::Notification => {
                let kind = match reason {
                    NOT_GENUINE => " (non-genuine)",
                    GRACE_EXPIRED => " (grace time expired)",
                    _ => "",
                };
                self.add(format_args!("Notification Reason: 0x{reason:08X}{kind}."));
            }
            LicenseState::InitialGrace
            | LicenseState::OutOfToleranceGrace
            | LicenseState::NonGenuineGrace
            | LicenseState::ExtendedGrace => {
                self.add(format_args!("Time remaining: {minutes} minute(s) ({days} day(s))"));
            }
        }
    }

    fn ends(&mut self, name: &str, sentence: &str) {
        self.add(format_args!("{name}:"));
        self.add(format_args!("    {sentence}"));
    }

    fn done(self) -> Output {
        Output { text: self.0, exit_code: 0 }
    }

    fn nothing_installed(mut self, exit_code: u32) -> Output {
        self.add(format_args!("{NOTHING_INSTALLED}"));
        Output { text: self.0, exit_code }
    }
}

/// What `/xpr` says of a state that ends at a time; nothing ends in states without one.
fn expiration_sentence(state: LicenseState, ends: Option<Moment>) -> String {
    let what = match state {
        LicenseState::Unlicensed => return "Unlicensed".to_owned(),
        LicenseState::Notification => return "Windows is in Notification mode".to_owned(),
        LicenseState::Licensed => "Volume activation will expire",
        LicenseState::InitialGrace => "Initial grace period ends",
        LicenseState::OutOfToleranceGrace => "Additional grace period ends",
        LicenseState::NonGenuineGrace => "Non-genuine grace period ends",
        LicenseState::ExtendedGrace => "Extended grace period ends",
    };
    match ends {
        Some(ends) => format!("{what} {ends}"),
        None => "The machine is permanently activated.".to_owned(),
    }
}
