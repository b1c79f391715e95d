//! The DNS side of volume activation: what a client would ask and choose, and how a host's record is published.
//!
//! Messages are hickory's. Nothing here opens a socket or reads a clock: bytes and values in, bytes and values out.

pub mod answer;
pub mod by_hand;
pub mod choice;
pub mod domains;
pub mod gss;
pub mod publish;
pub mod question;
pub mod transfer;
pub mod tsig;

pub use answer::{Answer, Outcome, Rejected, Srv};
pub use hickory_proto::rr::{Name, RecordType};
pub use question::{Question, service_name};
