//! What this machine is set to: on Windows the output of its own commands, elsewhere the resolver's files.
//!
//! Everything comes back as bytes that the readers read, so tests replace the commands by recorded output on any
//! system. Only commands that change nothing are run.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::net::IpAddr;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// A command of Windows, and the prompt line by which the readers know its output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalCommand {
    /// Program.
    pub program: &'static str,
    /// Its arguments.
    pub arguments: &'static [&'static str],
    /// As an admin would type it.
    pub typed: &'static str,
}

const LICENSING_KEY: &str = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform";
const POLICY_KEY: &str =
    r"HKLM\SOFTWARE\Policies\Microsoft\Windows NT\CurrentVersion\Software Protection Platform";
const EVENTS: &str =
    "/q:*[System[(EventID=12288 or EventID=12289 or EventID=8198 or EventID=12290 or EventID=12293)]]";

/// What tells most about a client, the quickest first.
pub const WINDOWS_COMMANDS: &[LocalCommand] = &[
    LocalCommand { program: "hostname", arguments: &[], typed: "hostname" },
    LocalCommand { program: "ipconfig", arguments: &["/all"], typed: "ipconfig /all" },
    LocalCommand {
        program: "reg",
        arguments: &["query", LICENSING_KEY],
        typed: r#"reg query "HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform""#,
    },
    LocalCommand {
        program: "reg",
        arguments: &["query", POLICY_KEY],
        typed: r#"reg query "HKLM\SOFTWARE\Policies\Microsoft\Windows NT\CurrentVersion\Software Protection Platform""#,
    },
    LocalCommand { program: "w32tm", arguments: &["/query", "/status"], typed: "w32tm /query /status" },
    LocalCommand {
        program: "wevtutil",
        arguments: &["qe", "Application", EVENTS, "/f:xml", "/rd:true", "/c:50"],
        typed: "wevtutil qe Application /f:xml",
    },
    LocalCommand {
        program: "cscript",
        arguments: &["//nologo", r"C:\Windows\System32\slmgr.vbs", "/dlv"],
        typed: r"cscript //nologo %windir%\system32\slmgr.vbs /dlv",
    },
];

/// Runs commands, or returns what was recorded of them.
pub trait Runner: Sync {
    /// The standard output, whatever the exit code: errors are evidence, too.
    fn run(&self, command: &LocalCommand) -> io::Result<Vec<u8>>;
}

/// Runs the commands of this machine.
#[derive(Debug)]
pub struct System {
    /// How long one may take; then it is ended. A hung licensing service must not hold everything up.
    pub patience: Duration,
}

/// Output of a command that is kept; none of them prints as much.
const OUTPUT_BYTES_MAX: u64 = 64 << 20;

impl Runner for System {
    fn run(&self, command: &LocalCommand) -> io::Result<Vec<u8>> {
        let windows = std::env::var("SystemRoot").unwrap_or_else(|_| r"C:\Windows".to_owned());
        let arguments = command.arguments.iter().map(|argument| argument.replace(r"C:\Windows", &windows));
        let mut process = Command::new(command.program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let (done, told) = mpsc::channel();
        // Both are read at once, or a command that fills the other one would wait for ever.
        let complaints = process.stderr.take().map(|pipe| std::thread::spawn(move || read_all(pipe)));
        if let Some(pipe) = process.stdout.take() {
            std::thread::spawn(move || done.send(read_all(pipe)));
        }
        let output = told.recv_timeout(self.patience);
        if output.is_err() {
            // What the command itself started may hold the pipes open; nobody waits for them.
            let _ = process.kill();
            let _ = process.wait();
            let words = format!("it did not end within {} s", self.patience.as_secs());
            return Err(io::Error::new(io::ErrorKind::TimedOut, words));
        }
        process.wait()?;
        let output = output.unwrap_or_default();
        if output.is_empty()
            && let Some(complaints) = complaints
        {
            return Ok(complaints.join().unwrap_or_default());
        }
        Ok(output)
    }
}

fn read_all(pipe: impl Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    // What came before a fault is evidence, too.
    let _ = pipe.take(OUTPUT_BYTES_MAX).read_to_end(&mut bytes);
    bytes
}

/// Runs all commands at once; each output under the line that an admin would have typed. What could not be run is
/// told with the system's words.
pub fn run_all(runner: &dyn Runner) -> Vec<(LocalCommand, io::Result<Vec<u8>>)> {
    std::thread::scope(|scope| {
        let running: Vec<_> = WINDOWS_COMMANDS
            .iter()
            .map(|command| (*command, scope.spawn(move || runner.run(command))))
            .collect();
        let ended = |thread: std::thread::ScopedJoinHandle<'_, io::Result<Vec<u8>>>| {
            thread.join().unwrap_or_else(|_| Err(io::Error::other("the command's thread ended")))
        };
        running.into_iter().map(|(command, thread)| (command, ended(thread))).collect()
    })
}

