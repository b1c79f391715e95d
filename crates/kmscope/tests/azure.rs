//! `kmscope azure` as scripts call it: verdicts, changes read back, and input that is broken on purpose.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("azure-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kmscope"));
    command.args(arguments).env("LC_ALL", "C").env_remove("LANGUAGE").output().unwrap()
}

fn check(arguments: &[&str]) -> (Option<i32>, Value) {
    let output = run(&[&["azure", "check", "--format", "json"], arguments].concat());
    let document = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    (output.status.code(), document)
}

/// Effective routes as az prints them; each row is prefix, next hop type, source and state.
fn effective(rows: &[(&str, &str, &str, &str)]) -> String {
    let route = |(prefix, hop, source, state): &(&str, &str, &str, &str)| {
        json!({"addressPrefix": [prefix], "nextHopType": hop, "nextHopIpAddress": [], "source": source,
            "state": state, "name": if *source == "User" { "by-user" } else { "" }})
    };
    json!({"value": rows.iter().map(route).collect::<Vec<_>>()}).to_string()
}

const SYSTEM: (&str, &str, &str, &str) = ("0.0.0.0/0", "Internet", "Default", "Active");
const ASLEEP: (&str, &str, &str, &str) = ("0.0.0.0/0", "Internet", "Default", "Invalid");
const BY_USER: (&str, &str, &str, &str) = ("0.0.0.0/0", "VirtualNetworkGateway", "User", "Active");
const BY_BGP: (&str, &str, &str, &str) =
    ("0.0.0.0/0", "VirtualNetworkGateway", "VirtualNetworkGateway", "Active");

#[test]
fn the_verdict_is_the_exit_code() {
    let folder = Folder::new("verdict");
    let appliance = ("0.0.0.0/0", "VirtualAppliance", "User", "Active");
    let cases = [
        (vec![SYSTEM], 0, "works", Value::Null),
        (vec![BY_USER, ASLEEP], 1, "fails", json!("forced-tunnel")),
        (vec![appliance], 3, "depends", Value::Null),
    ];
    for (index, (rows, code, verdict, cause)) in cases.into_iter().enumerate() {
        let routes = folder.file(&format!("{index}.json"), effective(&rows));
        let (exit, document) = check(&["--routes", &routes]);
        assert_eq!(exit, Some(code), "{document}");
        assert_eq!((&document["verdict"], &document["cause"]), (&json!(verdict), &cause));
        let endpoint = &document["endpoints"][0];
        assert_eq!(endpoint["address"], "20.118.99.224");
        assert_eq!((&endpoint["required"], &endpoint["verdict"]), (&json!(true), &json!(verdict)));
        assert_eq!(endpoint["prefix"], "0.0.0.0/0");
    }
}

#[test]
fn a_file_that_is_cut_off_never_works() {
    let folder = Folder::new("cut");
    let whole = effective(&[SYSTEM, ("10.0.0.0/16", "VnetLocal", "Default", "Active"), BY_USER]);
    for length in (1..whole.len()).step_by(7) {
        let routes = folder.file("cut.json", &whole[..length]);
        let (exit, document) = check(&["--routes", &routes]);
        assert_ne!(exit, Some(0), "{document}");
        assert!(matches!(exit, Some(1..=3)), "{exit:?}");
    }
    let strange = effective(&[SYSTEM, ("20.118.99.224/322", "None", "User", "Active")]);
    let (exit, document) = check(&["--routes", &folder.file("strange.json", strange)]);
    assert_eq!(exit, Some(3), "{document}");
    let note = &document["notes"][0];
    assert!(note["text"].as_str().unwrap().contains("20.118.99.224/322"), "{document}");
    assert_eq!(note["source"]["pointer"], "/value/1");
}

#[test]
fn what_is_no_evidence_is_refused_with_its_name() {
    let folder = Folder::new("refused");
    let words = folder.file("words.txt", "some words\n");
    for arguments in [["--routes", &words], ["--subnet-facts", &words]] {
        let output = run(&[&["azure", "check"], &arguments[..]].concat());
        assert_eq!(output.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&output.stderr).contains("words.txt"));
    }
    assert_eq!(run(&["azure", "check", "--routes", "missing.json"]).status.code(), Some(2));
    let routes = folder.file("routes.json", effective(&[SYSTEM]));
    let nothing = run(&["azure", "check", "--routes", &routes, "--remove", "10.0.0.0/8"]);
    assert_eq!(nothing.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&nothing.stderr).contains("no user-defined route for 10.0.0.0/8"));
}

