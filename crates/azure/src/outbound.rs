//! Whether a machine has an outbound path to the Internet at all: private subnets and internal load balancers.
//!
//! Sources: <https://learn.microsoft.com/azure/virtual-network/ip-services/default-outbound-access>,
//! <https://learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/windows-vm-activation-error-0xc004f074>

use model::azure::Resource;

/// What gives outbound access.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Path {
    /// A NAT gateway on the subnet.
    NatGateway,
    /// A public address of the machine's own.
    PublicAddress,
    /// Outbound rules, or the rules of a public load balancer.
    PublicLoadBalancer,
}

/// Why there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lack {
    /// `defaultOutboundAccess` is false and nothing explicit was seen.
    PrivateSubnet,
    /// Behind a Standard internal load balancer and nothing explicit was seen.
    StandardInternalLoadBalancer,
}

/// The outbound path, with the index of the resource that shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outbound {
    /// There is an explicit path.
    Available(Path, usize),
    /// There is none.
    Missing(Lack, usize),
    /// The evidence does not tell; default outbound access may apply.
    Unknown,
}

/// The outbound path that the resources of one machine show.
///
/// Routes are not looked at: with a user-defined default route they decide.
pub fn availability(resources: &[&Resource]) -> Outbound {
    let explicit = resources.iter().enumerate().find_map(|(index, r)| Some((explicit_path(r)?, index)));
    if let Some((path, index)) = explicit {
        return Outbound::Available(path, index);
    }
    let lack = resources.iter().enumerate().find_map(|(index, r)| Some((lack_of(r)?, index)));
    lack.map_or(Outbound::Unknown, |(lack, index)| Outbound::Missing(lack, index))
}

fn explicit_path(resource: &Resource) -> Option<Path> {
    let kind = resource.resource.as_deref().unwrap_or_default();
    if resource.nat_gateway == Some(true) {
        return Some(Path::NatGateway);
    }
    match kind {
        // A NAT gateway or public address alone does not show that this machine uses it.
        "nic" | "vm" if resource.public_ip == Some(true) => Some(Path::PublicAddress),
        "load-balancer" if resource.outbound_rules == Some(true) && resource.internal != Some(true) => {
            Some(Path::PublicLoadBalancer)
        }
        "load-balancer" if resource.public_ip == Some(true) => Some(Path::PublicLoadBalancer),
        _ => None,
    }
}

fn lack_of(resource: &Resource) -> Option<Lack> {
    let kind = resource.resource.as_deref().unwrap_or_default();
    let standard = resource.sku.as_deref().is_some_and(|sku| sku.trim().eq_ignore_ascii_case("standard"));
    if kind == "load-balancer" && resource.internal == Some(true) && standard {
        return Some(Lack::StandardInternalLoadBalancer);
    }
    (resource.default_outbound_access == Some(false)).then_some(Lack::PrivateSubnet)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resource(kind: &str) -> Resource {
        Resource { resource: Some(kind.into()), ..Resource::default() }
    }

    #[test]
    fn tells_what_is_missing_and_what_helps() {
        let private = Resource { default_outbound_access: Some(false), ..resource("subnet") };
        let internal =
            Resource { sku: Some("Standard".into()), internal: Some(true), ..resource("load-balancer") };
        let basic = Resource { sku: Some("Basic".into()), ..internal.clone() };
        let with_nat = Resource { nat_gateway: Some(true), ..private.clone() };
        let nic = Resource { public_ip: Some(true), ..resource("nic") };
        let elsewhere = resource("nat-gateway");
        let public = Resource { public_ip: Some(true), ..resource("load-balancer") };
        let cases: [(&str, Vec<&Resource>, Outbound); 8] = [
            ("private", vec![&private], Outbound::Missing(Lack::PrivateSubnet, 0)),
            ("internal", vec![&internal], Outbound::Missing(Lack::StandardInternalLoadBalancer, 0)),
            ("basic", vec![&basic], Outbound::Unknown),
            ("nat", vec![&with_nat], Outbound::Available(Path::NatGateway, 0)),
            ("own address", vec![&private, &nic], Outbound::Available(Path::PublicAddress, 1)),
            ("both balancers", vec![&internal, &public], Outbound::Available(Path::PublicLoadBalancer, 1)),
            ("a NAT gateway elsewhere", vec![&elsewhere], Outbound::Unknown),
            ("nothing", vec![], Outbound::Unknown),
        ];
        for (name, resources, outbound) in cases {
            assert_eq!(availability(&resources), outbound, "{name}");
        }
    }
}