/// An output as it would stand in a console: the prompt with the command, then what it printed.
pub fn as_console(command: &LocalCommand, output: &[u8]) -> Vec<u8> {
    // The prompt is ASCII; UTF-16 output keeps its own encoding behind it, as each stretch is decoded by itself.
    [format!("C:\\>{}\r\n", command.typed).as_bytes(), output].concat()
}

/// The resolver's configuration on systems other than Windows.
pub const RESOLVER_FILE: &str = "/etc/resolv.conf";

/// This machine's hosts file.
pub fn hosts_file() -> PathBuf {
    if cfg!(windows) {
        let windows = std::env::var("SystemRoot").unwrap_or_else(|_| r"C:\Windows".to_owned());
        return PathBuf::from(windows).join(r"System32\drivers\etc\hosts");
    }
    PathBuf::from("/etc/hosts")
}

/// Most names of a hosts file that are kept; block lists have a hundred thousand.
const HOSTS_MAX: usize = 1_000_000;

/// Names, in lower case, with the addresses that a hosts file gives them.
pub fn read_hosts(text: &str) -> BTreeMap<String, Vec<IpAddr>> {
    let mut hosts: BTreeMap<String, Vec<IpAddr>> = BTreeMap::new();
    for line in text.lines() {
        let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
        let Some(address) = words.next().and_then(|word| word.parse::<IpAddr>().ok()) else { continue };
        for name in words {
            if hosts.len() >= HOSTS_MAX {
                return hosts;
            }
            let addresses = hosts.entry(name.trim_end_matches('.').to_lowercase()).or_default();
            if !addresses.contains(&address) {
                addresses.push(address);
            }
        }
    }
    hosts
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Recorded;

    impl Runner for Recorded {
        fn run(&self, command: &LocalCommand) -> io::Result<Vec<u8>> {
            match command.program {
                "hostname" => Ok(b"PC-1\r\n".to_vec()),
                _ => Err(io::Error::from(io::ErrorKind::NotFound)),
            }
        }
    }

    #[test]
    fn every_command_is_run_and_none_changes_anything() {
        let outputs = run_all(&Recorded);
        assert_eq!(outputs.len(), WINDOWS_COMMANDS.len());
        assert_eq!(outputs.iter().filter(|(_, output)| output.is_ok()).count(), 1);
        assert_eq!(as_console(&outputs[0].0, outputs[0].1.as_ref().unwrap()), b"C:\\>hostname\r\nPC-1\r\n");
        for command in WINDOWS_COMMANDS {
            for word in
                ["/ato", "/skms", "/ckms", "/ipk", "/rearm", "add", "delete", "import", "/config", "cl"]
            {
                assert!(!command.arguments.contains(&word), "{command:?}");
            }
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_command_that_hangs_is_ended() {
        let run = |script: &'static [&'static str]| {
            let command = LocalCommand { program: "sh", arguments: script, typed: "sh" };
            System { patience: Duration::from_millis(300) }.run(&command)
        };
        assert_eq!(run(&["-c", "echo told; echo complaint >&2"]).unwrap(), b"told\n");
        assert_eq!(run(&["-c", "echo complaint >&2; exit 3"]).unwrap(), b"complaint\n");
        assert_eq!(run(&["-c", "sleep 600"]).unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert_eq!(run(&["-c", "echo told; sleep 600"]).unwrap_err().kind(), io::ErrorKind::TimedOut);
    }

    #[test]
    fn reads_hosts_files() {
        let hosts = read_hosts(
            "# comment\n127.0.0.1 localhost\n10.0.0.4\tKMS01 kms01.contoso.com. # lab\nbad line\n10.0.0.5 kms01\n",
        );
        assert_eq!(hosts["kms01"].len(), 2);
        assert_eq!(hosts["kms01.contoso.com"], ["10.0.0.4".parse::<IpAddr>().unwrap()]);
        assert_eq!(hosts.len(), 3);
    }
}
