//! Routes, security rules, resources and instance metadata as Azure prints them.

use crate::absent::fact_struct;

fact_struct! {
/// One route. An entry with several prefixes is read as several routes.
pub struct Route {
    /// Name of a user-defined route.
    pub name: Option<String>,
    /// Prefix in CIDR form, or a service tag.
    pub prefix: Option<String>,
    /// `Internet`, `VirtualNetworkGateway`, `VirtualAppliance`, `VnetLocal`, `VNetPeering`, `None`, ... as printed.
    pub next_hop_type: Option<String>,
    /// Next hop address; several are joined by a comma and a space.
    pub next_hop_ip: Option<String>,
    /// `Default`, `User`, `VirtualNetworkGateway` (BGP).
    pub source: Option<String>,
    /// `Active` or `Invalid`.
    pub state: Option<String>,
}
}

fact_struct! {
/// A table of routes.
pub struct RouteTable {
    /// The routes in the order printed.
    pub routes: Vec<Route>,
    /// True: effective routes of a NIC. False: a route table alone, which lacks system and BGP routes.
    pub effective: Option<bool>,
    /// Route table or NIC, where named.
    pub name: Option<String>,
    /// Gateway routes are kept out of the subnet.
    pub disable_bgp_route_propagation: Option<bool>,
    /// Resource id.
    pub id: Option<String>,
    /// Resource ids of the subnets that use it.
    pub subnets: Vec<String>,
}
}

fact_struct! {
/// One security rule.
pub struct SecurityRule {
    /// Rule name.
    pub name: Option<String>,
    /// Priority; the lowest wins.
    pub priority: Option<u32>,
    /// `Inbound` or `Outbound`.
    pub direction: Option<String>,
    /// `Allow` or `Deny`.
    pub access: Option<String>,
    /// `Tcp`, `Udp`, `*`, ...
    pub protocol: Option<String>,
    /// Source prefixes.
    pub sources: Vec<String>,
    /// Destination prefixes or service tags.
    pub destinations: Vec<String>,
    /// Destination ports and ranges.
    pub destination_ports: Vec<String>,
}
}

fact_struct! {
/// The rules of a network security group, or the effective rules of a NIC.
pub struct SecurityGroup {
    /// NSG or NIC, where named.
    pub name: Option<String>,
    /// Rules in the order printed.
    pub rules: Vec<SecurityRule>,
    /// Effective rules, default rules included.
    pub effective: Option<bool>,
    /// Resource id.
    pub id: Option<String>,
    /// Resource ids of the subnets and NICs that use it.
    pub used_by: Vec<String>,
}
}

fact_struct! {
/// A subnet, virtual network, NIC, load balancer, NAT gateway, public address or VM.
pub struct Resource {
    /// Kind: `subnet`, `vnet`, `nic`, `load-balancer`, `nat-gateway`, `public-ip`, `vm`, `firewall`, or the ARM type.
    pub resource: Option<String>,
    /// Name.
    pub name: Option<String>,
    /// Resource id.
    pub id: Option<String>,
    /// Resource id of a subnet's route table.
    pub route_table: Option<String>,
    /// Resource id of the network security group of a subnet or NIC.
    pub security_group: Option<String>,
    /// Resource ids of the subnets that a NIC or NAT gateway belongs to.
    pub subnets: Vec<String>,
    /// Region.
    pub location: Option<String>,
    /// `Basic`, `Standard`, ...
    pub sku: Option<String>,
    /// A subnet's `defaultOutboundAccess`.
    pub default_outbound_access: Option<bool>,
    /// A NAT gateway is attached.
    pub nat_gateway: Option<bool>,
    /// A public address is attached, or is a frontend of the load balancer. `false`: the document shows that none is.
    pub public_ip: Option<bool>,
    /// The load balancer has outbound rules.
    pub outbound_rules: Option<bool>,
    /// The load balancer is internal (only private frontends).
    pub internal: Option<bool>,
    /// The NIC or subnet is in the backend pool of a load balancer.
    pub in_backend_pool: Option<bool>,
    /// Address of the public address, private addresses of a NIC.
    pub addresses: Vec<String>,
    /// Computer name of a VM.
    pub computer: Option<String>,
    /// Image offer or SKU of a VM.
    pub image: Option<String>,
}
}

fact_struct! {
/// An answer of the instance metadata service, or the failure to get one.
pub struct Imds {
    /// It answered.
    pub reachable: Option<bool>,
    /// `AzurePublicCloud`, `AzureUSGovernmentCloud`, `AzureChinaCloud`, ...
    pub environment: Option<String>,
    /// Region.
    pub location: Option<String>,
    /// VM name.
    pub name: Option<String>,
    /// Image offer.
    pub offer: Option<String>,
    /// Image SKU.
    pub sku: Option<String>,
    /// Private addresses.
    pub private_addresses: Vec<String>,
    /// Public addresses.
    pub public_addresses: Vec<String>,
    /// The attested document was asked for.
    pub attested: bool,
    /// A certificate of the attested document could not be verified.
    pub certificate_problem: bool,
    /// Words of the failure.
    pub error_text: Option<String>,
}
}

fact_struct! {
/// A bare list of addresses, as in an exemption list or a rule of an appliance.
pub struct AddressList {
    /// Prefixes or addresses in the order printed.
    pub addresses: Vec<String>,
}
}
