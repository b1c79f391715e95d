//! What the services ask the operating system about the machine; the only place with code for one system.

use std::fs;

/// Folder of a host that was told of no other.
#[cfg(not(windows))]
pub const HOST_FOLDER: &str = "/var/lib/kmscope/host";
/// Folder of a client that was told of no other.
#[cfg(not(windows))]
pub const CLIENT_FOLDER: &str = "/var/lib/kmscope/client";
/// Below `%ProgramData%`, where Windows puts that by itself.
#[cfg(windows)]
pub const HOST_FOLDER: &str = r"C:\ProgramData\kmscope\host";
/// The same for a client.
#[cfg(windows)]
pub const CLIENT_FOLDER: &str = r"C:\ProgramData\kmscope\client";

/// The machine's name, full where the system knows it so.
pub fn name() -> String {
    system_name().filter(|name| !name.is_empty()).unwrap_or_else(|| "localhost".to_owned())
}

#[cfg(unix)]
fn system_name() -> Option<String> {
    Some(rustix::system::uname().nodename().to_string_lossy().into_owned())
}

#[cfg(not(unix))]
fn system_name() -> Option<String> {
    let name = std::env::var("COMPUTERNAME").ok()?;
    match std::env::var("USERDNSDOMAIN") {
        Ok(domain) if !domain.is_empty() => Some(format!("{name}.{domain}")),
        _ => Some(name),
    }
}

/// 1 in a virtual machine, as far as the processor says so; else 0.
pub fn vm_info() -> u32 {
    // Only Linux has this file; elsewhere the field stays 0, which means unknown as much as no.
    let flags = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let is_virtual =
        |line: &str| line.starts_with("flags") && line.split_whitespace().any(|flag| flag == "hypervisor");
    u32::from(flags.lines().any(is_virtual))
}

/// Files that are needed beside those of connections.
#[cfg(unix)]
const OTHER_FILES: u64 = 256;

/// Asks for as many open files as connections may need; gives how many connections the system allows.
#[cfg(unix)]
pub fn raise_file_limit(connections: usize) -> usize {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    let wanted = connections as u64 + OTHER_FILES;
    if limit.current.is_some_and(|current| current < wanted) {
        limit.current = Some(limit.maximum.map_or(wanted, |maximum| maximum.min(wanted)));
        // What it really is now is asked below.
        let _ = setrlimit(Resource::Nofile, limit);
    }
    let files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    let allowed = files - OTHER_FILES.min(files / 4);
    connections.min(usize::try_from(allowed).unwrap_or(usize::MAX))
}

/// `/cpri`: leaves the processor to others first, from the next start on.
#[cfg(unix)]
pub fn lower_priority() {
    // A little lower is always allowed; should it fail, the host is only not as modest as it was asked to be.
    let _ = rustix::process::nice(LOW_PRIORITY_STEP);
}

/// How much nicer a host of low priority is, of the 19 steps that there are.
#[cfg(unix)]
const LOW_PRIORITY_STEP: i32 = 10;

/// Elsewhere the service manager sets it.
#[cfg(not(unix))]
pub fn lower_priority() {}

/// Windows has no such limit.
#[cfg(not(unix))]
pub fn raise_file_limit(connections: usize) -> usize {
    connections
}

/// True for the account that may do everything.
#[cfg(unix)]
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Not asked elsewhere.
#[cfg(not(unix))]
pub fn is_root() -> bool {
    false
}
