//! `kmscope azure lint` on what people declare: the exact place, the level, and the formats that machines read.

mod allowed;
mod document;
mod modules;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("lint-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }

    fn file(&self, name: &str, content: &str) -> String {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kmscope"));
    command
        .args(["azure", "lint"])
        .args(arguments)
        .env("LC_ALL", "C")
        .env_remove("LANGUAGE")
        .output()
        .unwrap()
}

/// Exit code, and line, level and cause of each finding.
fn found(path: &str, more: &[&str]) -> (Option<i32>, Vec<(u64, String, String)>) {
    let output = run(&[&[path, "--format", "json"], more].concat());
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    let rows = document["findings"].as_array().unwrap();
    let rows = rows.iter().map(|row| (row["line"].as_u64().unwrap(), text(row, "level"), text(row, "cause")));
    (output.status.code(), rows.collect())
}

/// A route table in Terraform whose routes are the given lines of prefix and hop, from line 4 on, one block a line.
fn table(routes: &[(&str, &str)]) -> String {
    let mut text = "resource \"azurerm_route_table\" \"t\" {\n  name = \"rt\"\n\n".to_owned();
    for (index, (prefix, hop)) in routes.iter().enumerate() {
        text.push_str(&format!(
            "  route {{ # {index}\n    name = \"r{index}\"\n    address_prefix = {prefix}\n    next_hop_type = \"{hop}\"\n  }}\n"
        ));
    }
    text + "}\n"
}

const TUNNEL: (&str, &str) = ("\"0.0.0.0/0\"", "VirtualNetworkGateway");
const NEW1: (&str, &str) = ("\"20.118.99.224/32\"", "Internet");
const NEW2: (&str, &str) = ("\"40.83.235.53/32\"", "Internet");

fn rows(rows: &[(u64, &str, &str)]) -> Vec<(u64, String, String)> {
    rows.iter().map(|(line, level, cause)| (*line, (*level).to_owned(), (*cause).to_owned())).collect()
}

#[test]
fn terraform_faults_have_their_line() {
    let folder = Folder::new("tf");
    let appliance = ("\"0.0.0.0/0\"", "VirtualAppliance");
    let wrong = ("\"20.118.99.244/32\"", "Internet");
    let old = ("\"23.102.135.246/32\"", "Internet");
    let open = ("\"${var.kms}/32\"", "Internet");
    type Case<'c> = (&'c [(&'c str, &'c str)], i32, &'c [(u64, &'c str, &'c str)]);
    let cases: [Case<'_>; 8] = [
        (&[TUNNEL], 1, &[(4, "error", "forced-tunnel")]),
        (&[TUNNEL, NEW1, NEW2], 0, &[]),
        (&[TUNNEL, NEW1], 1, &[(4, "error", "forced-tunnel")]),
        (&[TUNNEL, old], 1, &[(9, "error", "azure-old-ip-route")]),
        (&[TUNNEL, wrong, NEW2], 1, &[(4, "error", "forced-tunnel"), (9, "error", "azure-wrong-ip")]),
        (&[appliance], 0, &[(4, "warning", "forced-tunnel")]),
        (&[TUNNEL, open], 0, &[(4, "warning", "forced-tunnel"), (9, "note", "forced-tunnel")]),
        (&[("\"10.0.0.0/8\"", "VirtualNetworkGateway")], 0, &[]),
    ];
    for (index, (routes, code, expected)) in cases.into_iter().enumerate() {
        let file = folder.file(&format!("{index}.tf"), &table(routes));
        assert_eq!(found(&file, &[]), (Some(code), rows(expected)), "{index}");
    }
    let warned = folder.file("warned.tf", &table(&[appliance]));
    assert_eq!(found(&warned, &["--strict"]).0, Some(1));
}

#[test]
fn locals_loops_and_associations_are_followed() {
    let folder = Folder::new("loops");
    let text = r#"locals {
  kms = toset(["20.118.99.224", "40.83.235.53"])
}
variable "name" {
  default = "rt"
}
resource "azurerm_route_table" "t" {
  name = "${var.name}-1"
  dynamic "route" {
    for_each = { all = "0.0.0.0/0" }
    content {
      name           = route.key
      address_prefix = route.value
      next_hop_type  = "VirtualNetworkGateway"
    }
  }
}
resource "azurerm_route" "kms" {
  for_each         = local.kms
  name             = "kms-${each.key}"
  route_table_name = azurerm_route_table.t.name
  address_prefix   = "${each.value}/32"
  next_hop_type    = "Internet"
}
resource "azurerm_subnet" "s" {
  name                            = "s"
  address_prefixes                = ["10.0.0.0/24"]
  default_outbound_access_enabled = false
}
resource "azurerm_subnet_route_table_association" "s" {
  subnet_id      = azurerm_subnet.s.id
  route_table_id = azurerm_route_table.t.id
}
resource "azurerm_network_security_group" "g" {
  name = "g"
}
resource "azurerm_network_security_rule" "deny" {
  name                        = "deny"
  priority                    = 100
  direction                   = "Outbound"
  access                      = "Deny"
  protocol                    = "*"
  source_address_prefix       = "*"
  destination_address_prefix  = "*"
  destination_port_range      = "*"
  network_security_group_name = azurerm_network_security_group.g.name
}
resource "azurerm_subnet_network_security_group_association" "s" {
  subnet_id                 = azurerm_subnet.s.id
  network_security_group_id = azurerm_network_security_group.g.id
}
"#;
    let file = folder.file("main.tf", text);
    let expected = rows(&[(28, "warning", "azure-no-outbound"), (37, "error", "azure-nsg-deny")]);
    assert_eq!(found(&file, &[]), (Some(1), expected));
    let with_nat = format!(
        "{text}resource \"azurerm_subnet_nat_gateway_association\" \"s\" {{\n  subnet_id = azurerm_subnet.s.id\n  \
         nat_gateway_id = data.azurerm_nat_gateway.n.id\n}}\n"
    );
    let file = folder.file("main.tf", &with_nat);
    assert_eq!(found(&file, &[]).1, rows(&[(37, "error", "azure-nsg-deny")]));
}

