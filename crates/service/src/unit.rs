//! The systemd units of both services: an account of their own, their folder, and nothing else.
//!
//! Directives: systemd.service(5), systemd.exec(5).

use std::path::Path;

/// Why no unit can be written.
#[derive(Debug, thiserror::Error)]
pub enum UnitError {
    /// systemd would read it as something else.
    #[error("{0:?} can't stand in a unit file")]
    Word(String),
}

/// The account of both services. A dynamic one would not do: applications read the client's state, and the host reads
/// a licence that nobody else may read.
pub const ACCOUNT: &str = "kmscope";

/// What systemd-sysusers makes the account from (sysusers.d(5)).
pub fn sysusers() -> String {
    format!("u {ACCOUNT} - \"kmscope services\" /var/lib/kmscope\n")
}

/// The text of a unit. `role` is `host` or `client`; `options` go behind `run`.
pub fn systemd(
    role: &str,
    description: &str,
    program: &Path,
    options: &[String],
) -> Result<String, UnitError> {
    let mut command = word(&program.to_string_lossy())?;
    let data = format!("/var/lib/kmscope/{role}");
    for part in [role, "run", "--data", &data] {
        command = format!("{command} {part}");
    }
    for option in options {
        command = format!("{command} {}", word(option)?);
    }
    // Not by a signal: what is wrong with a licence or a file of options, `systemctl reload` is told so.
    let reload = match role {
        "host" => format!("ExecReload={} host reload --data {data}\n", word(&program.to_string_lossy())?),
        _ => String::new(),
    };
    Ok(format!(
        "[Unit]
Description={description}
Wants=network-online.target
After=network-online.target

[Service]
ExecStart={command}
{reload}Restart=on-failure
RestartSec=5
User={ACCOUNT}
Group={ACCOUNT}
StateDirectory=kmscope/{role}
StateDirectoryMode=0755
UMask=0027
LimitNOFILE=65536
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
ProtectClock=yes
PrivateTmp=yes
PrivateDevices=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
CapabilityBoundingSet=

[Install]
WantedBy=multi-user.target
"
    ))
}

/// A word of a command line as systemd reads it (systemd.service(5), "Command lines").
fn word(text: &str) -> Result<String, UnitError> {
    if text.chars().any(char::is_control) {
        return Err(UnitError::Word(text.to_owned()));
    }
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%").replace('$', "$$");
    let is_plain = !escaped.is_empty() && !escaped.contains([' ', '\'', '"', ';', '\\']);
    Ok(if is_plain { escaped } else { format!("\"{escaped}\"") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_stay_words() {
        let options = ["--licence".to_owned(), "/etc/my host.toml".to_owned(), "50%;$X".to_owned()];
        let unit = systemd("host", "d", Path::new("/usr/bin/kmscope"), &options).expect("a unit");
        let line = unit.lines().find(|line| line.starts_with("ExecStart=")).expect("a command");
        assert_eq!(
            line,
            "ExecStart=/usr/bin/kmscope host run --data /var/lib/kmscope/host --licence \"/etc/my host.toml\" \
             \"50%%;$$X\""
        );
        assert!(
            unit.contains("\nExecReload=/usr/bin/kmscope host reload --data /var/lib/kmscope/host\n"),
            "{unit}"
        );
        assert!(systemd("host", "d", Path::new("/x"), &["a\nUser=root".to_owned()]).is_err());
    }
}
