//! Questions about a case that many rules ask, answered once and in one way.

pub mod azure_signs;
pub mod clients;
pub mod codes;
pub mod counting;
pub mod discovery;
pub mod editions;
pub mod hosts;
pub mod own;
mod reach;
pub mod targets;

pub use clients::{Attempt, Client};
pub use codes::{Origin, SeenCode};
pub use hosts::Host;
pub use targets::{How, Reach, Target};
