//! `kmscope dns audit`: what is wrong with records, and nothing to paste that somebody else wrote.

use crate::fake_dns::{Entry, FakeDns};
use crate::fake_host::{Manner, start};
use crate::{json, kmscope, text};

fn site() -> FakeDns {
    let (good, web) = (start(Manner::Kms).port(), start(Manner::Http).port());
    FakeDns::start(vec![
        ("_vlmcs._tcp.contoso.com", Entry::Srv(good, "kms01.contoso.com")),
        ("_vlmcs._tcp.contoso.com", Entry::Srv(web, "web.contoso.com")),
        ("_vlmcs._tcp.contoso.com", Entry::Srv(1, "dead.contoso.com")),
        ("_vlmcs._tcp.contoso.com", Entry::Srv(1688, "gone.contoso.com")),
        ("kms01.contoso.com", Entry::A([127, 0, 0, 1])),
        ("web.contoso.com", Entry::A([127, 0, 0, 1])),
        ("dead.contoso.com", Entry::A([127, 0, 0, 1])),
    ])
}

#[test]
fn every_record_is_judged_by_what_answers() {
    let dns = site();
    let output =
        kmscope(&["dns", "audit", "contoso.com", "--nameserver", &dns.argument(), "--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let told = json(&output);
    let zone = &told["zones"][0];
    let faults = |target: &str| {
        let records = zone["records"].as_array().unwrap();
        let record = records.iter().find(|record| record["target"] == target).unwrap();
        record["faults"]
            .as_array()
            .unwrap()
            .iter()
            .map(|fault| fault.as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(faults("kms01.contoso.com"), ["odd-port"]);
    assert_eq!(faults("web.contoso.com"), ["other-service", "odd-port"]);
    assert_eq!(faults("dead.contoso.com"), ["dead", "odd-port"]);
    assert_eq!(faults("gone.contoso.com"), ["unresolvable"]);
    let removal = zone["removal"].as_array().unwrap();
    assert_eq!(removal.len(), 6);
    assert!(removal.iter().all(|command| !command.as_str().unwrap().contains("kms01")));
}

#[test]
fn an_allow_list_makes_the_others_rogue() {
    let dns = site();
    let output = kmscope(&[
        "dns",
        "audit",
        "contoso.com",
        "--no-probe",
        "--nameserver",
        &dns.argument(),
        "--allow",
        "KMS01.contoso.com.",
    ]);
    let told = text(&output);
    assert!(told.contains("web.contoso.com (TTL 60): not on the list of allowed hosts"), "{told}");
    assert!(told.contains("1 zones, 1 with KMS records; 4 records, 3 of them wrong"), "{told}");
}

#[test]
fn servers_that_differ_are_told() {
    let (one, other) =
        (site(), FakeDns::start(vec![("_vlmcs._tcp.contoso.com", Entry::Srv(1688, "kms01.contoso.com"))]));
    let output = kmscope(&[
        "dns",
        "audit",
        "contoso.com",
        "--no-probe",
        "--nameserver",
        &one.argument(),
        "--nameserver",
        &other.argument(),
    ]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output).contains("The DNS servers answer differently."));
}

#[test]
fn zones_come_from_a_file() {
    let dns = FakeDns::start(vec![
        ("_vlmcs._tcp.z7.example", Entry::Srv(1688, "kms.z7.example")),
        ("kms.z7.example", Entry::A([127, 0, 0, 1])),
    ]);
    let zones: String =
        (0..500).map(|n| format!("z{n}.example\n")).collect::<String>() + "# a remark\n\nz7.EXAMPLE.\n";
    let file = std::env::temp_dir().join(format!("kmscope-zones-{}", std::process::id()));
    std::fs::write(&file, zones).unwrap();
    let path = file.to_string_lossy();
    let told =
        text(&kmscope(&["dns", "audit", "--zones", &path, "--no-probe", "--nameserver", &dns.argument()]));
    std::fs::remove_file(&file).unwrap();
    assert!(told.contains("500 zones, 1 with KMS records; 1 records, 0 of them wrong"), "{told}");
}

#[test]
fn a_server_that_refuses_addresses_condemns_no_record() {
    let refuses = FakeDns::start(vec![
        ("_vlmcs._tcp.contoso.com", Entry::Srv(1688, "kms01.fabrikam.com")),
        ("kms01.fabrikam.com", Entry::Code(hickory_proto::op::ResponseCode::Refused)),
    ]);
    let output =
        kmscope(&["dns", "audit", "contoso.com", "--nameserver", &refuses.argument(), "--format", "json"]);
    assert_eq!(output.status.code(), Some(0));
    let told = json(&output);
    assert_eq!(told["zones"][0]["records"][0]["faults"][0], "address-unknown");
    assert_eq!(told["zones"][0]["removal"].as_array().unwrap().len(), 0);
}

#[test]
fn zones_that_nobody_could_look_up_are_not_fine() {
    let failing = FakeDns::start(vec![(
        "_vlmcs._tcp.contoso.com",
        Entry::Code(hickory_proto::op::ResponseCode::ServFail),
    )]);
    let output = kmscope(&["dns", "audit", "contoso.com", "--nameserver", &failing.argument()]);
    assert_eq!(output.status.code(), Some(3));
}

/// A file as Microsoft's server writes it: the zone named in a comment, ages, tabs, no origin.
const MICROSOFT_ZONE: &str = ";\n;  Database file contoso.com.dns for contoso.com zone.\n;      Zone version:  17\n;\n\n\
    @                       IN  SOA dc1.contoso.com. hostmaster.contoso.com. (\n\
    \t\t\t\t17           ; serial number\n\t\t\t\t900          ; refresh\n\t\t\t\t600          ; retry\n\
    \t\t\t\t86400        ; expire\n\t\t\t\t3600       ) ; default TTL\n\n\
    @                       NS\tdc1.contoso.com.\n\
    _vlmcs._tcp             [AGE:3671204]\t3600\tSRV\t0 0 PORT\tkms01.contoso.com.\n\
    \x20                       SRV\t0 0 1\tkms01.contoso.com.\n\
    dc1                     A\t127.0.0.1\n\
    kms01                   [AGE:3671204]\t1200\tA\t127.0.0.1\n\
    _vlmcs._tcp.branch      SRV\t0 0 1688\tgone.contoso.com.\n";

#[test]
fn a_zone_file_is_audited_and_compared_with_a_server() {
    let port = start(Manner::Kms).port();
    let path = std::env::temp_dir().join(format!("kmscope-{}-export.dns", std::process::id()));
    std::fs::write(&path, MICROSOFT_ZONE.replace("PORT", &port.to_string())).expect("a file");
    let file = path.to_str().expect("a path");
    let dns = FakeDns::start(vec![
        ("_vlmcs._tcp.contoso.com", Entry::Srv(port, "kms01.contoso.com")),
        ("kms01.contoso.com", Entry::A([127, 0, 0, 1])),
    ]);
    let nameserver = dns.argument();
    let options = ["dns", "audit", "--zone-file", file, "--nameserver", &nameserver, "--format", "json"];
    let told = json(&kmscope(&options));
    let _ = std::fs::remove_file(&path);
    let (zone, branch) = (&told["zones"][1], &told["zones"][0]);
    assert_eq!((&zone["zone"], &branch["zone"]), (&"contoso.com".into(), &"branch.contoso.com".into()));
    assert_eq!(
        (&zone["servers_differ"], &branch["servers_differ"]),
        (&true.into(), &true.into()),
        "{told:#}"
    );
    let kms: Vec<&serde_json::Value> =
        zone["records"].as_array().expect("records").iter().map(|record| &record["kms"]).collect();
    assert_eq!(kms, [&serde_json::Value::from(false), &true.into()], "{zone:#}");
    assert_eq!(branch["records"][0]["faults"][0], "unresolvable");
}