#[test]
fn what_is_fixed_works_in_the_words_of_every_tool_that_can_be_read() {
    let folder = Folder::new("fix");
    for (kind, rows) in [("user", vec![BY_USER, ASLEEP]), ("bgp", vec![BY_BGP, ASLEEP])] {
        let routes = folder.file(&format!("{kind}.json"), effective(&rows));
        // Bicep is read when it is compiled, which needs its compiler.
        for tool in ["az", "powershell", "terraform", "arm", "classic-powershell"] {
            let mut arguments =
                vec!["azure", "fix", "--routes", &routes, "--resource-group", "rg", "--vnet", "v"];
            arguments.extend(["--subnet", "s", "--location", "westeurope", "--as", tool]);
            if kind == "user" {
                arguments.extend(["--route-table", "rt"]);
            }
            let output = run(&arguments);
            assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
            let change = folder.file(&format!("{kind}-{tool}.txt"), &output.stdout);
            let (exit, document) = check(&["--routes", &routes, "--apply", &change]);
            assert_eq!(exit, Some(0), "{kind} {tool}: {document}");
            let before = &document["places"][0]["before"];
            assert_eq!(before["verdict"], "fails");
            assert_eq!(before["moves_only_endpoints"], true);
            assert_eq!(before["moved"].as_array().unwrap().len(), 3);
        }
    }
}

/// Terraform's own opinion of what is written for it.
#[test]
fn terraform_finds_nothing_to_format() {
    let found = Command::new("terraform").arg("version").env("CHECKPOINT_DISABLE", "1").output();
    if !found.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: terraform is not installed");
        return;
    }
    let folder = Folder::new("terraform");
    let mut replaced = vec![BY_USER];
    replaced.push(("40.83.235.53/32", "None", "User", "Active"));
    for (name, rows) in [("user", vec![BY_USER]), ("bgp", vec![BY_BGP]), ("replaced", replaced)] {
        let routes = folder.file(&format!("{name}.json"), effective(&rows));
        let mut arguments = vec![
            "azure",
            "fix",
            "--routes",
            &routes,
            "--resource-group",
            "rg",
            "--vnet",
            "v",
            "--subnet",
            "s",
        ];
        arguments.extend(["--as", "terraform"]);
        if name != "bgp" {
            arguments.extend(["--route-table", "rt"]);
        }
        let change = folder.file(&format!("{name}.tf"), run(&arguments).stdout);
        let checked = Command::new("terraform").args(["fmt", "-check", "-diff", &change]).output().unwrap();
        let said = String::from_utf8_lossy(&checked.stdout).into_owned();
        assert!(checked.status.success(), "{name}: {said}{}", String::from_utf8_lossy(&checked.stderr));
    }
}

#[test]
fn ids_join_subnets_of_several_subscriptions() {
    let folder = Folder::new("ids");
    let id = |kind: &str, name: &str, subscription: u8| {
        format!("/subscriptions/{subscription}/resourceGroups/rg/providers/Microsoft.Network/{kind}/{name}")
    };
    let table = |subscription: u8, hop: &str| {
        json!({"type": "Microsoft.Network/routeTables", "name": "rt", "id": id("routeTables", "rt", subscription),
            "disableBgpRoutePropagation": true,
            "routes": [{"name": "default", "addressPrefix": "0.0.0.0/0", "nextHopType": hop}]})
    };
    let subnet = |subscription: u8, name: &str, private: bool| {
        json!({"type": "Microsoft.Network/virtualNetworks/subnets", "name": name,
            "id": format!("{}/subnets/{name}", id("virtualNetworks", "v", subscription)),
            "addressPrefix": "10.0.0.0/24", "defaultOutboundAccess": !private,
            "routeTable": {"id": id("routeTables", "rt", subscription)}})
    };
    folder.file("tables.json", json!([table(1, "VirtualNetworkGateway"), table(2, "Internet")]).to_string());
    let subnets =
        json!([subnet(1, "tunnelled", false), subnet(2, "open", false), subnet(2, "private", true)]);
    folder.file("subnets.json", subnets.to_string());
    let (exit, document) = check(&[folder.path()]);
    assert_eq!(exit, Some(1));
    let told: Vec<(&str, &str, Option<&str>)> = document["places"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["name"].as_str().unwrap(), row["verdict"].as_str().unwrap(), row["cause"].as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("tunnelled", "fails", Some("forced-tunnel")),
            ("open", "works", None),
            ("private", "fails", Some("azure-no-outbound")),
        ]
    );
    let text = run(&["azure", "check", folder.path()]);
    assert!(String::from_utf8_lossy(&text.stdout).contains("tunnelled  fails"));
}

#[test]
fn a_private_subnet_is_not_fixed_by_a_route() {
    let folder = Folder::new("private");
    let routes = folder.file("routes.json", effective(&[BY_USER]));
    let subnet = json!({"type": "Microsoft.Network/virtualNetworks/subnets", "name": "s",
        "addressPrefix": "10.0.0.0/24", "defaultOutboundAccess": false});
    let facts = folder.file("subnet.json", subnet.to_string());
    let arguments = [
        "azure",
        "fix",
        "--routes",
        &routes,
        "--subnet-facts",
        &facts,
        "--resource-group",
        "rg",
        "--vnet",
        "v",
        "--subnet",
        "s",
        "--route-table",
        "rt",
    ];
    let output = run(&arguments);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    assert!(String::from_utf8_lossy(&output.stderr).contains("NAT gateway"));
}

#[test]
fn the_endpoints_of_a_cloud_are_listed() {
    let output = run(&["azure", "endpoints", "--cloud", "china", "--format", "json"]);
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["endpoints"].as_array().unwrap().len(), 2);
    assert_eq!(run(&["azure", "endpoints", "--cloud", "mars"]).status.code(), Some(2));
}
