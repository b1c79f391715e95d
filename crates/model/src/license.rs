//! What slmgr.vbs, ospp.vbs and the licensing CIM classes say about a product, a client or a host.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::absent::fact_struct;
use crate::{Guid, HexCode, Timestamp};

/// The licence states 0 to 6 of the Software Protection Platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum LicenseStatus {
    /// 0
    Unlicensed,
    /// 1
    Licensed,
    /// 2: out-of-box grace.
    #[serde(rename = "Initial grace period")]
    InitialGrace,
    /// 3: KMS activation expired or hardware changed; slmgr prints "Additional grace period".
    #[serde(rename = "Out of tolerance grace period")]
    OutOfToleranceGrace,
    /// 4
    #[serde(rename = "Non-genuine grace period")]
    NonGenuineGrace,
    /// 5
    Notification,
    /// 6
    #[serde(rename = "Extended grace period")]
    ExtendedGrace,
}

impl LicenseStatus {
    /// All states in the order of their numbers.
    pub const ALL: [LicenseStatus; 7] = [
        LicenseStatus::Unlicensed,
        LicenseStatus::Licensed,
        LicenseStatus::InitialGrace,
        LicenseStatus::OutOfToleranceGrace,
        LicenseStatus::NonGenuineGrace,
        LicenseStatus::Notification,
        LicenseStatus::ExtendedGrace,
    ];

    /// The state with a number, as events and CIM print it.
    pub fn from_number(number: u32) -> Option<LicenseStatus> {
        Self::ALL.get(usize::try_from(number).ok()?).copied()
    }

    /// Number of the state.
    pub fn number(self) -> u32 {
        self as u32
    }

    /// The documented English name.
    pub fn name(self) -> &'static str {
        match self {
            LicenseStatus::Unlicensed => "Unlicensed",
            LicenseStatus::Licensed => "Licensed",
            LicenseStatus::InitialGrace => "Initial grace period",
            LicenseStatus::OutOfToleranceGrace => "Out of tolerance grace period",
            LicenseStatus::NonGenuineGrace => "Non-genuine grace period",
            LicenseStatus::Notification => "Notification",
            LicenseStatus::ExtendedGrace => "Extended grace period",
        }
    }
}

impl fmt::Display for LicenseStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How a client came by the name of its KMS host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KmsMachineSource {
    /// Found by DNS discovery.
    Dns,
    /// Fixed by `/skms`, registry or policy, also Office's registry override.
    Registered,
    /// Remembered from an earlier success.
    Cached,
}

/// The command whose output a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LicenseCommand {
    /// `/dli`, `/dlv`, `/dstatus`, a CIM object: a description of a product.
    Display,
    /// `/xpr`: when the present state ends.
    Expiration,
    /// `/ato` or `/act`: an attempt to activate.
    Activate,
    /// `/ipk`, `/skms` and the other verbs that change something.
    Change,
    /// `/dhistorykms`.
    History,
}

/// The outcome of an attempt, as printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ActivationResult {
    /// "Product activated successfully."
    Success,
    /// An error line.
    Failure,
}

/// What `/xpr` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expiration {
    /// Permanently activated.
    Permanent,
    /// Volume activation (or a grace period) ends then.
    Until(Timestamp),
    /// Notification mode or not activated.
    NotActivated,
}

fact_struct! {
/// Requests per licence state of the asking client, as a host counts them.
pub struct RequestsByStatus {
    /// Clients in state 0.
    pub unlicensed: Option<u64>,
    /// Clients in state 1.
    pub licensed: Option<u64>,
    /// Clients in state 2.
    pub initial_grace: Option<u64>,
    /// Clients in state 3.
    pub expired_or_oot: Option<u64>,
    /// Clients in state 4.
    pub non_genuine_grace: Option<u64>,
    /// Clients in state 5.
    pub notification: Option<u64>,
}
}

