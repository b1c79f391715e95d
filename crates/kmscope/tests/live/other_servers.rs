//! DNS servers by others than BIND: NSD as second server of a zone, dnsmasq between the client and the zone's server.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::fake_host::{Manner, start};
use crate::named::{KEYS, Named, ZONE, clause, folder, free_port, program, zone};
use crate::{json, kmscope, text};

/// A server that ends with its value, its files in a folder that goes with it.
struct Server {
    process: Child,
    folder: PathBuf,
    address: String,
    port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Server {
    /// Runs a server and waits until it answers for contoso.com.
    fn run(mut command: Command, folder: PathBuf, address: &str, port: u16) -> Server {
        let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it can be run");
        let mut server = Server { process, folder, address: address.to_owned(), port };
        let deadline = Instant::now() + Duration::from_secs(30);
        while !server.answers() {
            let ended = server.process.try_wait().expect("its state");
            assert!(ended.is_none() && Instant::now() < deadline, "{command:?} does not answer: {ended:?}");
        }
        server
    }

    fn answers(&self) -> bool {
        let at = [format!("@{}", self.address), "-p".to_owned(), self.port.to_string()];
        let output = Command::new("dig")
            .args(at)
            .args(["contoso.com", "SOA", "+short", "+time=1", "+tries=1"])
            .output();
        output.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).starts_with("ns1."))
    }

    fn argument(&self) -> String {
        format!("{}:{}", self.address, self.port)
    }

    /// NSD with one zone, which it hands over to whoever has the first key.
    fn nsd(name: &str, zone: &str) -> Option<Server> {
        let (nsd, port) = (program("nsd")?, free_port()?);
        let folder = folder(name);
        let (key, algorithm, secret) = KEYS[0];
        fs::write(folder.join("contoso.com.zone"), zone).expect("a zone file");
        let settings = format!(
            "server:\n ip-address: 127.0.0.1@{port}\n username: \"\"\n chroot: \"\"\n zonesdir: \"{0}\"\n database: \"\"\n\
             \x20pidfile: \"{0}/pid\"\n xfrdfile: \"{0}/xfrd\"\n zonelistfile: \"{0}/zones\"\n server-count: 1\n\
             remote-control:\n control-enable: no\n\
             key:\n name: {key}\n algorithm: {algorithm}\n secret: \"{secret}\"\n\
             zone:\n name: contoso.com\n zonefile: contoso.com.zone\n provide-xfr: 127.0.0.1 {key}\n",
            folder.display()
        );
        let file = folder.join("nsd.conf");
        fs::write(&file, settings).expect("settings");
        let mut command = Command::new(nsd);
        command.args(["-d", "-c"]).arg(file);
        Some(Server::run(command, folder, "127.0.0.1", port))
    }

    /// dnsmasq that asks another server at the same port.
    fn dnsmasq(port: u16) -> Option<Server> {
        let dnsmasq = program("dnsmasq")?;
        let mut command = Command::new(dnsmasq);
        command.args(["--keep-in-foreground", "--no-resolv", "--no-hosts", "--conf-file=/dev/null"]).args([
            "--bind-interfaces",
            "--listen-address=127.0.0.2",
            "--user=root",
            "--pid-file=",
            &format!("--port={port}"),
            &format!("--server=127.0.0.1#{port}"),
        ]);
        Some(Server::run(command, folder("dnsmasq"), "127.0.0.2", port))
    }
}

