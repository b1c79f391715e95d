//! 7xx: Azure: routes, rules, outbound paths, metadata.

pub mod azure_nat_shared_address;
pub mod azure_no_outbound;
pub mod azure_nsg_deny;
pub mod azure_old_ip_firewall;
pub mod azure_old_ip_route;
pub mod azure_wrong_ip;
pub mod forced_tunnel;
pub mod imds_unreachable;
mod route_fix;
