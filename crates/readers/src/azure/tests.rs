//! What comes out of whole texts.

use model::azure::{Resource, RouteTable, SecurityGroup};
use model::evidence::Evidence;
use model::{EvidenceFile, Fact, Place};

use crate::{Limits, read_bytes};

fn read(text: &str) -> EvidenceFile {
    read_bytes("t", text.as_bytes(), &Limits::default())
}

fn tables(text: &str) -> Vec<RouteTable> {
    let keep = |e: Evidence| if let Fact::Routes(table) = e.fact.value { Some(table) } else { None };
    read(text).facts.into_iter().filter_map(keep).collect()
}

fn groups(text: &str) -> Vec<SecurityGroup> {
    let keep = |e: Evidence| if let Fact::SecurityGroup(group) = e.fact.value { Some(group) } else { None };
    read(text).facts.into_iter().filter_map(keep).collect()
}

fn resources(text: &str) -> Vec<Resource> {
    let keep = |e: Evidence| if let Fact::Resource(resource) = e.fact.value { Some(*resource) } else { None };
    read(text).facts.into_iter().filter_map(keep).collect()
}

/// `prefix next-hop-type next-hop-ip source state` per route.
fn shown(table: &RouteTable) -> Vec<String> {
    let text = |field: &Option<String>| field.clone().unwrap_or_else(|| "-".into());
    let all = |r: &model::azure::Route| {
        [&r.prefix, &r.next_hop_type, &r.next_hop_ip, &r.source, &r.state].map(text).join(" ")
    };
    table.routes.iter().map(all).collect()
}

#[test]
fn one_table_of_routes_in_every_shape() {
    let expected =
        ["10.40.0.0/16 VnetLocal - Default Active", "0.0.0.0/0 VirtualAppliance 10.40.9.4 User Active"];
    let shapes = [
        // az -o json
        r#"{"value":[
            {"addressPrefix":["10.40.0.0/16"],"nextHopIpAddress":[],"nextHopType":"VnetLocal","source":"Default","state":"Active"},
            {"addressPrefix":["0.0.0.0/0"],"nextHopIpAddress":["10.40.9.4"],"nextHopType":"VirtualAppliance","source":"User","state":"Active","name":"to-fw"}]}"#,
        // Get-AzEffectiveRouteTable | ConvertTo-Json
        r#"[{"Name":null,"State":"Active","Source":"Default","AddressPrefix":["10.40.0.0/16"],"NextHopType":"VnetLocal","NextHopIpAddress":[]},
            {"Name":"to-fw","State":"Active","Source":"User","AddressPrefix":["0.0.0.0/0"],"NextHopType":"VirtualAppliance","NextHopIpAddress":["10.40.9.4"]}]"#,
        // az -o table
        "Source    State    Address Prefix    Next Hop Type      Next Hop IP\n\
         --------  -------  ----------------  -----------------  -------------\n\
         Default   Active   10.40.0.0/16      VnetLocal\n\
         User      Active   0.0.0.0/0         VirtualAppliance   10.40.9.4\n",
        // Format-Table
        "\nName  State  Source  AddressPrefix  NextHopType      NextHopIpAddress\n\
         ----  -----  ------  -------------  -----------      ----------------\n      \
         Active Default {10.40.0.0/16} VnetLocal        {}\n\
         to-fw Active User    {0.0.0.0/0}    VirtualAppliance {10.40.9.4}\n",
        // Format-List
        "Name                       : \nDisableBgpRoutePropagation : False\nState                      : Active\n\
         Source                     : Default\nAddressPrefix              : {10.40.0.0/16}\n\
         NextHopType                : VnetLocal\nNextHopIpAddress           : {}\n\n\
         Name                       : to-fw\nDisableBgpRoutePropagation : False\nState                      : Active\n\
         Source                     : User\nAddressPrefix              : {0.0.0.0/0}\n\
         NextHopType                : VirtualAppliance\nNextHopIpAddress           : {10.40.9.4}\n",
        // portal CSV
        "\"Source\",\"State\",\"Address Prefixes\",\"Next Hop Type\",\"Next Hop IP Address\",\"User Defined Route Name\"\n\
         \"Default\",\"Active\",\"10.40.0.0/16\",\"VnetLocal\",\"-\",\"-\"\n\
         \"User\",\"Active\",\"0.0.0.0/0\",\"VirtualAppliance\",\"10.40.9.4\",\"to-fw\"\n",
        // portal CSV, German
        "Quelle;Zustand;Adresspräfixe;Typ des nächsten Hops;IP-Adresse des nächsten Hops\n\
         Standard;Aktiv;10.40.0.0/16;Virtuelles Netzwerk;\nBenutzer;Aktiv;0.0.0.0/0;Virtuelles Gerät;10.40.9.4\n",
        // portal CSV, Japanese
        "ソース,状態,アドレス プレフィックス,次ホップの種類,次ホップの IP アドレス\n\
         既定,アクティブ,10.40.0.0/16,仮想ネットワーク,\nユーザー,アクティブ,0.0.0.0/0,仮想アプライアンス,10.40.9.4\n",
    ];
    for shape in shapes {
        let tables = tables(shape);
        assert_eq!(tables.len(), 1, "{shape}");
        if shape.contains("Name  State") {
            assert_eq!(tables[0].routes.len(), 2, "{shape}");
            assert_eq!(shown(&tables[0])[1], expected[1], "{shape}");
        } else {
            assert_eq!(shown(&tables[0]), expected, "{shape}");
        }
        assert_eq!(tables[0].effective, Some(true), "{shape}");
    }
}