#[test]
fn a_second_server_with_an_old_zone_is_noticed() {
    let port = start(Manner::Kms).port();
    let new = format!("{ZONE}_vlmcs._tcp IN SRV 0 0 {port} kms01\n");
    let old = format!("{ZONE}_vlmcs._tcp IN SRV 0 0 1 kms01\n");
    let folder = folder("second");
    let zones = zone(&folder, "contoso.com", &new, "");
    let (Some(first), Some(second)) = (Named::with(folder, "", &zones), Server::nsd("nsd-old", &old)) else {
        return;
    };
    let servers = ["--nameserver", &first.argument(), "--nameserver", &second.argument()].map(str::to_owned);
    let servers: Vec<&str> = servers.iter().map(String::as_str).collect();
    let told = json(&kmscope(&[&["dns", "audit", "contoso.com", "--format", "json"], &servers[..]].concat()));
    assert_eq!(told["zones"][0]["servers_differ"], true, "{told:#}");
    assert_eq!(told["zones"][0]["records"].as_array().map(Vec::len), Some(2));
    let told =
        text(&kmscope(&[&["dns", "discover", "--client-suffix", "contoso.com"], &servers[..]].concat()));
    assert!(told.contains("answer differently"), "{told}");
}

#[test]
fn a_zone_is_handed_over_to_who_has_the_key() {
    let port = start(Manner::Kms).port();
    let records: String = (0..3000).map(|n| format!("pc{n} IN A 192.0.2.1\n")).collect();
    let text = format!(
        "{ZONE}_vlmcs._tcp IN SRV 0 0 {port} kms01\n_vlmcs._tcp.branch IN SRV 0 0 {port} gone\n{records}"
    );
    let Some(server) = Server::nsd("nsd-key", &text) else { return };
    let audit = |more: &[&str]| {
        let nameserver = server.argument();
        let fixed =
            ["dns", "audit", "contoso.com", "--axfr", "--format", "json", "--nameserver", &nameserver];
        json(&kmscope(&[&fixed[..], more].concat()))
    };
    let without = audit(&[]);
    assert_eq!(without["zones"].as_array().map(Vec::len), Some(1));
    assert!(without["zones"][0]["answers"][0]["result"].as_str().unwrap().contains("Refused"), "{without:#}");
    let key = server.folder.join("kms.key");
    fs::write(&key, clause(KEYS[0])).expect("a file");
    let with = audit(&["--tsig", key.to_str().expect("a path")]);
    let zone = |name: &str| {
        let zones = with["zones"].as_array().expect("zones");
        zones.iter().find(|zone| zone["zone"] == name).unwrap_or_else(|| panic!("{name}: {with:#}"))
    };
    assert_eq!(zone("contoso.com")["records"][0]["kms"], true);
    let branch = zone("branch.contoso.com");
    assert_eq!(branch["records"][0]["faults"][0], "unresolvable");
    let removal = branch["removal"][0].as_str().expect("a command");
    assert!(removal.contains("-ZoneName contoso.com -Name _vlmcs._tcp.branch "), "{removal}");
}

#[test]
fn a_forwarder_stands_in_nobodys_way() {
    let host = start(Manner::Kms).port().to_string();
    let Some(server) = Named::start("behind") else { return };
    let Some(forwarder) = Server::dnsmasq(server.port) else { return };
    let key = server.file("kms.key", &clause(KEYS[0]));
    let nameserver = forwarder.argument();
    // The update goes to the zone's primary, though another server was asked for it.
    let record = ["--domain", "contoso.com", "--host", "kms01.contoso.com", "--port", &host, "--tsig", &key];
    let output = kmscope(&[&["dns", "publish", "--nameserver", &nameserver], &record[..]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert!(server.transfer("contoso.com").iter().any(|line| line.contains("SRV")));
    let output = kmscope(&[
        "check",
        "--client-suffix",
        "contoso.com",
        "--nameserver",
        &nameserver,
        "--format",
        "json",
    ]);
    assert_eq!(json(&output)["verdict"], "clear");
}

#[test]
fn a_server_that_takes_no_updates_says_so() {
    let Some(server) = Server::nsd("nsd-update", ZONE) else { return };
    let record = ["--domain", "contoso.com", "--host", "kms01.contoso.com"];
    let output = kmscope(&[&["dns", "publish", "--nameserver", &server.argument()], &record[..]].concat());
    let told = text(&output);
    assert!(output.status.code() == Some(2) && told.contains("NOTIMP"), "{told}");
}
