//! `kmscope dns publish --gss-tsig`: a realm of this test's own, with BIND as the server that asks for tickets.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use crate::named::{Named, ZONE, folder, free_port, program, zone};

/// A key distribution centre on loopback, with a user and the DNS service; it ends with its value.
struct Realm {
    folder: PathBuf,
    process: Child,
}

impl Drop for Realm {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Runs a program of Kerberos with the settings in the folder.
fn with_settings(folder: &Path, program: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .env("KRB5_CONFIG", folder.join("krb5.conf"))
        .env("KRB5_KDC_PROFILE", folder.join("kdc.conf"))
        .env("KRB5CCNAME", format!("FILE:{}", folder.join("tickets").display()));
    command
}

impl Realm {
    /// Nothing where MIT Kerberos is not installed.
    fn start(folder: &Path) -> Option<Realm> {
        let kdc = program("krb5kdc")?;
        let (admin, util) = (program("kadmin.local")?, program("kdb5_util")?);
        let port = free_port()?;
        let shown = folder.display();
        let settings = format!(
            "[libdefaults]\n default_realm = LAB.EXAMPLE\n dns_lookup_kdc = false\n dns_canonicalize_hostname = false\n rdns = false\n\
             [realms]\n LAB.EXAMPLE = {{\n  kdc = 127.0.0.1:{port}\n }}\n[domain_realm]\n .lab.example = LAB.EXAMPLE\n"
        );
        fs::write(folder.join("krb5.conf"), settings).expect("settings");
        let settings = format!(
            "[kdcdefaults]\n kdc_listen = 127.0.0.1:{port}\n kdc_tcp_listen = 127.0.0.1:{port}\n\
             [realms]\n LAB.EXAMPLE = {{\n  database_name = {shown}/principal\n  key_stash_file = {shown}/stash\n  acl_file = {shown}/acl\n }}\n"
        );
        fs::write(folder.join("kdc.conf"), settings).expect("settings");
        fs::write(folder.join("acl"), "").expect("a list");
        let done = |command: &mut Command| {
            let output = command.output().expect("Kerberos can be run");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        };
        done(with_settings(folder, &util).args(["create", "-s", "-r", "LAB.EXAMPLE", "-P", "of this lab"]));
        let keytab = folder.join("dns.keytab");
        for query in [
            "addprinc -pw secret kmshost".to_owned(),
            "addprinc -pw secret stranger".to_owned(),
            "addprinc -randkey DNS/ns1.lab.example".to_owned(),
            format!("ktadd -k {} DNS/ns1.lab.example", keytab.display()),
        ] {
            done(with_settings(folder, &admin).args(["-r", "LAB.EXAMPLE", "-q", &query]));
        }
        let process = with_settings(folder, &kdc)
            .args(["-n", "-r", "LAB.EXAMPLE"])
            .stderr(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("the KDC can be run");
        Some(Realm { folder: folder.to_owned(), process })
    }

    /// Takes a ticket for a user; the KDC may need a moment.
    fn ticket(&self, user: &str) {
        let kinit = program("kinit").expect("kinit comes with the KDC's tools");
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
        loop {
            let mut process = with_settings(&self.folder, &kinit)
                .arg(user)
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .expect("kinit can be run");
            std::io::Write::write_all(&mut process.stdin.take().expect("its input"), b"secret\n")
                .expect("it reads the password");
            if process.wait().expect("kinit ends").success() {
                return;
            }
            assert!(std::time::Instant::now() < deadline, "no ticket for {user}");
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
    }

    fn kmscope(&self, arguments: &[&str]) -> Output {
        with_settings(&self.folder, Path::new(env!("CARGO_BIN_EXE_kmscope")))
            .args(["--lang", "en"])
            .args(arguments)
            .output()
            .expect("kmscope can be run")
    }
}

#[test]
fn a_ticket_publishes_and_a_strangers_does_not() {
    let folder = folder("realm");
    let Some(realm) = Realm::start(&folder) else { return };
    let policy = "update-policy { grant kmshost@LAB.EXAMPLE name _vlmcs._tcp.lab.example. SRV; };";
    let zones = zone(&folder, "lab.example", ZONE, policy);
    let keytab = format!("tkey-gssapi-keytab \"{}\";", folder.join("dns.keytab").display());
    let Some(server) = Named::with(folder, &keytab, &zones) else { return };
    let nameserver = server.argument();
    let record = [
        "dns",
        "publish",
        "--gss-tsig",
        "--nameserver",
        &nameserver,
        "--domain",
        "lab.example",
        "--host",
        "kms01.lab.example",
    ];
    let publish = || {
        let output = realm.kmscope(&record);
        (output.status.code(), crate::text(&output))
    };
    let (code, told) = publish();
    assert!(code == Some(2) && told.contains("no Kerberos ticket"), "{told}");
    realm.ticket("stranger");
    let (code, told) = publish();
    assert!(code == Some(2) && told.contains("REFUSED by"), "{told}");
    realm.ticket("kmshost");
    let (code, told) = publish();
    assert!(code == Some(0) && told.starts_with("lab.example: changed\n"), "{told}");
    let (code, told) = publish();
    assert!(code == Some(0) && told.contains("nothing to change"), "{told}");
    let zone = server.transfer("lab.example");
    assert!(zone.iter().any(|line| line.ends_with("SRV 0 0 1688 kms01.lab.example.")), "{zone:?}");
}

#[test]
fn a_server_without_a_key_for_tickets_is_told() {
    let folder = folder("no-keytab");
    let Some(realm) = Realm::start(&folder) else { return };
    let zones = zone(&folder, "lab.example", ZONE, "");
    let Some(server) = Named::with(folder, "", &zones) else { return };
    realm.ticket("kmshost");
    let nameserver = server.argument();
    let options = ["--domain", "lab.example", "--host", "kms01.lab.example", "--gss-tsig"];
    let output = realm.kmscope(&[&["dns", "publish", "--nameserver", &nameserver], &options[..]].concat());
    let told = crate::text(&output);
    assert!(output.status.code() == Some(2) && told.contains("negotiates no key"), "{told}");
}