#[test]
fn route_tables_alone() {
    let nested = r#"{"routes":[{"name":"kms1","properties":{"addressPrefix":"20.118.99.224/32","nextHopType":"Internet"}}]}"#;
    let az = r#"{"name":"rt-spoke","disableBgpRoutePropagation":true,"type":"Microsoft.Network/routeTables",
        "routes":[{"name":"all","addressPrefix":"0.0.0.0/0","nextHopType":"VirtualNetworkGateway","nextHopIpAddress":null}]}"#;
    let arm = r#"{"resources":[{"type":"Microsoft.Network/routeTables","name":"rt-spoke","properties":{"disableBgpRoutePropagation":true,
        "routes":[{"name":"all","properties":{"addressPrefix":"0.0.0.0/0","nextHopType":"VirtualNetworkGateway"}}]}}]}"#;
    let single = r#"{"addressPrefix":"0.0.0.0/0","name":"d","nextHopIpAddress":"10.1.3.4","nextHopType":"VirtualAppliance"}"#;
    let empty = r#"{"name":"rt","type":"Microsoft.Network/routeTables","routes":[]}"#;
    let powershell = "Name                       : rt-spoke\nLocation                   : westeurope\nDisableBgpRoutePropagation : True\n\
        Routes                     : [\n                               {\n                                 \"Name\": \"all\",\n                                 \
        \"AddressPrefix\": \"0.0.0.0/0\",\n                                 \"NextHopType\": \"VirtualNetworkGateway\"\n                               }\n                             ]\n";
    for (text, name, routes, propagation) in [
        (nested, None, 1, None),
        (az, Some("rt-spoke"), 1, Some(true)),
        (arm, Some("rt-spoke"), 1, Some(true)),
        (single, None, 1, None),
        (empty, Some("rt"), 0, None),
        (powershell, Some("rt-spoke"), 1, Some(true)),
    ] {
        let tables = tables(text);
        assert_eq!(tables.len(), 1, "{text}");
        let table = &tables[0];
        assert_eq!((table.name.as_deref(), table.routes.len()), (name, routes), "{text}");
        assert_eq!(
            (table.effective, table.disable_bgp_route_propagation),
            (Some(false), propagation),
            "{text}"
        );
    }
}

