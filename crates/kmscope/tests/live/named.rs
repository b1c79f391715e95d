//! BIND as it comes from the distribution, on a port of loopback.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

pub use crate::peers::program;

/// A running server that ends with its value.
pub struct Named {
    pub port: u16,
    pub folder: PathBuf,
    process: Child,
}

impl Drop for Named {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The keys of every server here: name, algorithm, secret.
pub const KEYS: [(&str, &str, &str); 2] = [
    ("kms-key", "hmac-sha256", "c29tZSBzZWNyZXQgb2YgdGhlIGxhYiwgbm90IG9mIGFueW9uZQ=="),
    ("big-key", "hmac-sha512", "YW5vdGhlciBzZWNyZXQgb2YgdGhlIGxhYiwgbm90IG9mIGFueW9uZQ=="),
];

pub fn clause((name, algorithm, secret): (&str, &str, &str)) -> String {
    format!("key \"{name}\" {{ algorithm {algorithm}; secret \"{secret}\"; }};\n")
}

/// What stands in a zone file of a server here.
pub const ZONE: &str = "$TTL 300\n@ IN SOA ns1 admin 1 3600 600 86400 300\n@ IN NS ns1\nns1 IN A 127.0.0.1\nkms01 IN A 127.0.0.1\n";

/// A folder of this test alone.
pub fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("kmscope-{name}-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

impl Named {
    /// Starts a server with the zones contoso.com and fabrikam.com, in which the first key may change the KMS record
    /// and the second everything. Nothing where BIND is not installed.
    pub fn start(name: &str) -> Option<Named> {
        let mut zones: String = KEYS.iter().map(|key| clause(*key)).collect();
        let folder = folder(&format!("named-{name}"));
        for domain in ["contoso.com", "fabrikam.com"] {
            let policy = format!("grant kms-key name _vlmcs._tcp.{domain}. SRV; grant big-key zonesub ANY;");
            zones.push_str(&zone(&folder, domain, ZONE, &format!("update-policy {{ {policy} }};")));
        }
        Named::with(folder, "", &zones)
    }

    /// Starts a server with options and zones of its own, its files in a folder that goes with it.
    pub fn with(folder: PathBuf, more_options: &str, zones: &str) -> Option<Named> {
        // A port that is free for UDP and TCP now may be taken a moment later: then the next one is tried.
        (0..10).find_map(|_| Named::at("127.0.0.1", free_port()?, folder.clone(), more_options, zones))
    }

    /// Starts a server at an address of loopback. Nothing where it does not start.
    pub fn at(address: &str, port: u16, folder: PathBuf, more_options: &str, zones: &str) -> Option<Named> {
        let named = program("named")?;
        let options = format!(
            "options {{ directory \"{0}\"; listen-on port {port} {{ {address}; }}; listen-on-v6 {{ none; }}; recursion no; notify no; dnssec-validation no; allow-transfer {{ any; }}; pid-file \"{0}/pid\"; session-keyfile \"{0}/session\"; {more_options} }};\ncontrols {{ }};\n",
            folder.display()
        );
        let file = folder.join("named.conf");
        fs::write(&file, options + zones).expect("a configuration");
        let mut process = Command::new(&named)
            .args(["-g", "-c"])
            .arg(&file)
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("named can be run");
        let log = process.stderr.take().expect("a log");
        let mut lines = BufReader::new(log).lines().map_while(Result::ok);
        let runs = lines.by_ref().any(|line| line.ends_with(" running"));
        if !runs {
            let _ = process.wait();
            return None;
        }
        // The log must go on being read, or the server would wait for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        Some(Named { port, folder, process })
    }

    pub fn argument(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// A key file with this text.
    pub fn file(&self, name: &str, text: &str) -> String {
        let path = self.folder.join(name);
        fs::write(&path, text).expect("a file");
        path.to_string_lossy().into_owned()
    }

    /// The zone as `dig` transfers it, without its serial number.
    pub fn transfer(&self, domain: &str) -> Vec<String> {
        let output = Command::new("dig")
            .args(["@127.0.0.1", "-p", &self.port.to_string(), "axfr", domain, "+noall", "+answer"])
            .output()
            .expect("dig can be run");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut lines: Vec<String> = text
            .lines()
            .filter(|line| !line.contains("\tSOA\t"))
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        lines.sort();
        lines
    }
}

/// A zone's clause, and its file in the folder.
pub fn zone(folder: &Path, domain: &str, text: &str, policy: &str) -> String {
    let file = folder.join(format!("{domain}.zone"));
    fs::write(&file, text).expect("a zone file");
    format!("zone \"{domain}\" {{ type primary; file \"{}\"; {policy} }};\n", file.display())
}

/// A port that is free for UDP and TCP now.
pub fn free_port() -> Option<u16> {
    // A port that is free for TCP may be taken for UDP.
    (0..20).find_map(|_| {
        let listener = TcpListener::bind("127.0.0.1:0").ok()?;
        let port = listener.local_addr().ok()?.port();
        UdpSocket::bind(("127.0.0.1", port)).ok()?;
        Some(port)
    })
}
