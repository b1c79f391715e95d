//! Live look-ups and connections. Sockets and the clock live here and nowhere above; what they tell becomes the same
//! facts that the readers make of files.
//!
//! A probe goes only to addresses that the user or DNS named, asks nothing but what it must, and ends at its deadline.

pub mod audit;
pub mod bulk;
pub mod check;
pub mod clock;
pub mod discover;
pub mod facts;
pub mod imds;
pub mod kerberos;
pub mod local;
pub mod lookup;
pub mod reach;
pub mod resolve;
pub mod sntp;
pub mod survey;
pub mod target;
pub mod transfer;
pub mod update;

pub use reach::{Outcome, Reached};
pub use target::{Target, TargetError};
