//! The next hop types of Azure, by the names that its tools have used over the years.

/// Where a route sends packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextHop {
    /// Out through Azure, from an Azure public address.
    Internet,
    /// A VPN or ExpressRoute gateway.
    Gateway,
    /// A firewall or another appliance.
    Appliance,
    /// Dropped.
    Dropped,
    /// Stays within the virtual network or a peered one.
    InsideNetwork,
    /// A service endpoint.
    ServiceEndpoint,
    /// Not printed, or a name that is not known.
    Unknown,
}

impl NextHop {
    /// Reads a type as printed by the portal, az, PowerShell (also classic) and Terraform.
    pub fn parse(text: Option<&str>) -> NextHop {
        let letters: String = text
            .unwrap_or_default()
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase())
            .collect();
        match letters.as_str() {
            "internet" => NextHop::Internet,
            "virtualnetworkgateway"
            | "vpngateway"
            | "gateway"
            | "hypernetgateway"
            | "expressroutegateway"
            | "expressroute"
            | "vnetgateway" => NextHop::Gateway,
            "virtualappliance" | "appliance" | "nva" | "azurefirewall" => NextHop::Appliance,
            "none" | "null" | "drop" => NextHop::Dropped,
            "vnetlocal"
            | "vnet"
            | "virtualnetwork"
            | "virtualnetworklocal"
            | "local"
            | "vnetpeering"
            | "vnetglobalpeering"
            | "virtualnetworkpeering"
            | "globalvnetpeering"
            | "interfaceendpoint" => NextHop::InsideNetwork,
            "virtualnetworkserviceendpoint" | "serviceendpoint" => NextHop::ServiceEndpoint,
            _ => NextHop::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_names_of_all_tools() {
        for (text, hop) in [
            ("Internet", NextHop::Internet),
            ("Virtual network gateway", NextHop::Gateway),
            ("VPNGateway", NextHop::Gateway),
            ("VirtualAppliance", NextHop::Appliance),
            ("None", NextHop::Dropped),
            ("Null", NextHop::Dropped),
            ("VnetLocal", NextHop::InsideNetwork),
            ("VNetGlobalPeering", NextHop::InsideNetwork),
            ("VirtualNetworkServiceEndpoint", NextHop::ServiceEndpoint),
            ("Teleporter", NextHop::Unknown),
        ] {
            assert_eq!(NextHop::parse(Some(text)), hop, "{text}");
        }
        assert_eq!(NextHop::parse(None), NextHop::Unknown);
    }
}
