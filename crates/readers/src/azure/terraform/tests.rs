//! Modules in memory: what their files make together.

use std::collections::BTreeMap;

use model::Fact;
use model::azure::RouteTable;

use super::*;
use crate::limits::Limits;

/// Files by their path; the root is the present folder.
struct Site(Vec<(&'static str, String)>);

impl Site {
    fn tree(&self, assignments: &[Assignment]) -> Tree {
        let mut load = |folder: &str| {
            let of = |path: &str| path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
            let own = self.0.iter().filter(|(path, _)| of(path) == folder);
            let files =
                own.map(|(path, text)| ModuleFile { path: (*path).to_owned(), bytes: text.clone().into() });
            Some(files.collect::<Vec<_>>()).filter(|files| !files.is_empty())
        };
        Folders::load(&[String::new()], &mut load).read("", assignments, &Limits::default())
    }

    fn tables(&self, assignments: &[Assignment]) -> Vec<RouteTable> {
        let facts = self.tree(assignments).file.facts.into_iter().filter_map(|one| match one.fact.value {
            Fact::Routes(table) => Some(table),
            _ => None,
        });
        facts.collect()
    }
}

fn site(files: &[(&'static str, &str)]) -> Site {
    Site(files.iter().map(|(path, text)| (*path, (*text).to_owned())).collect())
}

/// The prefix that an expression gives as that of a route.
fn prefix(expression: &str) -> String {
    let text = format!(
        "variable \"open\" {{}}\nlocals {{\n  map = {{ b = \"2\", a = \"1\" }}\n  list = [\"x\", \"y\"]\n}}\n\
         resource \"azurerm_route_table\" \"t\" {{\n  name = \"t\"\n  route {{\n    next_hop_type = \"Internet\"\n    address_prefix = {expression}\n  }}\n}}\n"
    );
    let tables = Site(vec![("main.tf", text)]).tables(&[]);
    let prefixes: Vec<&str> =
        tables.iter().flat_map(|table| &table.routes).filter_map(|route| route.prefix.as_deref()).collect();
    prefixes.join(" ")
}

#[test]
fn expressions_are_followed() {
    for (expression, value) in [
        ("cidrsubnet(\"10.0.0.0/16\", 8, 3)", "10.0.3.0/24"),
        ("\"${cidrhost(\"10.0.0.0/24\", 4)}/32\"", "10.0.0.4/32"),
        ("format(\"%s/%d\", \"10.0.0.1\", 32)", "10.0.0.1/32"),
        ("format(\"%03d-%v%%\", 7, true)", "007-true%"),
        ("join(\"-\", concat(local.list, [\"z\"]))", "x-y-z"),
        ("join(\"\", flatten([[\"a\", [\"b\"]], \"c\"]))", "abc"),
        ("lookup(local.map, \"a\", \"none\")", "1"),
        ("lookup(local.map, \"c\", \"none\")", "none"),
        ("merge(local.map, { a = \"3\" }).a", "3"),
        ("join(\"\", keys(local.map))", "ab"),
        ("join(\"\", values(local.map))", "12"),
        ("element(local.list, 3)", "y"),
        ("upper(split(\"/\", \"a/b\")[1])", "B"),
        ("try(local.map.c, local.map.b)", "2"),
        ("try(var.open.x, \"no\")", "${try(var.open.x, \"no\")}"),
        ("coalesce(null, \"\", \"c\")", "c"),
        ("length(local.list) == 2 ? \"two\" : \"other\"", "two"),
        ("zipmap([\"k\"], [\"v\"])[\"k\"]", "v"),
        ("tolist(toset([\"b\", \"a\", \"b\"]))[1]", "b"),
        ("join(\"\", [for k, v in local.map : \"${k}${v}\" if v != \"1\"])", "b2"),
        ("{ for v in local.list : upper(v) => \"${v}!\" }[\"Y\"]", "y!"),
        ("join(\"\", { for v in local.list : \"all\" => v... }.all)", "xy"),
        ("[for i, v in local.list : \"${i * 2 + 1}${v}\"][1]", "3y"),
        ("join(\"\", [{ a = \"1\" }, { a = \"2\" }][*].a)", "12"),
        ("false || !(1 > 2) ? \"t\" : \"f\"", "t"),
        ("var.open || true ? \"t\" : \"f\"", "t"),
        ("contains(local.list, \"x\") ? \"in\" : \"out\"", "in"),
        ("replace(\"a.b\", \".\", \"-\")", "a-b"),
        ("merge([{ a = \"1\" }, { b = \"2\" }]...).b", "2"),
        (
            "join(\"\", [for v in concat([\"a\"], var.open) : v])",
            "${join(\"\", [for v in concat([\"a\"], var.open) : v])}",
        ),
        ("file(\"x\")", "${file(\"x\")}"),
        ("var.open ? \"a\" : \"b\"", "${var.open ? \"a\" : \"b\"}"),
        ("provider::x::f(\"a\")", "${provider::x::f(\"a\")}"),
    ] {
        assert_eq!(prefix(expression), value, "{expression}");
    }
}

#[test]
fn values_come_from_files_and_options_in_order() {
    let declared = "variable \"hop\" {\n  type = string\n  default = \"10.0.0.1\"\n}\nvariable \"extra\" {\n  \
                    type = set(object({ prefix = string, hop = optional(string, \"None\") }))\n  default = []\n}\n";
    let used = "resource \"azurerm_route_table\" \"t\" {\n  name = var.hop\n  dynamic \"route\" {\n    for_each = var.extra\n    content {\n      \
                address_prefix = route.value.prefix\n      next_hop_type = route.value.hop\n    }\n  }\n}\n";
    let mut files = vec![("variables.tf", declared), ("z.tf", used)];
    let name = |files: &[(&'static str, &str)], assignments: &[Assignment]| {
        site(files).tables(assignments)[0].name.clone().unwrap_or_default()
    };
    assert_eq!(name(&files, &[]), "10.0.0.1");
    files.push(("b.auto.tfvars", "hop = \"auto-b\"\n"));
    files.push(("a.auto.tfvars.json", "{\"hop\": \"auto-a\"}"));
    files.push(("terraform.tfvars", "hop = \"plain\"\nextra = [{ prefix = \"10.9.0.0/16\" }]\n"));
    assert_eq!(name(&files, &[]), "auto-b");
    let option = |value: &str| Assignment::Variable { name: "hop".to_owned(), value: value.to_owned() };
    let file =
        Assignment::File(ModuleFile { path: "prod.tfvars".to_owned(), bytes: b"hop = \"file\"".to_vec() });
    assert_eq!(name(&files, &[option("one"), file.clone()]), "file");
    assert_eq!(name(&files, &[file, option("one")]), "one");
    let route = &site(&files).tables(&[])[0].routes[0];
    assert_eq!(
        (route.prefix.as_deref(), route.next_hop_type.as_deref()),
        (Some("10.9.0.0/16"), Some("None"))
    );
    let extra = Assignment::Variable {
        name: "extra".to_owned(),
        value: "[{ prefix = \"10.8.0.0/16\", hop = \"Internet\" }]".to_owned(),
    };
    let route = &site(&files).tables(&[extra])[0].routes[0];
    assert_eq!(
        (route.prefix.as_deref(), route.next_hop_type.as_deref()),
        (Some("10.8.0.0/16"), Some("Internet"))
    );
}

const NET: &str = "variable \"name\" {}\nvariable \"routes\" {\n  default = {}\n}\nresource \"azurerm_route_table\" \"t\" {\n  name = var.name\n}\n\
                   resource \"azurerm_route\" \"r\" {\n  for_each = var.routes\n  name = each.key\n  route_table_name = azurerm_route_table.t.name\n  \
                   address_prefix = each.value\n  next_hop_type = \"Internet\"\n}\noutput \"table\" {\n  value = azurerm_route_table.t.id\n}\n";

#[test]
fn modules_are_read_once_for_each_call() {
    let main = "module \"net\" {\n  for_each = toset([\"a\", \"b\"])\n  source = \"./modules/../net\"\n  name = \"rt\"\n  routes = { \"${each.key}\" = \"10.0.0.0/8\" }\n}\n\
                resource \"azurerm_subnet\" \"s\" {\n  name = \"s\"\n}\nresource \"azurerm_subnet_route_table_association\" \"s\" {\n  \
                subnet_id = azurerm_subnet.s.id\n  route_table_id = module.net[\"b\"].table\n}\n";
    let tree = site(&[("main.tf", main), ("net/main.tf", NET)]).tree(&[]);
    let mut told = BTreeMap::new();
    for one in &tree.file.facts {
        let origin = tree.origins.of(&one.fact.source).unwrap();
        match &one.fact.value {
            Fact::Routes(table) => {
                let names: Vec<&str> =
                    table.routes.iter().filter_map(|route| route.name.as_deref()).collect();
                told.insert(
                    table.id.clone().unwrap(),
                    (origin.call, origin.source.to_string(), names.join(" ")),
                );
            }
            Fact::Resource(subnet) => {
                assert_eq!(
                    subnet.route_table.as_deref(),
                    Some("terraform/module.net[\"b\"].azurerm_route_table/t")
                );
                assert_eq!(origin.source.to_string(), "main.tf:7");
            }
            _ => {}
        }
    }
    let row = |key: &str| {
        let call = format!("module.net[\"{key}\"]");
        let id = format!("terraform/{call}.azurerm_route_table/t");
        (id, (call, "net/main.tf:5".to_owned(), key.to_owned()))
    };
    assert_eq!(told, BTreeMap::from([row("a"), row("b")]));
}

#[test]
fn calls_that_lead_elsewhere_are_told() {
    let main = "module \"a\" {\n  source = \"Azure/network/azurerm\"\n}\nmodule \"b\" {\n  source = \"./missing\"\n}\n\
                module \"c\" {\n  source = \"./c\"\n}\n";
    let circle = "module \"c\" {\n  source = \"../c\"\n}\n";
    let tree = site(&[("main.tf", main), ("c/main.tf", circle)]).tree(&[]);
    let notes: Vec<(&str, String)> = tree
        .file
        .notes
        .iter()
        .map(|note| (note.key, tree.origins.of(&note.source).unwrap().source.to_string()))
        .collect();
    assert_eq!(
        notes,
        [
            ("note-terraform-module-remote", "main.tf:1".to_owned()),
            ("note-terraform-module-missing", "main.tf:4".to_owned()),
            ("note-terraform-module-limit", "c/main.tf:1".to_owned()),
        ]
    );
}

#[test]
fn roots_are_the_folders_that_nobody_calls() {
    let call = |source: &str| format!("module \"m\" {{\n  source = \"{source}\"\n}}\n");
    let files = BTreeMap::from([
        ("envs/prod", call("../../modules/net")),
        ("modules/net", call("./inner")),
        ("modules/net/inner", String::new()),
        ("one", call("../two")),
        ("two", call("../one")),
        ("self", call("./../self")),
    ]);
    let listed: Vec<String> = files.keys().map(|name| format!("./{name}/")).collect();
    let mut load = |folder: &str| {
        let text = files.get(folder)?;
        Some(vec![ModuleFile { path: format!("{folder}/main.tf"), bytes: text.clone().into() }])
    };
    assert_eq!(Folders::load(&listed, &mut load).roots(&listed), ["envs/prod", "self", "one"]);
}

#[test]
fn what_grows_ends() {
    let mut doubling = "locals {\n  a0 = [\"x\", \"x\"]\n".to_owned();
    for level in 1..60 {
        doubling.push_str(&format!("  a{level} = [local.a{0}, local.a{0}, local.a{0}]\n", level - 1));
    }
    doubling.push_str("  flat = flatten(local.a59)\n  same = local.a59 == local.a58\n}\n");
    let used = "resource \"azurerm_route_table\" \"t\" {\n  for_each = { for i in range(500) : \"k${i}\" => local.a59 }\n  name = each.key\n  tags = local.a20\n  \
                route = [for r in local.flat : { address_prefix = r, next_hop_type = local.same }]\n}\n";
    let tree = site(&[("locals.tf", &doubling), ("main.tf", used)]).tree(&[]);
    assert!(tree.file.notes.iter().any(|note| note.key == "note-terraform-limit"));
    let mut circle = "locals {\n  a0 = local.a5000\n".to_owned();
    for level in 1..=5000 {
        circle.push_str(&format!("  a{level} = \"${{local.a{}}}\"\n", level - 1));
    }
    circle.push_str("}\n");
    let used = "resource \"azurerm_route_table\" \"t\" {\n  name = local.a2500\n  route = local.a5000\n}\n";
    let tables = site(&[("locals.tf", &circle), ("main.tf", used)]).tables(&[]);
    assert_eq!(tables[0].routes.len(), 1, "an open route is told of");
}
