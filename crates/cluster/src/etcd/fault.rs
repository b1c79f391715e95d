//! What an error of one member means for a call.

use crate::error::ClusterError;

/// Codes of gRPC.
mod code {
    pub const CANCELLED: i32 = 1;
    pub const UNKNOWN: i32 = 2;
    pub const DEADLINE_EXCEEDED: i32 = 4;
    pub const ABORTED: i32 = 10;
    pub const OUT_OF_RANGE: i32 = 11;
    pub const INTERNAL: i32 = 13;
    pub const UNAVAILABLE: i32 = 14;
}

/// What etcd begins its own words with.
const ETCD: &str = "etcdserver:";

/// Refusals by their code that pass by themselves.
const PASSING: [&str; 2] = ["etcdserver: too many requests", "etcdserver: revision of auth store is old"];

/// Why a member gave no answer.
#[derive(Debug)]
pub(super) enum Fault {
    /// Another member may, or this one a moment later.
    Away {
        /// What it said.
        reason: String,
        /// True when a member of etcd said so, false when the way to it failed.
        by_member: bool,
    },
    /// Asking again does not help.
    Final(ClusterError),
}

impl From<etcd_client::Error> for Fault {
    fn from(error: etcd_client::Error) -> Fault {
        let etcd_client::Error::GRpcStatus(status) = &error else {
            return match error {
                etcd_client::Error::TransportError(_) | etcd_client::Error::IoError(_) => {
                    Fault::Away { reason: chain(&error), by_member: false }
                }
                _ => Fault::Final(ClusterError::Refused { reason: error.to_string() }),
            };
        };
        let message = status.message();
        let by_member = message.starts_with(ETCD);
        let away =
            || Fault::Away { reason: if by_member { message.to_owned() } else { chain(status) }, by_member };
        match i32::from(status.code()) {
            _ if PASSING.contains(&message) => away(),
            code::CANCELLED
            | code::UNKNOWN
            | code::DEADLINE_EXCEEDED
            | code::ABORTED
            | code::INTERNAL
            | code::UNAVAILABLE => away(),
            code::OUT_OF_RANGE => {
                Fault::Final(ClusterError::Strange("the keys were compacted while they were read"))
            }
            _ => Fault::Final(ClusterError::Refused { reason: message.to_owned() }),
        }
    }
}

/// An error with its causes, each said once.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = match error.source() {
        // A status shows its code and metadata too; its cause says it all.
        Some(source) => source.to_string(),
        None => error.to_string(),
    };
    let mut next = error.source().and_then(|source| source.source());
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.ends_with(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        next = cause.source();
    }
    text
}
