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
        // Longer than any name; it is asked for every route, so nothing is allocated.
        let mut letters = [0u8; 40];
        let mut length = 0;
        for byte in text.unwrap_or_default().bytes().filter(u8::is_ascii_alphanumeric) {
            let Some(place) = letters.get_mut(length) else { return NextHop::Unknown };
            *place = byte.to_ascii_lowercase();
            length += 1;
        }
        match std::str::from_utf8(&letters[..length]).unwrap_or_default() {
            "internet" => NextHop::Internet,
            "virtualnetworkgateway"
            | "vpngateway"
            | "gateway"
            | "hypernetgateway"
            | "expressroutegateway"
            | "expressroute"
            // Gateways of a Virtual WAN hub.
            | "vpns2sgateway"
            | "vpnp2sgateway"
            | "p2svpngateway"
            | "vnetgateway" => NextHop::Gateway,
            "virtualappliance" | "appliance" | "nva" | "azurefirewall" | "hubbgpconnection"
            | "networkvirtualappliance" => NextHop::Appliance,
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
            | "virtualnetworkconnection"
            | "hubvirtualnetworkconnection"
            | "vnetconnection"
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
