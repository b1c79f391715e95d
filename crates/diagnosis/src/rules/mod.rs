//! The rules: one file per fault, one table that maps codes to them.
//!
//! Codes: 1xx discovery and DNS, 2xx reachability, 3xx RPC, 4xx host, 5xx client, 6xx keys and editions, 7xx Azure,
//! 8xx time, 9xx our own host.

use crate::case::Case;
use crate::cause::Cause;
use crate::finding::Verdict;

pub mod azure;
pub mod client;
pub mod collecting;
pub mod discovery;
pub mod host;
pub mod keys;
pub mod own;
pub mod reach;
pub mod rpc;
pub mod time;
pub mod verifying;

/// One rule.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Its code, as in `K101`.
    pub code: &'static str,
    /// The cause that it finds.
    pub cause: Cause,
    /// The judgement: pure, from the case alone.
    pub check: fn(&Case) -> Verdict,
    /// The text of its source file; the rule catalogue is made from its `//!` lines.
    pub source: &'static str,
}

/// Every rule, in the order of its code.
pub const RULES: &[Rule] = &[
    discovery::srv_missing::RULE,
    discovery::srv_wrong_suffix::RULE,
    discovery::no_dns_suffix::RULE,
    discovery::no_dns_server::RULE,
    discovery::dns_server_unreachable::RULE,
    discovery::host_name_unresolvable::RULE,
    discovery::rogue_or_dead_kms_host_in_dns::RULE,
    discovery::dns_publish_failed::RULE,
    discovery::dns_publish_disabled::RULE,
    reach::host_unreachable::RULE,
    reach::port_blocked::RULE,
    reach::firewall_wrong_rule_type::RULE,
    rpc::rpc_not_kms::RULE,
    host::host_not_activated::RULE,
    host::host_service_stopped::RULE,
    host::host_key_too_old::RULE,
    host::count_too_low::RULE,
    host::duplicate_cmid::RULE,
    host::too_many_hosts::RULE,
    client::stale_registered_kms_name::RULE,
    client::not_elevated::RULE,
    client::registry_permissions::RULE,
    client::dcom_permissions::RULE,
    client::tokens_corrupt::RULE,
    client::not_genuine_update::RULE,
    client::grace_or_notification_only::RULE,
    client::ad_based_activation::RULE,
    client::not_a_fault::RULE,
    keys::wrong_key_channel::RULE,
    keys::wrong_edition_key::RULE,
    keys::evaluation_edition::RULE,
    keys::edition_not_volume::RULE,
    keys::oem_bios_slic::RULE,
    azure::forced_tunnel::RULE,
    azure::azure_old_ip_route::RULE,
    azure::azure_old_ip_firewall::RULE,
    azure::azure_wrong_ip::RULE,
    azure::azure_no_outbound::RULE,
    azure::azure_nsg_deny::RULE,
    azure::azure_nat_shared_address::RULE,
    azure::imds_unreachable::RULE,
    time::clock_skew::RULE,
    own::host_licence_not_in_force::RULE,
    own::product_not_in_licence::RULE,
    own::wrong_kind_of_host::RULE,
    own::publisher_mismatch::RULE,
    own::host_not_running::RULE,
];
