//! Folders of Terraform: names across files, values of variables, loops, local modules.

use std::collections::BTreeMap;
use std::process::Output;

use serde_json::Value;

use super::{Folder, run};

/// Each finding as `file:line level cause`, with the calls of its module, below the folder.
fn findings(folder: &Folder, paths: &[&str], more: &[&str]) -> Vec<String> {
    let paths: Vec<String> =
        paths.iter().map(|path| folder.0.join(path).to_str().unwrap().to_owned()).collect();
    let mut arguments: Vec<&str> = paths.iter().map(String::as_str).collect();
    arguments.extend(["--format", "json"]);
    arguments.extend(more);
    let document = document(&run(&arguments));
    let rows = document["findings"].as_array().unwrap();
    let row = |row: &Value| {
        let text = |name: &str| row[name].as_str().unwrap().to_owned();
        let path = row["source"]["path"].as_str().unwrap();
        let path =
            path.strip_prefix(folder.path()).unwrap_or(path).trim_start_matches('/').trim_start_matches("./");
        let modules: Vec<&str> =
            row["modules"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        let line =
            format!("{path}:{} {} {} {}", row["line"], text("level"), text("cause"), modules.join(","));
        line.trim_end().to_owned()
    };
    rows.iter().map(row).collect()
}

fn document(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

const VARIABLES: &str = r#"variable "environment" {
  type    = string
  default = "test"
}

variable "firewall_address" {
  type    = string
  default = null
}

variable "kms_addresses" {
  description = "Azure's KMS, which has to be reached from an Azure address"
  type        = list(string)
  default     = ["20.118.99.224", "40.83.235.53"]
}

variable "extra_routes" {
  type = map(object({
    prefix = string
    hop    = optional(string, "VnetLocal")
  }))
  default = {}
}
"#;

const LOCALS: &str = r#"locals {
  name = "contoso-${var.environment}"

  default_route = var.firewall_address == null ? {
    hop = "VirtualNetworkGateway", address = null
    } : {
    hop = "VirtualAppliance", address = var.firewall_address
  }

  routes = concat(
    [{ name = "default", prefix = "0.0.0.0/0", hop = local.default_route.hop, address = local.default_route.address }],
    [for address in var.kms_addresses : { name = "kms-${replace(address, ".", "-")}", prefix = "${address}/32", hop = "Internet", address = null }],
    [for name, route in var.extra_routes : { name = name, prefix = route.prefix, hop = route.hop, address = null } if route.hop != "None"],
  )

  rules = { for port in [443, 1433] : "allow-${port}" => { port = port, access = "Allow" } }
}
"#;

const NETWORK: &str = r#"resource "azurerm_virtual_network" "spoke" {
  name          = "vnet-${local.name}"
  address_space = ["10.20.0.0/16"]
}

resource "azurerm_subnet" "servers" {
  name             = "servers"
  address_prefixes = [cidrsubnet(azurerm_virtual_network.spoke.address_space[0], 8, 1)]
}

resource "azurerm_subnet_route_table_association" "servers" {
  subnet_id      = azurerm_subnet.servers.id
  route_table_id = azurerm_route_table.spoke.id
}

resource "azurerm_subnet_network_security_group_association" "servers" {
  subnet_id                 = azurerm_subnet.servers.id
  network_security_group_id = azurerm_network_security_group.servers.id
}
"#;

const ROUTES: &str = r#"resource "azurerm_route_table" "spoke" {
  name = "rt-${local.name}"

  dynamic "route" {
    for_each = { for route in local.routes : route.name => route }
    content {
      name                   = route.key
      address_prefix         = route.value.prefix
      next_hop_type          = route.value.hop
      next_hop_in_ip_address = route.value.address
    }
  }
}
"#;

const RULES: &str = r#"resource "azurerm_network_security_group" "servers" {
  name = "nsg-${local.name}"

  security_rule = [for index, name in keys(local.rules) : {
    name                       = name
    priority                   = 100 + index
    direction                  = "Outbound"
    access                     = local.rules[name].access
    protocol                   = "Tcp"
    source_port_range          = "*"
    destination_port_range     = tostring(local.rules[name].port)
    source_address_prefix      = "*"
    destination_address_prefix = "*"
  }]
}

resource "azurerm_network_security_rule" "deny" {
  name                        = "deny-all"
  priority                    = 4000
  direction                   = "Outbound"
  access                      = "Deny"
  protocol                    = "*"
  source_port_range           = "*"
  destination_port_range      = "*"
  source_address_prefix       = "*"
  destination_address_prefix  = "Internet"
  network_security_group_name = azurerm_network_security_group.servers.name
}
"#;

fn spoke(name: &str) -> Folder {
    let folder = Folder::new(name);
    for (file, text) in [
        ("variables.tf", VARIABLES),
        ("locals.tf", LOCALS),
        ("network.tf", NETWORK),
        ("routes.tf", ROUTES),
        ("rules.tf", RULES),
    ] {
        folder.file(file, text);
    }
    folder
}

