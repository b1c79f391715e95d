//! Filtered, rejected and missing paths, in a network namespace of the test's own. Needs root on Linux.

use std::process::{Command, Output};

use crate::json;
use crate::named::program;

/// A namespace that ends with its value.
pub struct Namespace(pub String);

impl Drop for Namespace {
    fn drop(&mut self) {
        let _ = Command::new("ip").args(["netns", "del", &self.0]).output();
    }
}

impl Namespace {
    /// A namespace with loopback up, or nothing where none can be made.
    pub fn new(name: &str) -> Option<Namespace> {
        program("ip")?;
        let namespace = Namespace(format!("kmscope-{name}-{}", std::process::id()));
        let made = Command::new("ip").args(["netns", "add", &namespace.0]).output();
        if !made.is_ok_and(|output| output.status.success()) {
            eprintln!("skipped: no network namespace can be made here");
            return None;
        }
        namespace.run("ip", &["link", "set", "lo", "up"]).status.success().then_some(namespace)
    }

    pub fn run(&self, program: &str, arguments: &[&str]) -> Output {
        let output = Command::new("ip")
            .args(["netns", "exec", &self.0, program])
            .args(arguments)
            .output()
            .expect("ip can be run");
        assert!(
            output.status.code().is_some_and(|code| code < 2 || program.contains("kmscope")),
            "{program}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        output
    }

    /// What becomes of a connection.
    pub fn outcome(&self, target: &str) -> String {
        let kmscope = env!("CARGO_BIN_EXE_kmscope");
        let told = json(&self.run(kmscope, &["probe", target, "--timeout", "0.5", "--format", "json"]));
        let connection = &told["targets"][0]["addresses"][0]["connections"][0];
        connection["outcome"].as_str().unwrap_or_default().to_owned()
    }
}

/// Every second connection is lost: some of ten come through, and the loss is told.
#[test]
fn a_lossy_path_is_told_by_its_loss() {
    let (Some(_), Some(namespace)) = (program("nft"), Namespace::new("loss")) else { return };
    namespace.run("nft", &["add table inet filter"]);
    namespace.run("nft", &["add chain inet filter input { type filter hook input priority 0; }"]);
    // Packets of a connection's start alone; the port is closed, and its refusal comes back where the packet arrived.
    let lost = "add rule inet filter input tcp dport 1688 tcp flags syn numgen inc mod 2 0 drop";
    namespace.run("nft", &[lost]);
    let kmscope = env!("CARGO_BIN_EXE_kmscope");
    let options = ["probe", "127.0.0.1", "--count", "4", "--timeout", "0.3", "--format", "json"];
    let told = json(&namespace.run(kmscope, &options));
    let connections = told["targets"][0]["addresses"][0]["connections"].as_array().expect("connections");
    let count = |outcome: &str| connections.iter().filter(|one| one["outcome"] == outcome).count();
    assert_eq!((count("refused"), count("filtered")), (2, 2), "{told:#}");
}

/// A link of 16 kbit/s: everything takes its time, nothing is taken for dead.
#[test]
fn a_slow_path_is_slow_and_not_dead() {
    let (Some(_), Some(namespace)) = (program("tc"), Namespace::new("slow")) else { return };
    let shaped =
        ["qdisc", "add", "dev", "lo", "root", "tbf", "rate", "16kbit", "burst", "600", "latency", "10s"];
    // Packets above the bucket's size would never pass.
    namespace.run("ip", &["link", "set", "lo", "mtu", "576"]);
    let made = Command::new("ip").args(["netns", "exec", &namespace.0, "tc"]).args(shaped).output();
    if !made.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: this kernel shapes no traffic (tbf)");
        return;
    }
    let python = "import socket\ns=socket.create_server(('127.0.0.1',1688))\nprint('listens',flush=True)\n\
                  c,_=s.accept()\nc.recv(4096)\nc.sendall(b'HTTP/1.1 400 Bad Request\\r\\n'+b'X: y\\r\\n'*60)\ninput()";
    let mut server = Command::new("ip")
        .args(["netns", "exec", &namespace.0, "python3", "-c", python])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("Python can be run");
    let mut line = String::new();
    std::io::BufRead::read_line(
        &mut std::io::BufReader::new(server.stdout.take().expect("its output")),
        &mut line,
    )
    .expect("it tells when it listens");
    let kmscope = env!("CARGO_BIN_EXE_kmscope");
    let told = json(&namespace.run(kmscope, &["probe", "127.0.0.1", "--timeout", "20", "--format", "json"]));
    let _ = server.kill();
    let _ = server.wait();
    let connection = &told["targets"][0]["addresses"][0]["connections"][0];
    assert_eq!(connection["outcome"], "other-protocol", "{told:#}");
    assert!(connection["answer_ms"].as_f64().is_some_and(|time| time > 50.0), "{told:#}");
}

#[test]
fn no_route_is_no_filter() {
    let Some(namespace) = Namespace::new("route") else { return };
    assert_eq!(namespace.outcome("192.0.2.1"), "no-route");
    assert_eq!(namespace.outcome("[2001:db8::1]:1688"), "no-route");
    assert_eq!(namespace.outcome("127.0.0.1"), "refused");
    assert_eq!(namespace.outcome("[::1]:1688"), "refused");
}

#[test]
fn firewalls_are_told_by_what_they_send_back() {
    let (Some(_), Some(namespace)) = (program("nft"), Namespace::new("nft")) else { return };
    for (port, verdict) in [
        ("1688", "drop"),
        ("1689", "reject with tcp reset"),
        ("1690", "reject with icmp type host-prohibited"),
        ("1691", "reject with icmp type net-unreachable"),
    ] {
        let rule = format!("add rule inet filter input tcp dport {port} {verdict}");
        if port == "1688" {
            namespace.run("nft", &["add table inet filter"]);
            namespace.run("nft", &["add chain inet filter input { type filter hook input priority 0; }"]);
        }
        namespace.run("nft", &[&rule]);
    }
    assert_eq!(namespace.outcome("127.0.0.1:1688"), "filtered");
    assert_eq!(namespace.outcome("127.0.0.1:1689"), "refused");
    assert_eq!(namespace.outcome("127.0.0.1:1690"), "no-route");
    assert_eq!(namespace.outcome("127.0.0.1:1691"), "no-route");
}
