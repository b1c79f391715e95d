//! `kmscope dns publish` and `remove` against BIND: what nsupdate would do, and refusals explained.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::named::{KEYS, Named, ZONE, clause, folder, program, zone};
use crate::{json, kmscope, text};

fn publish(server: &Named, more: &[&str]) -> (Option<i32>, String) {
    let nameserver = server.argument();
    let output = kmscope(&[&["dns", "publish", "--nameserver", &nameserver], more].concat());
    (output.status.code(), text(&output))
}

#[test]
fn a_record_is_published_once_changed_and_removed() {
    let Some(server) = Named::start("publish") else { return };
    let key = server.file("kms.key", &clause(KEYS[0]));
    let record = [
        "--domain",
        "contoso.com",
        "--domain",
        "fabrikam.com",
        "--host",
        "kms01.contoso.com",
        "--tsig",
        &key,
    ];
    let (code, told) = publish(&server, &[&record[..], &["--dry-run"]].concat());
    assert!(code == Some(0) && told.contains("prereq nxrrset _vlmcs._tcp.contoso.com. SRV"), "{told}");
    assert!(!server.transfer("contoso.com").iter().any(|line| line.contains("SRV")));
    let (code, told) = publish(&server, &record);
    assert!(
        code == Some(0) && told.contains("+ _vlmcs._tcp.fabrikam.com SRV 0 0 1688 kms01.contoso.com."),
        "{told}"
    );
    let (code, told) = publish(&server, &record);
    assert!(
        code == Some(0) && told.contains("contoso.com: the record is there, nothing to change"),
        "{told}"
    );
    let (_, told) = publish(&server, &[&record[..], &["--port", "1700"]].concat());
    assert!(told.contains("- _vlmcs._tcp.contoso.com SRV 0 0 1688 kms01.contoso.com."), "{told}");
    let zone = server.transfer("contoso.com");
    let published: Vec<&String> = zone.iter().filter(|line| line.contains("SRV")).collect();
    assert_eq!(published, ["_vlmcs._tcp.contoso.com. 3600 IN SRV 0 0 1700 kms01.contoso.com."]);
    let nameserver = server.argument();
    let remove = [
        "dns",
        "remove",
        "--nameserver",
        &nameserver,
        "--domain",
        "contoso.com",
        "--host",
        "KMS01.contoso.com",
        "--tsig",
        &key,
    ];
    assert!(text(&kmscope(&remove)).contains("- _vlmcs._tcp.contoso.com SRV"));
    assert!(text(&kmscope(&remove)).contains("nothing to remove"));
    assert!(!server.transfer("contoso.com").iter().any(|line| line.contains("SRV")));
}

#[test]
fn refusals_are_explained() {
    let Some(server) = Named::start("refuse") else { return };
    let (name, algorithm, _) = KEYS[0];
    let wrong = server.file(
        "wrong.key",
        &clause((name, algorithm, "d3JvbmcgIHNlY3JldCBvZiB0aGUgbGFiLCBub3Qgb2YgYW55b25l")),
    );
    let unknown = server.file("unknown.key", &clause(("nobody", algorithm, KEYS[0].2)));
    let good = server.file("kms.key", &clause(KEYS[0]));
    let record = ["--domain", "contoso.com", "--host", "kms01.contoso.com"];
    for (more, says) in [
        (vec![], "REFUSED by"),
        (vec!["--tsig", wrong.as_str()], "BADSIG from"),
        (vec!["--tsig", unknown.as_str()], "BADKEY from"),
        (vec!["--tsig", good.as_str(), "--address", "192.0.2.40"], "REFUSED by"),
    ] {
        let (code, told) = publish(&server, &[&record[..], &more].concat());
        assert_eq!(code, Some(2), "{told}");
        assert!(told.contains(says), "{says}: {told}");
    }
    let (_, told) = publish(&server, &["--domain", "example.net", "--host", "kms01.contoso.com"]);
    assert!(told.contains("does not tell which zone"), "{told}");
    assert!(!server.transfer("contoso.com").iter().any(|line| line.contains("SRV")));
}

#[test]
fn clocks_apart_are_told_with_the_seconds() {
    let (Some(server), Some(faketime)) = (Named::start("time"), program("faketime")) else { return };
    let key = server.file("kms.key", &clause(KEYS[0]));
    let nameserver = server.argument();
    let options = ["--domain", "contoso.com", "--host", "kms01.contoso.com", "--tsig", &key];
    let output = Command::new(faketime)
        .args(["-f", "-1h", env!("CARGO_BIN_EXE_kmscope"), "--lang", "en", "dns", "publish"])
        .args(["--nameserver", &nameserver])
        .args(options)
        .output()
        .expect("faketime can be run");
    let told = text(&output);
    assert!(output.status.code() == Some(2) && told.contains("BADTIME from"), "{told}");
    let ahead =
        told.split("the server is ").nth(1).and_then(|rest| rest.split(' ').next()?.parse::<i64>().ok());
    assert!(ahead.is_some_and(|ahead| (3590..3700).contains(&ahead)), "{told}");
}