#[test]
fn names_and_values_are_followed_through_the_files_of_a_folder() {
    let folder = spoke("folder");
    let deny = "rules.tf:17 error azure-nsg-deny";
    assert_eq!(findings(&folder, &["."], &[]), [deny]);
    // Of a file that is named alone only its own findings are told, with the names of its siblings.
    assert_eq!(findings(&folder, &["rules.tf"], &[]), [deny]);
    assert_eq!(findings(&folder, &["routes.tf"], &[]), [""; 0]);
    assert_eq!(findings(&folder, &["routes.tf", "rules.tf"], &[]), [deny]);

    let tunnel = "routes.tf:4 error forced-tunnel";
    let appliance = "routes.tf:4 warning forced-tunnel";
    let none = ["--var", "kms_addresses=[]"];
    assert_eq!(findings(&folder, &["."], &none), [tunnel, deny]);
    assert_eq!(findings(&folder, &["routes.tf"], &none), [tunnel]);
    folder.file("terraform.tfvars", "kms_addresses = []\n");
    assert_eq!(findings(&folder, &["."], &[]), [tunnel, deny]);
    folder.file("one.auto.tfvars", "kms_addresses = [\"23.102.135.246\"]\n");
    assert_eq!(findings(&folder, &["."], &[])[0], "routes.tf:4 error azure-old-ip-route");
    let file = folder.file("prod.tfvars", "kms_addresses = []\nfirewall_address = \"10.0.0.4\"\n");
    assert_eq!(findings(&folder, &["."], &["--var-file", &file])[0], appliance);
    let right = "kms_addresses=[\"20.118.99.224\", \"40.83.235.53\"]";
    assert_eq!(findings(&folder, &["."], &["--var-file", &file, "--var", right]), [deny]);
    assert_eq!(findings(&folder, &["."], &["--var", right, "--var-file", &file])[0], appliance);

    let open = run(&[folder.path(), "--var", "kms_adresses=[]"]);
    assert_eq!(open.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&open.stderr).contains("kms_adresses"));
    assert_eq!(run(&[folder.path(), "--var-file", "missing.tfvars"]).status.code(), Some(2));
    folder.file("one.auto.tfvars", "kms_addresses = [\n");
    let broken = String::from_utf8(run(&[folder.path()]).stdout).unwrap();
    assert!(broken.contains("one.auto.tfvars:"), "{broken}");
}

#[test]
fn what_has_no_value_stays_open() {
    let folder = spoke("open");
    let open = VARIABLES.replace("  default     = [\"20.118.99.224\", \"40.83.235.53\"]\n", "");
    folder.file("variables.tf", &open);
    let told = ["routes.tf:4 note forced-tunnel", "routes.tf:4 warning forced-tunnel"];
    assert_eq!(findings(&folder, &["routes.tf"], &[]), told);
    folder.file(
        "routes.tf",
        "resource \"azurerm_route_table\" \"spoke\" {\n  name  = \"rt\"\n  route = var.routes\n}\n",
    );
    assert_eq!(findings(&folder, &["routes.tf"], &[]), ["routes.tf:3 note forced-tunnel"]);
}

const MODULE: &str = r#"variable "name" {
  type = string
}

variable "routes" {
  type    = list(object({ prefix = string, hop = string }))
  default = []
}

variable "force_tunnel" {
  type    = bool
  default = true
}

resource "azurerm_route_table" "this" {
  name = "rt-${var.name}"
}

resource "azurerm_route" "default" {
  count            = var.force_tunnel ? 1 : 0
  name             = "default"
  route_table_name = azurerm_route_table.this.name
  address_prefix   = "0.0.0.0/0"
  next_hop_type    = "VirtualNetworkGateway"
}

resource "azurerm_route" "more" {
  for_each         = { for index, route in var.routes : tostring(index) => route }
  name             = "more-${each.key}"
  route_table_name = azurerm_route_table.this.name
  address_prefix   = each.value.prefix
  next_hop_type    = each.value.hop
}

output "route_table_id" {
  value = azurerm_route_table.this.id
}
"#;

#[test]
fn local_modules_are_read_with_their_arguments() {
    let folder = Folder::new("calls");
    folder.file("modules/routes/main.tf", MODULE);
    let main = r#"locals {
  kms = [for address in ["20.118.99.224", "40.83.235.53"] : { prefix = "${address}/32", hop = "Internet" }]
}

module "right" {
  source = "../modules/routes"
  name   = "right"
  routes = local.kms
}

module "direct" {
  source       = "../modules/routes"
  name         = "direct"
  force_tunnel = false
}

module "wrong" {
  for_each = toset(["a", "b"])
  source   = "../modules/routes"
  name     = "same"
}

