//! 2xx: whether the host's address and port can be reached.

pub mod firewall_wrong_rule_type;
pub mod host_unreachable;
pub mod port_blocked;
