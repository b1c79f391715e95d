//! What is known about volume activation, in tables with their sources.
//!
//! The tables stand as text under `tables/`, are embedded, and can each be replaced by a file of an
//! administrator ([`Tables::load`], [`tables::install`]). Nothing here reads a disk.
//!
//! The functions of the modules look up the tables in use; the methods of [`Tables`]' parts look up given ones.

pub mod azure_endpoints;
pub mod azure_services;
pub mod builds;
pub mod causes;
pub mod commands;
pub mod error_codes;
pub mod events;
pub mod explain;
pub mod extended_pid;
pub mod host_keys;
pub mod labels;
pub mod lazy;
pub mod license_states;
pub mod product_name;
pub mod products;
pub mod registry;
pub mod releases;
pub mod setup_keys;
pub mod sources;
pub mod status_flags;
mod table;
pub mod tables;
pub mod thresholds;

pub use table::TableError;
pub use tables::{Tables, tables};