module "other" {
  source = "../modules/routes"
  name   = "other"
  routes = slice(local.kms, 0, 1)
}

module "registry" {
  source  = "Azure/avm-res-network-routetable/azurerm"
  version = "0.4.1"
}

resource "azurerm_subnet" "s" {
  name                            = "s"
  default_outbound_access_enabled = false
}

resource "azurerm_subnet_route_table_association" "s" {
  subnet_id      = azurerm_subnet.s.id
  route_table_id = module.right.route_table_id
}
"#;
    folder.file("prod/main.tf", main);
    let private = "prod/main.tf:36 warning azure-no-outbound";
    let called = [
        "modules/routes/main.tf:19 error forced-tunnel module.other",
        "modules/routes/main.tf:19 error forced-tunnel module.wrong[\"a\"],module.wrong[\"b\"]",
    ];
    let mut found = findings(&folder, &["."], &[]);
    found.sort();
    assert_eq!(found, [called[0], called[1], private]);
    // The root's folder alone says the same; a file alone tells of itself only.
    assert_eq!(findings(&folder, &["prod"], &[]).len(), 3);
    assert_eq!(findings(&folder, &["prod/main.tf"], &[]), [private]);
    assert_eq!(findings(&folder, &["prod/main.tf", "modules/routes/main.tf"], &[]).len(), 3);
    // Nobody calls it: its arguments stay open, and its own defaults hold.
    let alone = findings(&folder, &["modules"], &[]);
    assert_eq!(alone, ["modules/routes/main.tf:19 error forced-tunnel"]);

    let text = String::from_utf8(run(&[folder.0.join("prod").to_str().unwrap()]).stdout).unwrap();
    assert!(
        text.contains("main.tf:29: The module registry comes from Azure/avm-res-network-routetable/azurerm"),
        "{text}"
    );
    assert!(text.contains("[module.wrong[\"a\"], module.wrong[\"b\"]]"), "{text}");
}

/// One block of a module that is cut to pieces.
fn blocks() -> Vec<String> {
    let all = [VARIABLES, LOCALS, NETWORK, ROUTES, RULES].concat();
    let old = all.replace("[\"20.118.99.224\", \"40.83.235.53\"]", "[\"23.102.135.246\", \"20.118.99.244\"]");
    let with_private = old.replace(
        "  name             = \"servers\"\n",
        "  name = \"servers\"\n  default_outbound_access_enabled = false\n",
    );
    let mut blocks: Vec<String> = Vec::new();
    for line in with_private.lines() {
        let begins = line.ends_with('{') && !line.starts_with([' ', '}']);
        if begins {
            blocks.push(String::new());
        }
        if let Some(block) = blocks.last_mut() {
            block.push_str(line);
            block.push('\n');
        }
    }
    blocks
}

/// Where a block of the whole file came to stand: the file, and its first line there.
fn cut(blocks: &[String], homes: &[usize]) -> (BTreeMap<usize, String>, Vec<(usize, u64)>) {
    let mut files: BTreeMap<usize, String> = BTreeMap::new();
    let mut places = Vec::new();
    for (block, home) in blocks.iter().zip(homes) {
        let text = files.entry(*home).or_default();
        places.push((*home, 1 + text.lines().count() as u64));
        text.push_str(block);
    }
    (files, places)
}

/// File, line, and what is told there.
fn parts(row: &str) -> (&str, u64, &str) {
    let (place, told) = row.split_once(' ').unwrap();
    let (file, line) = place.rsplit_once(':').unwrap();
    (file, line.parse().unwrap(), told)
}

/// Cutting a file into several changes no finding but its place.
#[test]
fn a_file_can_be_cut_into_several() {
    let blocks = blocks();
    let folder = Folder::new("whole");
    folder.file("main.tf", &blocks.concat());
    let whole = findings(&folder, &["."], &[]);
    assert!(whole.len() >= 4, "{whole:?}");
    let (_, starts) = cut(&blocks, &vec![0; blocks.len()]);
    // Each seed another way to cut: a generator of Knuth's decides for each block.
    for seed in 1..=12_u64 {
        let mut state = seed;
        let homes: Vec<usize> = blocks
            .iter()
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 33) as usize % 4
            })
            .collect();
        let (files, places) = cut(&blocks, &homes);
        let folder = Folder::new(&format!("cut-{seed}"));
        for (home, text) in &files {
            folder.file(&format!("part{home}.tf"), text);
        }
        let mut expected: Vec<String> = whole
            .iter()
            .map(|row| {
                let (_, line, told) = parts(row);
                let block = starts.partition_point(|(_, start)| *start <= line) - 1;
                let (home, start) = places[block];
                format!("part{home}.tf:{} {told}", start + line - starts[block].1)
            })
            .collect();
        let mut found = findings(&folder, &["."], &[]);
        expected.sort();
        found.sort();
        assert_eq!(found, expected, "seed {seed}");
    }
}