#[test]
fn terraform_and_commands() {
    let text = "resource \"azurerm_route_table\" \"spoke\" {\n  name = \"rt-spoke\"\n  disable_bgp_route_propagation = true\n\n  \
        route {\n    name           = \"default\"\n    address_prefix = \"0.0.0.0/0\"\n    next_hop_type  = \"VirtualNetworkGateway\"\n  }\n  \
        route {\n    name = \"kms\"\n    address_prefix = \"23.102.135.246/32\"\n    next_hop_type = \"Internet\"\n  }\n}\n";
    let table = &tables(text)[0];
    assert_eq!((table.routes.len(), table.name.as_deref()), (2, Some("rt-spoke")));
    let text = "resource \"azurerm_route\" \"a\" {\n  name = \"a\"\n  route_table_name = azurerm_route_table.t.name\n  address_prefix = \"0.0.0.0/0\"\n  \
        next_hop_type = \"VirtualAppliance\"\n  next_hop_in_ip_address = \"10.0.1.4\"\n}\n\nresource \"azurerm_route\" \"b\" {\n  name = \"b\"\n  \
        route_table_name = azurerm_route_table.t.name\n  address_prefix = \"20.118.99.224/32\"\n  next_hop_type = \"Internet\"\n}\n";
    let tables_read = tables(text);
    assert_eq!((tables_read.len(), tables_read[0].routes.len()), (1, 2));
    assert_eq!(tables_read[0].routes[0].next_hop_ip.as_deref(), Some("10.0.1.4"));
    let plan = r#"{"planned_values":{"root_module":{"resources":[{"type":"azurerm_route_table","name":"t","values":{"name":"rt","route":[
        {"address_prefix":"0.0.0.0/0","name":"d","next_hop_in_ip_address":"","next_hop_type":"VirtualNetworkGateway"}]}}]}},
        "resource_changes":[{"change":{"after":{"route":[{"address_prefix":"0.0.0.0/0","next_hop_type":"VirtualNetworkGateway"}]}}}]}"#;
    assert_eq!(tables(plan).len(), 1);
    let text = "PS C:\\> Add-AzRouteConfig -Name \"kms\" -AddressPrefix 20.118.99.244/32 -NextHopType Internet -RouteTable $rt\n\
        az network route-table route create -g g --route-table-name t -n k2 --address-prefix 40.83.235.53/32 --next-hop-type Internet\n";
    assert_eq!(tables(text)[0].routes.len(), 2);
}

#[test]
fn security_rules_in_every_shape() {
    let nested = r#"{"name":"nsg-app","properties":{"securityRules":[{"name":"deny-lkm","properties":{"priority":200,"direction":"Outbound",
        "access":"Deny","protocol":"*","sourceAddressPrefix":"*","destinationAddressPrefix":"AzurePlatformLKM","destinationPortRange":"1688"}}],
        "defaultSecurityRules":[{"name":"DenyAllOutBound","properties":{"priority":65500,"direction":"Outbound","access":"Deny","protocol":"*",
        "destinationAddressPrefix":"*","destinationPortRange":"*"}}]}}"#;
    let group = &groups(nested)[0];
    assert_eq!((groups(nested).len(), group.rules.len(), group.name.as_deref()), (1, 2, Some("nsg-app")));
    assert_eq!(group.rules[0].destinations, ["AzurePlatformLKM"]);
    let list = "Name                     : deny-out\nProtocol                 : *\nSourcePortRange          : {*}\nDestinationPortRange     : {80, 1688}\n\
        SourceAddressPrefix      : {*}\nDestinationAddressPrefix : {Internet}\nAccess                   : Deny\nPriority                 : 4000\nDirection                : Outbound\n";
    let group = &groups(list)[0];
    assert_eq!(group.rules[0].destination_ports, ["80", "1688"]);
    assert_eq!((group.rules[0].priority, group.rules[0].access.as_deref()), (Some(4000), Some("Deny")));
    let effective = r#"{"value":[{"association":{"subnet":{"id":"/x/subnets/s1"}},"networkSecurityGroup":{"id":"/x/networkSecurityGroups/nsg1"},
        "effectiveSecurityRules":[{"name":"securityRules/deny","protocol":"All","priority":100,"access":"Deny","direction":"Outbound",
        "destinationAddressPrefix":"0.0.0.0/0","destinationPortRange":"0-65535","sourceAddressPrefix":"0.0.0.0/0"}]}]}"#;
    let group = &groups(effective)[0];
    assert_eq!((group.name.as_deref(), group.effective), (Some("nsg1"), Some(true)));
    assert_eq!(group.rules[0].name.as_deref(), Some("deny"));
    let table = "Name      ResourceGroup    Priority    SourcePortRanges    SourceAddressPrefixes    Access    Protocol    Direction    DestinationPortRanges    DestinationAddressPrefixes\n\
        --------  ---------------  ----------  ------------------  -----------------------  --------  ----------  -----------  -----------------------  ----------------------------\n\
        deny-all  rg1              300         *                   *                        Deny      *           Outbound     *                        Internet\n";
    assert_eq!(groups(table)[0].rules[0].destinations, ["Internet"]);
    let single = r#"{"name":"r","priority":100,"direction":"outbound","access":"DENY","protocol":"Tcp","destinationAddressPrefixes":["23.97.0.13/32"],"destinationPortRange":"1688"}"#;
    assert_eq!(groups(single)[0].rules[0].access.as_deref(), Some("Deny"));
}

