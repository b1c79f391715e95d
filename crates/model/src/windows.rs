//! Registry values, services, listening ports, firewall rules, clock tests, and further facts of a Windows machine.

use crate::absent::fact_struct;
use crate::{HexCode, Timestamp};

fact_struct! {
/// One registry value.
pub struct RegistryValue {
    /// Key path with its hive, as printed.
    pub key: Option<String>,
    /// Value name; `(Default)` for the unnamed one.
    pub name: Option<String>,
    /// Type, as in `REG_SZ`.
    pub r#type: Option<String>,
    /// Data as text: numbers in decimal, the lines of a REG_MULTI_SZ joined by line feeds.
    pub data: Option<String>,
    /// True: the query said that the key or value does not exist (or the export deletes it).
    pub missing: bool,
    /// Names of the fields whose value was blanked out or is a placeholder.
    pub redacted: Vec<String>,
}
}

fact_struct! {
/// One service (`sc query`, `sc qc`, `Get-Service`, CIM).
pub struct ServiceState {
    /// Short name, as in `sppsvc`.
    pub name: Option<String>,
    /// Display name.
    pub display_name: Option<String>,
    /// `RUNNING`, `STOPPED`, `START_PENDING`, ...
    pub state: Option<String>,
    /// `AUTO_START`, `DEMAND_START`, `DISABLED`, ...
    pub start_type: Option<String>,
    /// Exit code, when not 0.
    pub exit_code: Option<u32>,
    /// The machine, where the output names it.
    pub computer: Option<String>,
}
}

impl ServiceState {
    /// The name of kmscope's own host among services; its state can be `FAILED`, too, with the reason as display name.
    pub const KMSCOPE_HOST: &'static str = "kmscope-host";
}

fact_struct! {
/// One line of netstat, or of Get-NetTCPConnection.
pub struct Socket {
    /// `TCP`, `UDP`.
    pub protocol: Option<String>,
    /// Local address.
    pub local_address: Option<String>,
    /// Local port.
    pub local_port: Option<u16>,
    /// Remote address.
    pub remote_address: Option<String>,
    /// Remote port.
    pub remote_port: Option<u16>,
    /// `LISTENING`, `SYN_SENT`, `ESTABLISHED`, ... in English.
    pub state: Option<String>,
    /// Owning process.
    pub pid: Option<u32>,
    /// Program, where printed.
    pub program: Option<String>,
}
}

fact_struct! {
/// One firewall rule (`netsh advfirewall`, `Get-NetFirewallRule`).
pub struct FirewallRule {
    /// Rule name.
    pub name: Option<String>,
    /// Display name.
    pub display_name: Option<String>,
    /// Enabled.
    pub enabled: Option<bool>,
    /// `Inbound` or `Outbound`.
    pub direction: Option<String>,
    /// `Allow` or `Block`.
    pub action: Option<String>,
    /// `TCP`, `UDP`, `Any`; for an appliance also `Https` and the like.
    pub protocol: Option<String>,
    /// Local port text.
    pub local_port: Option<String>,
    /// Remote port text.
    pub remote_port: Option<String>,
    /// Remote address text.
    pub remote_address: Option<String>,
    /// Profiles.
    pub profile: Option<String>,
    /// `network`, `application` or `nat`: the kind of rule on Azure Firewall and other appliances.
    pub rule_type: Option<String>,
    /// Names or addresses that the rule of an appliance is about.
    pub destinations: Vec<String>,
}
}

fact_struct! {
/// w32tm: status, or a comparison with another clock.
pub struct TimeCheck {
    /// Seconds that the other clock is ahead of the own one (negative: behind).
    pub offset_seconds: Option<f64>,
    /// Source of the own clock, or the server compared with.
    pub source_server: Option<String>,
    /// Stratum.
    pub stratum: Option<u32>,
    /// Last successful synchronisation, as printed.
    pub last_sync: Option<String>,
    /// Error code of a failing comparison.
    pub error_code: Option<HexCode>,
    /// The Windows Time service is not running.
    pub service_stopped: bool,
    /// Configured type: `NTP`, `NT5DS`, `NoSync`, `AllSync`.
    pub sync_type: Option<String>,
}
}

fact_struct! {
/// What a machine says about itself: `hostname`, `systeminfo`, `whoami`, `ver`, `date`.
pub struct MachineInfo {
    /// Computer name.
    pub hostname: Option<String>,
    /// Domain or workgroup.
    pub domain: Option<String>,
    /// Domain member: true, workgroup: false.
    pub domain_member: Option<bool>,
    /// Operating system.
    pub os_name: Option<String>,
    /// Version and build.
    pub os_version: Option<String>,
    /// Edition id, as in `ServerStandardEval`.
    pub edition: Option<String>,
    /// The clock of the machine.
    pub clock: Option<Timestamp>,
    /// Installed updates, as in `KB5034765`.
    pub updates: Vec<String>,
    /// Maker and model.
    pub manufacturer: Option<String>,
    /// Runs in a virtual machine or in Azure, as printed.
    pub platform: Option<String>,
    /// The console runs with administrator rights (integrity level high or system).
    pub elevated: Option<bool>,
}
}

fact_struct! {
/// A command that failed for a reason of its own: "Access is denied", "Run CScript from an elevated prompt".
pub struct CommandFailure {
    /// The command line, where it was seen.
    pub command: Option<String>,
    /// Code, where printed.
    pub error_code: Option<HexCode>,
    /// What it said.
    pub error_text: Option<String>,
    /// The failure is one of rights.
    pub access_denied: bool,
}
}
