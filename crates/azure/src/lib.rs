//! Which way would KMS traffic leave an Azure network: routes, security rules, outbound access, endpoints.
//!
//! Pure functions over the facts that readers return.
//! Routes alone are judged by [`verdict::check`], one address by [`select::select`], many by [`Prefixes`] and [`Intervals`],
//! network security groups by [`nsg::decide`], the rules of an appliance by [`appliance::decide`],
//! and the outbound path by [`outbound::availability`].

pub mod address;
pub mod appliance;
pub mod cloud;
pub mod intervals;
pub mod judgement;
pub mod lint;
pub mod next_hop;
pub mod nsg;
pub mod oddities;
pub mod outbound;
pub mod prefixes;
pub mod repair;
pub mod select;
pub mod site;
pub mod verdict;
pub mod what_if;

pub use address::{AddressClass, classify};
pub use facts::azure_endpoints::Cloud;
pub use intervals::Intervals;
pub use judgement::{Judgement, Place, judge};
pub use next_hop::NextHop;
pub use prefixes::Prefixes;
pub use select::{Selection, select};
pub use verdict::{Check, EndpointVerdict, Reason, Verdict, check, verdict};