#[test]
fn resources_of_all_kinds() {
    let subnet = r#"{"name":"s1","type":"Microsoft.Network/virtualNetworks/subnets","addressPrefix":"10.0.0.0/24","defaultOutboundAccess":false,"natGateway":null,"provisioningState":"Succeeded"}"#;
    let r = &resources(subnet)[0];
    assert_eq!(
        (r.resource.as_deref(), r.default_outbound_access, r.nat_gateway),
        (Some("subnet"), Some(false), Some(false))
    );
    let balancer = r#"{"name":"ilb","type":"Microsoft.Network/loadBalancers","sku":{"name":"Standard"},"frontendIPConfigurations":[{"name":"f","properties":{"privateIPAddress":"10.0.0.9","subnet":{"id":"/x"}}}],"backendAddressPools":[{"name":"b"}],"outboundRules":[]}"#;
    let r = &resources(balancer)[0];
    assert_eq!(
        (r.sku.as_deref(), r.internal, r.public_ip, r.outbound_rules),
        (Some("Standard"), Some(true), Some(false), Some(false))
    );
    let nic = r#"{"name":"nic1","macAddress":"00-0D","ipConfigurations":[{"privateIPAddress":"10.0.0.4","publicIPAddress":null,"loadBalancerBackendAddressPools":[{"id":"/x"}]}]}"#;
    let r = &resources(nic)[0];
    assert_eq!((r.public_ip, r.in_backend_pool, r.addresses.len()), (Some(false), Some(true), 1));
    let gateway = r#"{"name":"ng","idleTimeoutInMinutes":4,"publicIpAddresses":[{"id":"/p","ipAddress":"203.0.113.40"}],"publicIpPrefixes":[],"sku":{"name":"Standard"},"subnets":[{"id":"/s"}]}"#;
    let r = &resources(gateway)[0];
    assert_eq!(
        (r.resource.as_deref(), r.addresses.as_slice()),
        (Some("nat-gateway"), &["203.0.113.40".to_owned()][..])
    );
    let vm = r#"{"type":"Microsoft.Compute/virtualMachines","name":"vm1","location":"westeurope","osProfile":{"computerName":"APP01"},"storageProfile":{"imageReference":{"offer":"WindowsServer","sku":"2022-datacenter-azure-edition"}}}"#;
    let r = &resources(vm)[0];
    assert_eq!(
        (r.computer.as_deref(), r.image.as_deref()),
        (Some("APP01"), Some("WindowsServer:2022-datacenter-azure-edition"))
    );
    let vnet = r#"{"type":"Microsoft.Network/virtualNetworks","name":"v","location":"x","addressSpace":{"addressPrefixes":["10.0.0.0/16"]},"subnets":[{"name":"s","defaultOutboundAccess":false,"addressPrefix":"10.0.0.0/24"}]}"#;
    assert_eq!(resources(vnet).len(), 2);
    let prose = "The load balancer has SKU **Standard** and its **Load Balancing Type** is **Private**.\n";
    let r = &resources(prose)[0];
    assert_eq!((r.sku.as_deref(), r.internal), (Some("Standard"), Some(true)));
    let rows =
        "| Property | Value |\n|---|---|\n| SKU | **Standard** |\n| Load Balancing Type | **Private** |\n";
    let r = &resources(rows)[0];
    assert_eq!((r.sku.as_deref(), r.internal), (Some("Standard"), Some(true)));
    assert_eq!(resources("Private subnet : Enabled\n")[0].default_outbound_access, Some(false));
    assert!(resources("If you use a Standard internal load balancer, add a NAT gateway.\n").is_empty());
}