#[test]
fn firewall_rules_are_told_apart() {
    let folder = Folder::new("firewall");
    let group = |collection: &str| {
        format!(
            "resource \"azurerm_firewall_policy_rule_collection_group\" \"g\" {{\n  name = \"g\"\n  priority = 100\n{collection}}}\n"
        )
    };
    let application = group(
        "  application_rule_collection {\n    name = \"a\"\n    action = \"Allow\"\n    rule {\n      name = \"kms\"\n      \
         protocols {\n        type = \"Https\"\n        port = 1688\n      }\n      destination_fqdns = [\"azkms.core.windows.net\"]\n    }\n  }\n",
    );
    let file = folder.file("application.tf", &application);
    assert_eq!(found(&file, &[]), (Some(1), rows(&[(7, "error", "firewall-wrong-rule-type")])));
    let network = |addresses: &str| {
        group(&format!(
            "  network_rule_collection {{\n    name = \"n\"\n    action = \"Allow\"\n    rule {{\n      name = \"kms\"\n      \
             protocols = [\"TCP\"]\n      destination_addresses = [{addresses}]\n      destination_ports = [\"1688\"]\n    }}\n  }}\n"
        ))
    };
    let file = folder.file("old.tf", &network("\"23.102.135.246\""));
    assert_eq!(found(&file, &[]).1, rows(&[(7, "error", "azure-old-ip-firewall")]));
    let file = folder.file("new.tf", &network("\"20.118.99.224\", \"40.83.235.53\""));
    assert_eq!(found(&file, &[]), (Some(0), Vec::new()));
}

#[test]
fn templates_and_plans_have_lines_too() {
    let folder = Folder::new("json");
    let template = json!({
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {"hop": {"type": "string", "defaultValue": "VirtualNetworkGateway"}},
        "resources": [{
            "type": "Microsoft.Network/routeTables", "apiVersion": "2024-05-01", "name": "rt",
            "properties": {"routes": [
                {"name": "default", "properties": {"addressPrefix": "0.0.0.0/0", "nextHopType": "[parameters('hop')]"}}
            ]}
        }]
    });
    let text = serde_json::to_string_pretty(&template).unwrap();
    let line = 1 + text.lines().position(|line| line.trim() == "\"routes\": [").unwrap() as u64 + 1;
    let file = folder.file("template.json", &text);
    assert_eq!(found(&file, &[]), (Some(1), rows(&[(line, "error", "forced-tunnel")])));
    let plan = json!({"format_version": "1.2", "planned_values": {"root_module": {"child_modules": [{"resources": [{
        "address": "module.n.azurerm_route_table.t", "type": "azurerm_route_table", "name": "t",
        "values": {"name": "rt", "route": [
            {"address_prefix": "0.0.0.0/0", "name": "d", "next_hop_in_ip_address": "", "next_hop_type": "None"}]}
    }]}]}}});
    let file = folder.file("plan.json", &serde_json::to_string_pretty(&plan).unwrap());
    let (code, found) = found(&file, &[]);
    assert_eq!((code, found.len(), found[0].2.as_str()), (Some(1), 1, "azure-no-outbound"));
}

#[test]
fn sarif_holds_what_code_scanning_asks_for() {
    let folder = Folder::new("sarif");
    let file = folder.file("main file.tf", &table(&[TUNNEL]));
    let output = run(&[&file, "--format", "sarif"]);
    assert_eq!(output.status.code(), Some(1));
    let log: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let (driver, result) = (&log["runs"][0]["tool"]["driver"], &log["runs"][0]["results"][0]);
    assert_eq!(driver["name"], "kmscope");
    assert_eq!(driver["rules"][result["ruleIndex"].as_u64().unwrap() as usize]["id"], result["ruleId"]);
    assert_eq!((&result["level"], &result["ruleId"]), (&json!("error"), &json!("K701")));
    let physical = &result["locations"][0]["physicalLocation"];
    assert_eq!(physical["region"]["startLine"], 4);
    assert!(physical["artifactLocation"]["uri"].as_str().unwrap().ends_with("/main%20file.tf"));
    assert!(result["message"]["text"].as_str().unwrap().contains("20.118.99.224"));
}

#[test]
fn broken_and_foreign_files_are_told_and_do_no_harm() {
    let folder = Folder::new("broken");
    let file = folder.file("main.tf", &table(&[TUNNEL]).replace("}\n}\n", "}\n"));
    let output = run(&[&file]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("not valid Terraform"), "{text}");
    let other = folder.file("package.json", "{\"name\": \"x\", \"scripts\": {}}");
    let output = run(&[&other]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "0 errors, 0 warnings\n");
    assert_eq!(run(&["missing.tf"]).status.code(), Some(2));
    let deep = folder.file(
        "deep.tf",
        &format!("locals {{\n  a = {}\n}}\nresource \"azurerm_route\" \"x\" {{}}\n", "[".repeat(50_000)),
    );
    assert!(run(&[&deep]).status.code().is_some());
}