#[test]
fn a_primary_that_does_not_have_the_zone_is_told() {
    // The zone's own server names another one as primary, which knows nothing of it.
    let text = ZONE.replace("SOA ns1", "SOA ns2") + "ns2 IN A 127.0.0.2\n";
    let (mine, others) = (folder("notauth"), folder("notauth-primary"));
    let zones = zone(&mine, "contoso.com", &text, "");
    let elsewhere = zone(&others, "fabrikam.com", ZONE, "");
    let Some(server) = Named::with(mine, "", &zones) else { return };
    let Some(_primary) = Named::at("127.0.0.2", server.port, others, "", &elsewhere) else { return };
    let record = ["--domain", "contoso.com", "--host", "kms01.contoso.com"];
    let (code, told) = publish(&server, &record);
    assert!(code == Some(2) && told.contains("the primary server 127.0.0.2"), "{told}");
}

#[cfg(not(feature = "gss-tsig"))]
#[test]
fn a_build_without_kerberos_says_so() {
    let options = ["--domain", "contoso.com", "--host", "kms01.contoso.com", "--gss-tsig"];
    let output = kmscope(&[&["dns", "publish", "--nameserver", "127.0.0.1:1"], &options[..]].concat());
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--features gss-tsig"));
}

#[test]
fn the_zone_is_what_nsupdate_makes_of_the_same_change() {
    let (Some(ours), Some(theirs), Some(nsupdate)) =
        (Named::start("ours"), Named::start("theirs"), program("nsupdate"))
    else {
        return;
    };
    let key = ours.file("big.key", &clause(KEYS[1]));
    let record = [
        "--domain",
        "contoso.com",
        "--host",
        "kms02.contoso.com",
        "--address",
        "192.0.2.41",
        "--address",
        "2001:db8::41",
        "--tsig",
        &key,
    ];
    let nameserver = ours.argument();
    let dry = json(&kmscope(
        &[&["dns", "publish", "--format", "json", "--dry-run", "--nameserver", &nameserver], &record[..]]
            .concat(),
    ));
    let commands = dry["domains"][0]["nsupdate"].as_str().unwrap().to_owned();
    assert_eq!(publish(&ours, &record).0, Some(0));
    let key = theirs.file("big.key", &clause(KEYS[1]));
    let mut process =
        Command::new(nsupdate).args(["-k", &key]).stdin(Stdio::piped()).spawn().expect("nsupdate can be run");
    let script = format!("server 127.0.0.1 {}\n{commands}\n", theirs.port);
    process.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    assert!(process.wait().unwrap().success());
    assert_eq!(ours.transfer("contoso.com"), theirs.transfer("contoso.com"));
    assert!(ours.transfer("contoso.com").iter().any(|line| line.contains("2001:db8::41")));
}

#[test]
fn discovery_finds_what_was_published() {
    let Some(server) = Named::start("discover") else { return };
    let key = server.file("kms.key", &clause(KEYS[0]));
    let port = crate::fake_host::start(crate::fake_host::Manner::Kms).port().to_string();
    let record = ["--domain", "contoso.com", "--host", "kms01.contoso.com", "--port", &port, "--tsig", &key];
    assert_eq!(publish(&server, &record).0, Some(0));
    let output = kmscope(&[
        "check",
        "--client-suffix",
        "contoso.com",
        "--nameserver",
        &server.argument(),
        "--format",
        "json",
    ]);
    assert_eq!(json(&output)["verdict"], "clear");
}

#[test]
fn many_domains_go_together_and_one_refusal_is_not_the_others() {
    let Some(server) = Named::start("many") else { return };
    let domains: Vec<String> =
        (0..12).map(|n| format!("d{n}.contoso.com")).chain(["contoso.com".to_owned()]).collect();
    let domains: Vec<&str> = domains.iter().flat_map(|domain| ["--domain", domain.as_str()]).collect();
    let small = server.file("kms.key", &clause(KEYS[0]));
    let (code, told) =
        publish(&server, &[&domains[..], &["--host", "kms01.contoso.com", "--tsig", &small]].concat());
    assert_eq!(code, Some(2), "{told}");
    assert_eq!(told.matches("REFUSED by").count(), 12, "{told}");
    assert!(told.contains("\ncontoso.com: changed"), "{told}");
    let big = server.file("big.key", &clause(KEYS[1]));
    let (code, told) =
        publish(&server, &[&domains[..], &["--host", "kms01.contoso.com", "--tsig", &big]].concat());
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("\ncontoso.com: the record is there, nothing to change"), "{told}");
    assert_eq!(server.transfer("contoso.com").iter().filter(|line| line.contains("SRV")).count(), 13);
}