#[test]
fn metadata_and_its_failures() {
    let instance = r#"{"compute":{"azEnvironment":"AzureUSGovernmentCloud","location":"usgovvirginia","name":"vm1","offer":"WindowsServer","sku":"2022-datacenter-azure-edition","vmId":"x"},
        "network":{"interface":[{"ipv4":{"ipAddress":[{"privateIpAddress":"10.0.0.4","publicIpAddress":"203.0.113.7"}]}}]}}"#;
    let imds = |text: &str| {
        read(text)
            .facts
            .into_iter()
            .find_map(|e| if let Fact::Imds(imds) = e.fact.value { Some(*imds) } else { None })
    };
    let read = imds(instance).unwrap();
    assert_eq!(
        (read.environment.as_deref(), read.public_addresses.len()),
        (Some("AzureUSGovernmentCloud"), 1)
    );
    let compute =
        r#"{"azEnvironment":"AzurePublicCloud","location":"westeurope","name":"vm1","osType":"Windows"}"#;
    assert_eq!(imds(compute).unwrap().environment.as_deref(), Some("AzurePublicCloud"));
    assert!(imds(r#"{"encoding":"pkcs7","signature":"MIIE"}"#).unwrap().attested);
    let failing = "PS C:\\> Invoke-RestMethod -Headers @{\"Metadata\"=\"true\"} -Uri \"http://169.254.169.254/metadata/attested/document?api-version=2020-09-01\"\n\
        Invoke-RestMethod : Unable to connect to the remote server\nAt line:1 char:1\n+ Invoke-RestMethod\n";
    let read = imds(failing).unwrap();
    assert_eq!((read.reachable, read.attested), (Some(false), true));
    assert_eq!(
        imds("curl: (28) Failed to connect to 169.254.169.254 port 80 after 21030 ms: Timed out\n")
            .unwrap()
            .reachable,
        Some(false)
    );
    assert!(
        imds("The attested document's certificate chain could not be built: certificate not found\n")
            .unwrap()
            .certificate_problem
    );
    assert!(imds("Unable to connect to the remote server\n").is_none());
}

#[test]
fn address_lists() {
    let list = |text: &str| {
        read(text)
            .facts
            .into_iter()
            .find_map(|e| if let Fact::Addresses(list) = e.fact.value { Some(list.addresses) } else { None })
    };
    let quoted = "    \"20.118.99.224/32\",\n    \"40.83.245.53/32\",\n    \"23.102.135.246/32\"\n";
    assert_eq!(list(quoted).unwrap().len(), 3);
    assert_eq!(list("$kms = @('20.118.99.244','40.83.235.53')\n").unwrap()[0], "20.118.99.244");
    assert_eq!(list("[\"23.102.135.246/32\", \"23.97.0.13/32\"]").unwrap().len(), 2);
    assert_eq!(list("- 23.102.135.246/32\n- 23.97.0.13/32\n").unwrap().len(), 2);
    assert!(list("10.0.0.1\n10.0.0.2\n").is_none());
}

#[test]
fn azure_firewall_rules() {
    let policy = r#"{"properties":{"ruleCollections":[{"ruleCollectionType":"FirewallPolicyFilterRuleCollection","action":{"type":"Allow"},"name":"c","rules":[
        {"ruleType":"ApplicationRule","name":"kms","protocols":[{"protocolType":"Https","port":1688}],"targetFqdns":["azkms.core.windows.net"]},
        {"ruleType":"NetworkRule","name":"kms-net","ipProtocols":["TCP"],"destinationAddresses":["23.102.135.246"],"destinationPorts":["1688"]}]}]}}"#;
    let rules: Vec<_> = read(policy)
        .facts
        .into_iter()
        .filter_map(|e| if let Fact::Firewall(rule) = e.fact.value { Some(*rule) } else { None })
        .collect();
    assert_eq!(rules.len(), 2);
    assert_eq!(
        (rules[0].rule_type.as_deref(), rules[0].protocol.as_deref()),
        (Some("application"), Some("Https:1688"))
    );
    assert_eq!(
        (rules[1].rule_type.as_deref(), rules[1].remote_port.as_deref()),
        (Some("network"), Some("1688"))
    );
}

#[test]
fn routes_say_where_they_stand() {
    let file = read(
        r#"{"value":[{"addressPrefix":["0.0.0.0/0"],"nextHopType":"None","source":"User","state":"Active"}]}"#,
    );
    assert_eq!(file.facts[0].fact.quotes[0].place, Place::Pointer("/value/0".into()));
    let text = "x\nSource    State    Address Prefix    Next Hop Type          Next Hop IP\n--------  -------  ----------------  ---------------------  -------------\nUser      Active   0.0.0.0/0         VirtualNetworkGateway\n";
    let file = read(text);
    assert_eq!(file.facts[0].fact.quotes[0].place, Place::Line(4));
    assert!(file.facts[0].fact.quotes[0].text.contains("VirtualNetworkGateway"));
}

