//! Hosts and clients of kmscope's own, seen by `probe`, `check` and `diagnose` as an admin would look at them.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;

use serde_json::Value;

use crate::fake_dns::{Entry, FakeDns};
use crate::fake_host::{Manner, start};
use crate::{json, text};

const PRODUCT: &str = "Contoso CAD";
const LOOPBACK: Entry = Entry::A([127, 0, 0, 1]);

/// A publisher with one product that needs two machines, and a host of its own; gone with the test.
struct Site {
    folder: PathBuf,
    host: Child,
    address: String,
    log: Option<thread::JoinHandle<String>>,
}

impl Site {
    fn new(name: &str) -> Site {
        let folder = std::env::temp_dir().join(format!("kmscope-own-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        done(&folder, &["publisher", "init", "--dir", "pub", "--name", "Contoso"]);
        done(&folder, &["publisher", "product", "--dir", "pub", "--name", PRODUCT, "--n-policy", "2"]);
        done(&folder, &["publisher", "issue-host", "--dir", "pub", "--out", "host.toml"]);
        let mut host = command(&folder, &["host", "run", "--data", "h", "--licence", "host.toml"])
            .args(["--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the host runs");
        let mut address = String::new();
        BufReader::new(host.stdout.take().expect("its output")).read_line(&mut address).unwrap();
        let errors = host.stderr.take().expect("its log");
        let log = thread::spawn(move || std::io::read_to_string(errors).unwrap_or_default());
        Site { folder, host, address: address.trim().to_owned(), log: Some(log) }
    }

    fn port(&self) -> u16 {
        self.address.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port")
    }

    /// A client with a product of the publisher, set to a host.
    fn client(&self, name: &str, product: &str, host: &str) {
        let key =
            text(&done(&self.folder, &["publisher", "setup-key", "--dir", "pub", "--product", product]));
        done(&self.folder, &["slmgr", "--data", name, "/ipk", key.trim()]);
        done(&self.folder, &["slmgr", "--data", name, "/skms", host]);
    }

    fn run(&self, arguments: &[&str]) -> Output {
        command(&self.folder, arguments).output().expect("kmscope runs")
    }

    /// Keeps what a command prints.
    fn keep(&self, file: &str, arguments: &[&str]) {
        std::fs::write(self.folder.join(file), self.run(arguments).stdout).unwrap();
    }

    /// Exit code, cause and rule of what is diagnosed.
    fn diagnose(&self, paths: &[&str]) -> (Option<i32>, String, String) {
        judged(&self.run(&[&["diagnose", "--format", "json"], paths].concat()))
    }

    fn check(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        judged(&self.run(&[&["check", "--format", "json", "--timeout", "2"], arguments].concat()))
    }

    /// Ends the host; what it logged.
    fn stop(&mut self) -> String {
        let _ = self.host.kill();
        let _ = self.host.wait();
        self.log.take().and_then(|log| log.join().ok()).unwrap_or_default()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.stop();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kmscope"));
    command.current_dir(folder).args(arguments);
    command.env("KMSCOPE_PASSPHRASE", "correct horse").env("LANG", "C.UTF-8").env("NO_COLOR", "1");
    command
}

fn done(folder: &Path, arguments: &[&str]) -> Output {
    let output = command(folder, arguments).output().expect("kmscope runs");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

fn judged(output: &Output) -> (Option<i32>, String, String) {
    let report = json(output);
    let of = |name: &str| report["root_cause"][name].as_str().unwrap_or_default().to_owned();
    let verdict = report["verdict"].as_str().unwrap_or_default().to_owned();
    let cause = if report["root_cause"] == Value::Null { verdict } else { of("cause") };
    (output.status.code(), cause, of("rule"))
}

fn fault(cause: &str, rule: &str) -> (Option<i32>, String, String) {
    (Some(1), cause.to_owned(), rule.to_owned())
}

fn clear() -> (Option<i32>, String, String) {
    (Some(0), "clear".to_owned(), String::new())
}

#[test]
fn a_probe_is_no_windows_client_and_a_windows_client_is_told_in_the_log() {
    let mut site = Site::new("probe");
    let output = site.run(&["probe", &site.address, "--format", "json"]);
    let told = json(&output);
    let address = &told["targets"][0]["addresses"][0];
    assert_eq!(output.status.code(), Some(0));
    assert_eq!((address["kms"].as_bool(), address["kmscope_host"].as_bool()), (Some(false), Some(true)));
    // What Windows sends.
    let bind = rpc::probe::kms_bind(1).write().unwrap();
    let mut stream = std::net::TcpStream::connect(&site.address).unwrap();
    std::io::Write::write_all(&mut stream, &bind).unwrap();
    let mut answer = [0; 16];
    std::io::Read::read_exact(&mut stream, &mut answer).unwrap();
    let log = site.stop();
    assert_eq!(log.matches("windows-client").count(), 1, "{log}");
    std::fs::write(site.folder.join("host.log"), &log).unwrap();
    assert_eq!(site.diagnose(&["host.log"]), fault("rogue-or-dead-kms-host-in-dns", "K903"));
}

#[test]
fn a_record_is_judged_for_the_clients_that_follow_it() {
    let site = Site::new("record");
    let genuine = start(Manner::Kms).port();
    let dns = FakeDns::start(vec![
        ("_vlmcs._tcp.contoso.com", Entry::Srv(site.port(), "lic01.contoso.com")),
        ("_vlmcs._tcp.fabrikam.com", Entry::Srv(genuine, "kms01.contoso.com")),
        ("lic01.contoso.com", LOOPBACK),
        ("kms01.contoso.com", LOOPBACK),
    ]);
    let server = dns.argument();
    let of = |domain: &str, own: bool| {
        let options = ["--client-suffix", domain, "--nameserver", &server];
        site.check(&if own { [&options[..], &["--own"]].concat() } else { options.to_vec() })
    };
    assert_eq!(of("contoso.com", true), clear());
    assert_eq!(of("fabrikam.com", false), clear());
    assert_eq!(of("contoso.com", false), fault("rogue-or-dead-kms-host-in-dns", "K903"));
    assert_eq!(of("fabrikam.com", true), fault("rogue-or-dead-kms-host-in-dns", "K903"));
}

#[test]
fn a_client_is_judged_by_its_own_folder() {
    let site = Site::new("folder");
    site.client("c1", PRODUCT, &site.address);
    site.run(&["slmgr", "--data", "c1", "/ato"]);
    let low = fault("count-too-low", "K404");
    assert_eq!(site.check(&["--client-data", "c1"]), low);
    assert_eq!(site.diagnose(&["c1/events.log"]), low);
    site.keep("c1.json", &["client", "status", "--data", "c1", "--format", "json"]);
    assert_eq!(site.diagnose(&["c1.json"]), low);
    site.keep("h.json", &["host", "status", "--data", "h", "--format", "json"]);
    assert_eq!(site.diagnose(&["h.json", "c1"]), low);
    // The second machine makes the count.
    site.client("c2", PRODUCT, &site.address);
    site.run(&["slmgr", "--data", "c2", "/ato"]);
    assert_eq!(site.check(&["--client-data", "c2"]), clear());
    site.keep("h.json", &["host", "status", "--data", "h", "--format", "json"]);
    assert_eq!(site.diagnose(&["h.json"]), clear());
    // A genuine host in its place.
    let genuine = start(Manner::Kms).to_string();
    site.run(&["slmgr", "--data", "c1", "/skms", &genuine]);
    assert_eq!(site.check(&["--client-data", "c1"]), fault("stale-registered-kms-name", "K903"));
}

#[test]
fn what_the_publisher_did_not_license_is_named_at_the_client_and_at_the_host() {
    let mut site = Site::new("licence");
    done(&site.folder, &["publisher", "product", "--dir", "pub", "--name", "Contoso PLM", "--n-policy", "1"]);
    site.client("c1", "Contoso PLM", &site.address);
    site.run(&["slmgr", "--data", "c1", "/ato"]);
    let lacking = fault("host-key-too-old", "K902");
    assert_eq!(site.check(&["--client-data", "c1"]), lacking);
    site.keep("host-events.txt", &["host", "events", "--data", "h"]);
    assert_eq!(site.diagnose(&["host-events.txt"]), lacking);
    // The publisher takes the licence back.
    done(&site.folder, &["publisher", "revoke-host", "--dir", "pub", "--serial", "1", "--out", "revoked"]);
    done(&site.folder, &["host", "revocations", "--data", "h", "revoked"]);
    let over = fault("host-not-activated", "K901");
    site.keep("h.json", &["host", "status", "--data", "h", "--format", "json"]);
    assert_eq!(site.diagnose(&["h.json"]), over);
    site.keep("dlv.txt", &["slmgr", "--data", "h", "/dlv"]);
    assert_eq!(site.diagnose(&["dlv.txt"]), over);
    site.client("c2", PRODUCT, &site.address);
    site.run(&["slmgr", "--data", "c2", "/ato"]);
    assert_eq!(site.check(&["--client-data", "c2"]), over);
    let told = site.stop();
    assert!(told.contains("started"), "{told}");
    site.keep("stopped.json", &["host", "status", "--data", "h", "--format", "json"]);
    assert_eq!(site.diagnose(&["stopped.json"]), fault("host-service-stopped", "K905"));
}
