//! Commands that collect what a rule misses; the same evidence is asked for with the same words everywhere.

use crate::finding::{Missing, Verdict};
use crate::message::{Args, Message};

/// The look-up that a client makes.
pub const SRV_LOOKUP: &str = "nslookup -type=srv _vlmcs._tcp.<domain>";
/// Resolver configuration.
pub const IPCONFIG: &str = "ipconfig /all";
/// The client's licence.
pub const CLIENT_DLV: &str = "cscript //nologo %windir%\\system32\\slmgr.vbs /dlv";
/// The client's attempts.
pub const CLIENT_EVENTS: &str = "wevtutil qe Application /q:\"*[System[(EventID=12288 or EventID=12289 or EventID=8198)]]\" /f:xml /rd:true /c:50";
/// The host's requests.
pub const HOST_EVENTS: &str = "wevtutil epl \"Key Management Service\" kms-host.evtx";
/// The host's publishing.
pub const HOST_PUBLISHING: &str =
    "wevtutil qe Application /q:\"*[System[(EventID=12291 or EventID=12293 or EventID=12294)]]\" /f:xml";
/// The host's count and key.
pub const HOST_DLV: &str = "cscript //nologo %windir%\\system32\\slmgr.vbs /dlv   (on the KMS host)";
/// Reachability of the host.
pub const CONNECTION: &str = "Test-NetConnection <kms-host> -Port 1688";
/// A fixed host.
pub const FIXED_HOST: &str =
    "reg query \"HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SoftwareProtectionPlatform\"";
/// The clock.
pub const CLOCK: &str = "w32tm /query /status";
/// The service on the host.
pub const SERVICE: &str = "sc query sppsvc   (on the KMS host)";
/// Who listens on the KMS port.
pub const LISTENER: &str = "netstat -abno | findstr :1688   (on the KMS host)";
/// Azure's routes.
pub const ROUTES: &str = "az network nic show-effective-route-table --resource-group <group> --name <nic>";
/// Azure's rules.
pub const NSG: &str = "az network nic list-effective-nsg --resource-group <group> --name <nic>";

/// "It can't be told", with what is missing.
pub fn unknown(rule: &str, collect: &[&str]) -> Verdict {
    Verdict::Unknown(Missing {
        message: Message::with(format!("{rule}-missing"), Args::new()),
        collect: collect.iter().map(|command| (*command).to_owned()).collect(),
    })
}
