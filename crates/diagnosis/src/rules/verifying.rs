//! Commands that show that a remedy worked.

/// Activates, and shows the state.
pub fn activation() -> Vec<String> {
    [
        "cscript //nologo %windir%\\system32\\slmgr.vbs /ato",
        "cscript //nologo %windir%\\system32\\slmgr.vbs /dli",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// Activates a client of our own, and shows the state.
pub fn own_activation() -> Vec<String> {
    ["kmscope slmgr --data <client-folder> /ato", "kmscope client status --data <client-folder>"]
        .map(str::to_owned)
        .to_vec()
}

/// Shows a host of our own.
pub const OWN_HOST: [&str; 1] = ["kmscope host status --data <host-folder>"];

/// Looks the SRV record up as a client does.
pub fn record(domain: &str) -> Vec<String> {
    vec![format!("nslookup -type=srv _vlmcs._tcp.{domain}")]
}

/// Connects to a host.
pub fn connection(host: &str, port: u16) -> Vec<String> {
    vec![format!("Test-NetConnection {host} -Port {port}")]
}