#[test]
fn other_json_is_left_alone() {
    for text in [
        r#"{"name":"x","priority":3,"direction":"up"}"#,
        r#"[{"name":"x","location":"y"}]"#,
        r#"{"compute":true,"error":"quota"}"#,
        r#"{"rules":[{"a":1}],"routes":[1,2,3]}"#,
    ] {
        assert!(read(text).facts.is_empty(), "{text}");
    }
}

#[test]
fn a_nat_gateway_without_a_type() {
    let all = resources(
        "{\"name\": \"nat-1\", \"idleTimeoutInMinutes\": 4, \"publicIpAddresses\": [{\"id\": \"/x/publicIPAddresses/pip-1\", \"ipAddress\": \"203.0.113.9\"}],\n \"subnets\": [{\"id\": \"/x/subnets/s1\"}]}",
    );
    assert_eq!(all[0].resource.as_deref(), Some("nat-gateway"));
    assert_eq!(all[0].addresses, ["203.0.113.9"]);
}

#[test]
fn a_template_cut_off_in_the_middle() {
    let all = tables(
        "{\n  \"type\": \"Microsoft.Network/routeTables\",\n  \"name\": \"rt-1\",\n  \"properties\": {\n    \"routes\": [\n      {\n        \"name\": \"default\",\n        \
         \"properties\": {\n          \"addressPrefix\": \"0.0.0.0/0\",\n          \"nextHopType\": \"VirtualAppliance\",\n          \"nextHopIpAddress\": \"10.0.100.4\"\n        }\n",
    );
    assert_eq!((all.len(), all[0].routes.len()), (1, 1));
    assert_eq!(all[0].routes[0].next_hop_ip.as_deref(), Some("10.0.100.4"));
}

#[test]
fn broken_terraform_is_not_parsed_again_and_again() {
    // A parse of the rest at each block would take minutes.
    let mut text = "variable \"x\" {\n  type = string\n}\n".repeat(20_000);
    text.push_str("resource \"azurerm_route_table\" \"t\" {\n  route {\n");
    assert_eq!(tables(&text).len(), 0);
}

#[test]
fn learned_routes_and_those_of_a_virtual_wan_hub() {
    let learned = r#"{"value":[{"asPath":"65002","network":"0.0.0.0/0","nextHop":"192.168.1.1","origin":"EBgp","sourcePeer":"192.168.1.1"},
        {"asPath":"","network":"10.1.0.0/16","nextHop":null,"origin":"Network"}]}"#;
    let hops = |text: &str| -> Vec<String> {
        tables(text)
            .iter()
            .flat_map(|table| &table.routes)
            .filter_map(|route| route.next_hop_type.clone())
            .collect()
    };
    assert_eq!(hops(learned), ["VirtualNetworkGateway", "VnetLocal"]);
    let server = r#"{"RouteServiceRole_IN_0":[{"asPath":"65001","network":"0.0.0.0/0","nextHop":"10.1.2.4","origin":"EBgp"}],
        "RouteServiceRole_IN_1":[]}"#;
    assert_eq!(hops(server), ["VirtualAppliance"]);
    let hub = r#"{"value":[{"addressPrefixes":["0.0.0.0/0"],"asPath":"65010","nextHops":["/x/vpnGateways/gw"],
        "nextHopType":"VPN_S2S_Gateway","routeOrigin":"/x/y"}]}"#;
    assert_eq!(hops(hub), ["VPN_S2S_Gateway"]);
}

#[test]
fn locals_that_double_each_other_end() {
    let mut text = "locals {\n  a0 = [\"x\", \"x\"]\n".to_owned();
    for level in 1..60 {
        text.push_str(&format!("  a{level} = [local.a{0}, local.a{0}, local.a{0}]\n", level - 1));
    }
    text.push_str("}\nresource \"azurerm_route_table\" \"t\" {\n  name = local.a59\n  tags = local.a20\n}\n");
    assert_eq!(tables(&text).len(), 1);
}
