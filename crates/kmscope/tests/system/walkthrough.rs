//! What the documents tell an admin to type, typed: on a machine of its own, with the paths, addresses and names that
//! stand there.

use std::fs;
use std::path::Path;

use crate::machine::Machine;
use crate::named::{KEYS, clause};
use crate::stage::until;

/// A document's text.
fn document(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name);
    fs::read_to_string(path).expect("the document")
}

/// The only command of the document that begins so, with more of it behind an ellipsis: in a block without a mark, or
/// within a sentence.
#[track_caller]
fn shown(document: &str, beginning: &str) -> String {
    let joined = document.replace("\\\n", " ");
    let in_sentences = joined.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
    let found: Vec<&str> = joined
        .lines()
        .chain(in_sentences)
        .map(str::trim)
        .filter(|command| {
            let mut parts = beginning.split(" … ");
            command.starts_with(parts.next().unwrap_or_default()) && parts.all(|part| command.contains(part))
        })
        .collect();
    assert_eq!(found.len(), 1, "commands of the document that begin with {beginning}: {found:?}");
    found[0].split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_host_and_a_client_are_set_up_as_it_is_written() {
    let document = document("system.md");
    let Some(machine) = Machine::new() else { return };
    let _dns = machine.dns();
    fs::write(machine.path().join("kms.key"), clause(KEYS[0])).expect("a key");
    machine.done("install -o kmscope -m 600 kms.key /etc/kmscope/kms.key");
    bring_licence(&machine, &document);

    let (host, address) = machine.start(&shown(&document, "kmscope host run … --publish"));
    assert_eq!(address, "[::]:1688");
    let record = || machine.done("dig @10.0.0.4 _vlmcs._tcp.contoso.com SRV +short");
    until("the record", || Some(record()).filter(|text| text == "0 0 1688 kms01.contoso.com.\n"));

    let _client = machine.start(&client(&machine, &document));
    // It was told nothing but its key: the rest is DNS.
    until("an activation", || {
        Some(machine.run("kmscope client status")).filter(|told| told.status.success())
    });
    let told = machine.done("kmscope slmgr /dlv");
    assert!(told.contains("KMS machine name from DNS: kms01.contoso.com:1688"), "{told}");
    let told =
        machine.done(&shown(&document, "kmscope slmgr --data DIR").replace("DIR", "/var/lib/kmscope/host"));
    assert!(told.contains("DNS publishing enabled"), "{told}");
    assert!(machine.done("kmscope host status").contains("1 of 1 machines"));
    assert!(machine.done("kmscope host events").contains("12290"));

    machine.done(&shown(&document, "kmscope host backup --out FILE").replace("FILE", "copy.db"));

    let told = machine.done(&shown(&document, "kmscope host install -- --licence /etc"));
    assert!(told.contains("/etc/systemd/system/kmscope-host.service"), "{told}");
    assert!(machine.done("cat /etc/systemd/system/kmscope-host.service").contains("--publish contoso.com"));
    assert!(!Path::new("/etc/systemd/system/kmscope-host.service").exists(), "it stays in the namespaces");

    // The same host from its copy, which root has put back, and with its options in the file.
    drop(host);
    machine.done(&shown(&document, "kmscope host restore --from FILE").replace("FILE", "copy.db"));
    let begin = document.find("```toml\n").expect("a file of options") + "```toml\n".len();
    let options = document[begin..].split("```").next().expect("its text");
    fs::write(machine.path().join("options.toml"), options).expect("written");
    machine.done("install -o kmscope options.toml /etc/kmscope/options.toml");
    let (_host, address) = machine.start(&shown(&document, "kmscope host run --config"));
    assert_eq!(address, "[::]:1688");
    machine.done("kmscope host reload");
    machine.done("kmscope slmgr /ato");
    machine.done(&shown(&document, "kmscope host install -- --config"));
}

/// A publisher with a product for one machine, and the licence where the host reads it.
fn bring_licence(machine: &Machine, document: &str) {
    machine.done("kmscope publisher init --dir publisher --name Contoso");
    machine.done("kmscope publisher product --dir publisher --name CAD --n-policy 1");
    machine.done(&shown(document, "kmscope publisher issue-host"));
    machine.done(&shown(document, "install -o kmscope"));
}

/// The client's command with a key that is one.
fn client(machine: &Machine, document: &str) -> String {
    let key = machine.done("kmscope publisher setup-key --dir publisher --product CAD");
    shown(document, "kmscope client run").replace("XXXXX-XXXXX-XXXXX-XXXXX-XXXXX", key.trim())
}

#[cfg(feature = "etcd")]
#[test]
fn three_members_share_a_count_as_it_is_written() {
    use crate::named::program;
    let (system, document) = (document("system.md"), document("cluster.md"));
    let Some(machine) = Machine::new() else { return };
    if program("etcd").is_none() || program("etcdctl").is_none() {
        return;
    }
    let _dns = machine.dns();
    let command = shown(&document, "etcd --name etcd1");
    let _members = ["10.0.0.5", "10.0.0.6", "10.0.0.7"].map(|address| {
        let (own, all) = command.split_once("--initial-cluster ").expect("the list of all members");
        let name = format!("etcd{}", address.as_bytes()[7] - b'4');
        // Each has its own name and addresses, and here its own folder, as the machine is one.
        let own = own
            .replace("etcd1", &name)
            .replace("10.0.0.5", address)
            .replace("/lib/etcd/", &format!("/lib/{name}/"));
        machine.keep(&format!("{own} --initial-cluster {all}"))
    });
    let environment = shown(&document, "export ETCDCTL_API");
    let etcdctl = |line: &str| machine.run(&format!("{environment} && {line}"));
    let status = shown(&document, "etcdctl endpoint status --write-out");
    until("the members", || Some(etcdctl(&status)).filter(|told| told.status.success()));

    bring_licence(&machine, &system);
    let (_host, _) = machine.start(&shown(&document, "kmscope host run"));
    let _client = machine.start(&format!("{} --skms 10.0.0.4", client(&machine, &system)));
    until("an activation", || {
        Some(machine.run("kmscope client status")).filter(|told| told.status.success())
    });
    let told = |output: std::process::Output| String::from_utf8(output.stdout).expect("text");
    let keys = told(etcdctl("etcdctl get --prefix /kmscope/count/"));
    let application = keys.split('/').nth(3).expect("an application");
    let count = shown(&document, "etcdctl get --prefix --keys-only").replace("APPLICATION", application);
    assert_eq!(told(etcdctl(&count)).trim(), "1", "{keys}");
    // Snapshots want one member, and no list of them in the environment.
    machine.done(&format!(
        "ETCDCTL_API=3 {}",
        shown(&document, "etcdctl --endpoints 10.0.0.5:2379 snapshot save")
    ));
    machine.done(&format!("ETCDCTL_API=3 {}", shown(&document, "etcdctl snapshot restore")));
    let cmid = keys.lines().next().and_then(|key| key.rsplit('/').next()).expect("a machine");
    let forget =
        shown(&document, "etcdctl del /kmscope").replace("APPLICATION", application).replace("CMID", cmid);
    assert_eq!(told(etcdctl(&forget)).trim(), "1");
}