fact_struct! {
/// One product block, one attempt, or one licensing object.
pub struct License {
    /// Which sort of command printed it.
    pub command: Option<LicenseCommand>,
    /// The machine, where the evidence names it (CIM's PSComputerName, ospp's heading).
    pub computer: Option<String>,
    /// Product and edition, as in `Windows(R), Professional edition`.
    pub name: Option<String>,
    /// Product and channel text.
    pub description: Option<String>,
    /// The channel within the description, as in `VOLUME_KMSCLIENT`.
    pub channel: Option<String>,
    /// Activation (SKU) id.
    pub activation_id: Option<Guid>,
    /// Application id (Windows or Office).
    pub application_id: Option<Guid>,
    /// Extended PID of the installed key.
    pub extended_pid: Option<String>,
    /// Last five characters of the installed key.
    pub partial_product_key: Option<String>,
    /// Channel of the key, as in `Volume:GVLK`.
    pub product_key_channel: Option<String>,
    /// No key is installed for this licence ("This license is not in use.").
    pub not_in_use: bool,
    /// State of the licence.
    pub license_status: Option<LicenseStatus>,
    /// Why the machine is in notification.
    pub notification_reason: Option<HexCode>,
    /// Grace time left, in minutes.
    pub time_remaining_min: Option<u64>,
    /// Grace time left, in days as printed.
    pub time_remaining_days: Option<u64>,
    /// Volume activation left, in minutes.
    pub expiration_min: Option<u64>,
    /// Volume activation left, in days as printed.
    pub expiration_days: Option<u64>,
    /// End of an evaluation.
    pub evaluation_end: Option<Timestamp>,
    /// Client machine id.
    pub cmid: Option<Guid>,
    /// KMS host in use or set.
    pub kms_machine: Option<String>,
    /// Its port.
    pub kms_port: Option<u16>,
    /// Its address as the client saw it.
    pub kms_ip: Option<String>,
    /// How the client came by the host.
    pub kms_machine_source: Option<KmsMachineSource>,
    /// Domain set by `/skms-domain`.
    pub kms_lookup_domain: Option<String>,
    /// "DNS auto-discovery: KMS name not available" was printed.
    pub discovery_unavailable: bool,
    /// Extended PID of the host's key.
    pub kms_extended_pid: Option<String>,
    /// Retry interval while not activated, in minutes.
    pub activation_interval_min: Option<u64>,
    /// Renewal interval once activated, in minutes.
    pub renewal_interval_min: Option<u64>,
    /// Whether the client remembers the host that worked.
    pub host_caching: Option<bool>,
    /// "Please use slmgr.vbs /ato to activate ..." was printed: a client that is not activated hides its KMS block.
    pub client_block_hidden: bool,
    /// The block of a KMS host was printed.
    pub host_enabled: bool,
    /// The count that the product needs, where the output names it.
    pub min_count: Option<u32>,
    /// Distinct clients of the last 30 days; -1: no host, or no request yet.
    pub current_count: Option<i64>,
    /// TCP port of the host.
    pub listening_port: Option<u16>,
    /// Whether the host publishes its SRV record.
    pub dns_publishing: Option<bool>,
    /// `Normal` or `Low`.
    pub kms_priority: Option<String>,
    /// Requests received by the host since it was installed.
    pub total_requests: Option<u64>,
    /// Requests that the host could not serve.
    pub failed_requests: Option<u64>,
    /// The same per licence state of the client.
    pub requests_by_status: Option<RequestsByStatus>,
    /// Rearms left for Windows.
    pub windows_rearm: Option<u64>,
    /// Rearms left for another application.
    pub app_rearm: Option<u64>,
    /// Rearms left for the product.
    pub sku_rearm: Option<u64>,
    /// Clock of the licensing service, in the user's locale.
    pub trusted_time: Option<Timestamp>,
    /// `All`, `AD`, `KMS` or `Token`.
    pub configured_activation_type: Option<String>,
    /// Name of the Active Directory activation object that activated the product.
    pub ad_activation_object: Option<String>,
    /// Version of the licensing service.
    pub service_version: Option<String>,
    /// URL of the activation service used by host, MAK and retail keys.
    pub use_license_url: Option<String>,
    /// The outcome of an attempt.
    pub activation_result: Option<ActivationResult>,
    /// What `/xpr` says.
    pub xpr: Option<Expiration>,
    /// Code of an error line.
    pub error_code: Option<HexCode>,
    /// Text of an error line.
    pub error_text: Option<String>,
    /// Names of the fields whose value was blanked out or is a placeholder.
    pub redacted: Vec<String>,
}
}

impl License {
    /// True for a KMS client product (`VOLUME_KMSCLIENT` channel, or a GVLK).
    pub fn is_kms_client(&self) -> bool {
        self.channel_is(|c| c.contains("VOLUME_KMSCLIENT")) || self.key_channel_is("GVLK")
    }

    /// True for a KMS host product (`VOLUME_KMS...` channel that is not the client's, a CSVLK, or a host block).
    pub fn is_kms_host(&self) -> bool {
        self.host_enabled
            || self.channel_is(|c| c.contains("VOLUME_KMS") && !c.contains("VOLUME_KMSCLIENT"))
            || self.key_channel_is("CSVLK")
    }

    fn channel_is(&self, test: impl Fn(&str) -> bool) -> bool {
        let of = |text: &Option<String>| text.as_deref().is_some_and(|t| test(&t.to_uppercase()));
        of(&self.channel) || of(&self.description)
    }

    fn key_channel_is(&self, channel: &str) -> bool {
        self.product_key_channel.as_deref().is_some_and(|c| c.to_uppercase().ends_with(channel))
    }

    /// True when no field at all was read.
    pub fn is_empty(&self) -> bool {
        *self == License::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_fields_are_left_out_and_zero_is_not_absent() {
        let license = License { current_count: Some(0), ..License::default() };
        assert_eq!(serde_json::to_string(&license).unwrap(), r#"{"current_count":0}"#);
    }

    #[test]
    fn tells_client_from_host_by_the_channel() {
        let client = License { channel: Some("VOLUME_KMSCLIENT".into()), ..License::default() };
        let host = License { channel: Some("VOLUME_KMS_WS22".into()), ..License::default() };
        assert!(client.is_kms_client() && !client.is_kms_host());
        assert!(host.is_kms_host() && !host.is_kms_client());
    }
}
