//! Registry, services, sockets, firewall rules, clock and system descriptions of a Windows machine.

mod appliance;
mod arguments;
mod failure;
mod firewall;
mod heading;
mod manifest;
pub(crate) mod phrases;
mod registry;
mod registry_export;
mod registry_keys;
mod registry_object;
mod service;
mod socket;
mod system;
#[cfg(test)]
mod tests;
mod time;

use crate::dispatch::{ReadBlock, ReadJson, ReadObject};

/// Readers of blocks of console text.
pub(crate) const BLOCKS: &[ReadBlock] = &[
    manifest::read,
    registry_export::read,
    registry::read_query,
    registry::read_missing,
    registry::read_single_value,
    service::read_sc,
    service::read_sc_failure,
    socket::read_netstat,
    firewall::read_netsh_rule,
    firewall::read_netsh_profile,
    appliance::read,
    time::read_status,
    time::read_stripchart,
    time::read_monitor,
    time::read_line,
    system::read_systeminfo,
    system::read_line,
    failure::read,
    heading::read,
];
/// Readers of objects.
pub(crate) const OBJECTS: &[ReadObject] = &[
    registry_object::read,
    firewall::read_object,
    service::read_object,
    socket::read_object,
    system::read_object,
    appliance::read_object,
    failure::read_object,
];
/// Readers of whole JSON values.
pub(crate) const JSON: &[ReadJson] = &[];
/// Column names by which a CSV header is known to be for these readers.
pub(crate) const CSV_HEADERS: &[&[&str]] = &[
    &["Status", "Name", "DisplayName"],
    &["State", "Name", "StartMode"],
    &["LocalAddress", "LocalPort", "RemotePort", "State"],
    &["DisplayName", "Direction", "Action", "Enabled"],
    &["HotFixID"],
    &["PSPath", "PSChildName"],
    &["DestinationPort", "Action"],
    &["Destination Port", "Action"],
    &["dport", "Action"],
    &["dst_port", "Action"],
    &["Process Name", "Operation", "Path", "Result"],
];
