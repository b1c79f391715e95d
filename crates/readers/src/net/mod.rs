//! ipconfig, ping, tracert and connection tests.

mod connect_words;
mod connection;
mod curl;
mod dns_client;
mod ipconfig;
mod ipconfig_words;
mod netcat;
mod netsh;
mod ping;
mod portqry;
mod psping;
pub(crate) mod quotes;
mod resolv_conf;
mod rpcping;
mod socket_exception;
mod tcping;
mod telnet;
mod test_connection;
mod test_net_connection;
mod tracert;

use crate::dispatch::{ReadBlock, ReadObject};

/// Readers of blocks of console text.
pub(crate) const BLOCKS: &[ReadBlock] = &[
    ipconfig::read,
    psping::read,
    tcping::read,
    ping::read,
    test_connection::read,
    tracert::read,
    test_net_connection::read,
    portqry::read,
    netcat::read,
    curl::read,
    telnet::read,
    rpcping::read,
    socket_exception::read,
    dns_client::read,
    netsh::read,
    resolv_conf::read,
];
/// Readers of objects.
pub(crate) const OBJECTS: &[ReadObject] = &[test_net_connection::read_row, dns_client::read_row];
/// Column names by which a CSV header is known to be for these readers.
pub(crate) const CSV_HEADERS: &[&[&str]] = &[
    test_net_connection::CSV_HEADERS[0],
    test_net_connection::CSV_HEADERS[1],
    dns_client::CSV_HEADERS[0],
    dns_client::CSV_HEADERS[1],
];

#[cfg(test)]
mod robustness_tests;
