//! 3xx: what answers behind an open port.

pub mod rpc_not_kms;
