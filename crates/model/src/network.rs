//! What ipconfig, ping, tracert and connection tests say.

use serde::{Deserialize, Serialize};

use crate::absent::fact_struct;

fact_struct! {
/// One adapter of ipconfig /all.
pub struct Adapter {
    /// Heading of the block.
    pub name: Option<String>,
    /// IPv4 and IPv6 addresses, without "(Preferred)" and zone marks.
    pub addresses: Vec<String>,
    /// Default gateways, the first one alone when there is only one.
    pub gateway: Option<String>,
    /// DNS servers in order.
    pub dns_servers: Vec<String>,
    /// Connection-specific suffix.
    pub dns_suffix: Option<String>,
    /// DHCP enabled.
    pub dhcp: Option<bool>,
    /// The medium is disconnected.
    pub disconnected: bool,
}
}

fact_struct! {
/// ipconfig /all, Get-DnsClient and kin: how the machine would look names up.
pub struct NetworkConfig {
    /// Host name.
    pub hostname: Option<String>,
    /// Primary DNS suffix. Present and empty: printed without a value.
    pub primary_dns_suffix: Option<String>,
    /// Suffix search list in order.
    pub dns_suffix_search_list: Vec<String>,
    /// Adapters in the order printed.
    pub adapters: Vec<Adapter>,
    /// Names of the fields whose value was blanked out or is a placeholder.
    pub redacted: Vec<String>,
}
}

fact_struct! {
/// One run of ping.
pub struct Ping {
    /// Name or address that was asked for.
    pub target: Option<String>,
    /// Address that was used.
    pub address: Option<String>,
    /// Packets sent.
    pub sent: Option<u32>,
    /// Packets "received"; replies "destination host unreachable" count here too.
    pub received: Option<u32>,
    /// Packets lost.
    pub lost: Option<u32>,
    /// Real echo replies from the target.
    pub replies: Option<u32>,
    /// Who reported "destination host/net unreachable" or "TTL expired".
    pub unreachable_from: Option<String>,
    /// The name could not be resolved.
    pub name_not_found: bool,
}
}

fact_struct! {
/// One hop of tracert.
pub struct Hop {
    /// Number.
    pub hop: Option<u32>,
    /// Address; absent when the hop stayed silent.
    pub address: Option<String>,
    /// Name, where printed.
    pub name: Option<String>,
    /// The hop reported that the destination is unreachable.
    pub unreachable: bool,
}
}

fact_struct! {
/// One run of tracert.
pub struct TraceRoute {
    /// Name or address that was asked for.
    pub target: Option<String>,
    /// Address that was used.
    pub address: Option<String>,
    /// Hops in order.
    pub hops: Vec<Hop>,
    /// The last hop is the target.
    pub reached: Option<bool>,
    /// The name could not be resolved.
    pub name_not_found: bool,
}
}

/// How a TCP connection attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConnectOutcome {
    /// Connected.
    Open,
    /// Nothing came back.
    Timeout,
    /// A reset: the machine is there, the port is closed.
    Refused,
    /// Reset after the connection stood.
    Reset,
    /// A router or the own machine said that there is no way.
    Unreachable,
    /// The name has no address.
    NameNotFound,
    /// PortQry's FILTERED: no answer.
    Filtered,
    /// Failed, without saying how.
    Failed,
}

/// What answered behind an open port, where the test looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Service {
    /// The KMS interface accepted the bind.
    Kms,
    /// A host of kmscope for a site's own software: it accepts its own interface and refuses Windows clients.
    KmscopeHost,
    /// An RPC server without either interface.
    OtherRpc,
    /// HTTP, TLS or something else.
    OtherProtocol,
    /// The connection stands and nothing is said.
    Silent,
}

fact_struct! {
/// Test-NetConnection, psping, PortQry, telnet and kin.
pub struct ConnectionTest {
    /// Tool that printed it, as in `psping`.
    pub tool: Option<String>,
    /// Name or address that was asked for.
    pub target: Option<String>,
    /// Address that was used.
    pub address: Option<String>,
    /// TCP port; absent for a plain ping test.
    pub port: Option<u16>,
    /// Connected.
    pub succeeded: Option<bool>,
    /// How it ended.
    pub outcome: Option<ConnectOutcome>,
    /// What answered.
    pub service: Option<Service>,
    /// What the test was made to find, where that is told: the client that it stands for is content with nothing else.
    pub wanted: Option<Service>,
    /// The tool's ICMP test, where it makes one.
    pub ping_succeeded: Option<bool>,
    /// Address of the testing machine.
    pub source_address: Option<String>,
    /// Interface of the testing machine.
    pub interface: Option<String>,
    /// Attempts (psping).
    pub sent: Option<u32>,
    /// Attempts that connected (psping).
    pub received: Option<u32>,
    /// Attempts that did not (psping).
    pub lost: Option<u32>,
    /// Anything could be reached at all (psping's statistics line alone).
    pub reachable: Option<bool>,
    /// Words of the tool about a failure.
    pub error_text: Option<String>,
    /// Names of the fields whose value was blanked out or is a placeholder.
    pub redacted: Vec<String>,
}
}

impl ConnectionTest {
    /// The tool of a test that is no test: a client came to one of kmscope's own hosts, and the host told of it.
    pub const BY_KMSCOPE_HOST: &'static str = "kmscope host";
}
