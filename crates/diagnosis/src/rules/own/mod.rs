//! 9xx: our own host, and its clients.

pub mod host_licence_not_in_force;
pub mod host_not_running;
pub mod product_not_in_licence;
pub mod publisher_mismatch;
pub mod words;
pub mod wrong_kind_of_host;
