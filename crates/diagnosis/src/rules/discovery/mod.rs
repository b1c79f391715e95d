//! 1xx: how clients find a host, and what DNS says.

pub mod dns_publish_disabled;
pub mod dns_publish_failed;
pub mod dns_server_unreachable;
pub mod host_name_unresolvable;
pub mod no_dns_server;
pub mod no_dns_suffix;
pub mod rogue_or_dead_kms_host_in_dns;
pub mod srv_missing;
pub mod srv_wrong_suffix;
