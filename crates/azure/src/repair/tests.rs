//! Plans and their words; the end-to-end tests read them back.

use model::azure::{Resource, RouteTable, SecurityGroup, SecurityRule};

use super::*;

const ALL: [Tool; 6] =
    [Tool::Az, Tool::Powershell, Tool::Terraform, Tool::Bicep, Tool::Arm, Tool::ClassicPowershell];

fn table(effective: bool, rows: &[(&str, &str, &str)]) -> RouteTable {
    let route = |(prefix, hop, source): &(&str, &str, &str)| Route {
        prefix: Some((*prefix).to_owned()),
        next_hop_type: Some((*hop).to_owned()),
        source: Some((*source).to_owned()).filter(|_| effective),
        ..Route::default()
    };
    RouteTable {
        routes: rows.iter().map(route).collect(),
        effective: Some(effective),
        ..RouteTable::default()
    }
}

fn target(route_table: Option<&str>, location: Option<&str>) -> Target {
    Target {
        resource_group: "rg1".to_owned(),
        vnet: "vnet1".to_owned(),
        subnet: "sub1".to_owned(),
        route_table: route_table.map(str::to_owned),
        location: location.map(str::to_owned),
    }
}

const USER_TUNNEL: &[(&str, &str, &str)] = &[("0.0.0.0/0", "VirtualNetworkGateway", "User")];
const BGP_TUNNEL: &[(&str, &str, &str)] = &[("0.0.0.0/0", "VirtualNetworkGateway", "VirtualNetworkGateway")];

fn planned(routes: &RouteTable, target: &Target) -> Result<Repair, Refusal> {
    plan(&Place { routes: Some(routes), ..Place::default() }, Cloud::AzurePublic, target, Tool::Az)
}

#[test]
fn routes_are_added_to_the_table_that_is_there() {
    let repair = planned(&table(true, USER_TUNNEL), &target(Some("rt1"), Some("westeurope"))).unwrap();
    assert!(!repair.is_new);
    assert_eq!(repair.routes.len(), 3);
    let missing = planned(&table(true, USER_TUNNEL), &target(None, Some("westeurope")));
    assert_eq!(missing, Err(Refusal::TableNotNamed));
}

#[test]
fn a_table_is_made_only_where_none_can_be_lost() {
    let repair = planned(&table(true, BGP_TUNNEL), &target(None, None)).unwrap();
    assert_eq!((repair.table.as_str(), repair.is_new), ("rt-sub1-kms", true));
    let named = planned(&table(true, BGP_TUNNEL), &target(Some("rt1"), None)).unwrap();
    assert!(!named.is_new);
    assert!(repair.undo(Tool::Az)[0].ends_with("--remove routeTable"));
}

#[test]
fn only_what_is_missing_is_added() {
    let mut rows = USER_TUNNEL.to_vec();
    rows.push(("20.118.99.224/32", "Internet", "User"));
    rows.push(("40.83.235.53/32", "VirtualAppliance", "User"));
    let mut routes = table(true, &rows);
    routes.routes[2].name = Some("to-fw".to_owned());
    routes.routes[2].next_hop_ip = Some("10.0.0.4".to_owned());
    let repair = planned(&routes, &target(Some("rt1"), None)).unwrap();
    let names: Vec<&str> = repair.routes.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["to-fw", "kms-23-102-135-246"]);
    let undo = repair.undo(Tool::Az);
    assert!(undo[1].ends_with("--next-hop-type VirtualAppliance --next-hop-ip-address 10.0.0.4"), "{undo:?}");
}

#[test]
fn what_no_route_mends_is_refused() {
    let routes = table(true, USER_TUNNEL);
    let with = |resources: Vec<&Resource>, groups: Vec<&SecurityGroup>| {
        let place = Place { routes: Some(&routes), resources, groups, ..Place::default() };
        plan(&place, Cloud::AzurePublic, &target(Some("rt1"), None), Tool::Az)
    };
    let private = Resource {
        resource: Some("subnet".to_owned()),
        default_outbound_access: Some(false),
        ..Resource::default()
    };
    assert_eq!(with(vec![&private], Vec::new()), Err(Refusal::NoOutbound(Lack::PrivateSubnet)));
    let deny = SecurityGroup {
        rules: vec![SecurityRule {
            name: Some("no".to_owned()),
            direction: Some("Outbound".to_owned()),
            access: Some("Deny".to_owned()),
            destinations: vec!["Internet".to_owned()],
            ..SecurityRule::default()
        }],
        ..SecurityGroup::default()
    };
    assert_eq!(with(Vec::new(), vec![&deny]), Err(Refusal::SecurityRule(Some("no".to_owned()))));
    let plain = table(true, &[("0.0.0.0/0", "Internet", "Default")]);
    assert_eq!(planned(&plain, &target(None, None)), Err(Refusal::NothingToDo));
}

#[test]
fn a_shell_is_never_given_what_it_would_obey() {
    for bad in ["rt; rm -rf /", "$(id)", "a b", "\"", "'", "", "-rf", "x\ny"] {
        let refused = planned(&table(true, USER_TUNNEL), &target(Some(bad), None));
        assert_eq!(refused, Err(Refusal::BadName(bad.to_owned())), "{bad}");
    }
    let mut routes = table(true, &[USER_TUNNEL[0], ("40.83.235.53/32", "None", "User")]);
    routes.routes[1].name = Some("a`id`".to_owned());
    assert!(matches!(planned(&routes, &target(Some("rt1"), None)), Err(Refusal::BadName(_))));
}

#[test]
fn what_a_file_says_of_a_next_hop_never_reaches_a_shell() {
    let mut routes = table(true, &[USER_TUNNEL[0], ("40.83.235.53/32", "None", "User")]);
    let named = |routes: &mut RouteTable, hop: &str, address: &str| {
        routes.routes[1].name = Some("to-fw".to_owned());
        routes.routes[1].next_hop_type = Some(hop.to_owned());
        routes.routes[1].next_hop_ip = Some(address.to_owned());
    };
    for (hop, address) in [("$(id)", "10.0.0.4"), ("VirtualAppliance", "10.0.0.4; id"), ("None`id`", "$(id)")]
    {
        named(&mut routes, hop, address);
        let repair = planned(&routes, &target(Some("rt1"), None)).unwrap();
        for tool in ALL {
            let text = [repair.forward(tool), repair.undo(tool)].concat().join("\n");
            assert!(
                !text.contains("id)") && !text.contains("; id") && !text.contains("`id"),
                "{tool:?}\n{text}"
            );
        }
    }
    routes.routes[1].name = None;
    let nameless = planned(&routes, &target(Some("rt1"), None));
    assert_eq!(nameless, Err(Refusal::RouteNotNamed("40.83.235.53/32".to_owned())));
}

#[test]
fn every_tool_names_every_address_and_can_go_back() {
    for routes in [table(true, USER_TUNNEL), table(true, BGP_TUNNEL)] {
        let repair = planned(&routes, &target(Some("rt1"), Some("westeurope"))).unwrap();
        for tool in ALL {
            let text = repair.forward(tool).join("\n");
            for one in &repair.routes {
                assert!(text.contains(&format!("{}/32", one.address)), "{tool:?}\n{text}");
            }
            assert!(!repair.undo(tool).is_empty());
        }
    }
}
