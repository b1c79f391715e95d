//! The shape of `azure check --format json`.

use std::net::Ipv4Addr;

use model::Source;
use serde::Serialize;

/// The document.
#[derive(Serialize)]
pub(super) struct CheckDocument {
    pub schema: u32,
    /// The worst of all places, after the proposed change.
    pub verdict: &'static str,
    pub cause: Option<&'static str>,
    /// The cloud whose endpoints were judged.
    pub cloud: String,
    /// Those of the worst place.
    pub endpoints: Vec<EndpointRow>,
    pub places: Vec<PlaceRow>,
    pub notes: Vec<NoteRow>,
}

/// One subnet, route table or NIC.
#[derive(Clone, Serialize)]
pub(super) struct PlaceRow {
    pub name: String,
    pub source: Source,
    pub verdict: &'static str,
    pub cause: Option<&'static str>,
    /// When documents asked for the routes that are there.
    pub dated: Option<String>,
    pub endpoints: Vec<EndpointRow>,
    /// Update services that need the same.
    pub services: Vec<ServiceRow>,
    /// Present when a change was proposed: how it is without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<BeforeRow>,
}

/// How it is without the proposed change, and what the change moves.
#[derive(Clone, Serialize)]
pub(super) struct BeforeRow {
    pub verdict: &'static str,
    pub cause: Option<&'static str>,
    pub endpoints: Vec<EndpointRow>,
    pub moved: Vec<MovedRow>,
    /// Nothing but KMS endpoints goes another way.
    pub moves_only_endpoints: bool,
}

/// Addresses that go another way.
#[derive(Clone, Serialize)]
pub(super) struct MovedRow {
    pub prefix: String,
    pub from: Option<String>,
    pub to: Option<String>,
    /// The KMS endpoint, where it is the address of one.
    pub endpoint: Option<&'static str>,
}

/// One address of an endpoint.
#[derive(Clone, Serialize)]
pub(super) struct EndpointRow {
    pub name: &'static str,
    pub address: Ipv4Addr,
    pub required: bool,
    pub prefix: Option<String>,
    pub next_hop_type: Option<String>,
    pub next_hop_ip: Option<String>,
    /// Name of the winning route.
    pub route: Option<String>,
    /// `Default`, `User`, `VirtualNetworkGateway`.
    pub route_source: Option<String>,
    pub verdict: &'static str,
    pub why: String,
    pub cause: Option<&'static str>,
    /// Active routes that match, too, and were beaten: the best first.
    pub beaten: Vec<String>,
}

/// An update service beside KMS.
#[derive(Clone, Serialize)]
pub(super) struct ServiceRow {
    pub id: &'static str,
    pub title: &'static str,
    pub verdict: &'static str,
    pub addresses: usize,
    /// Addresses that are not reached, or perhaps not.
    pub stopped: Vec<Ipv4Addr>,
}

/// A note with its place.
#[derive(Clone, Serialize)]
pub(super) struct NoteRow {
    pub text: String,
    pub source: Source,
}
