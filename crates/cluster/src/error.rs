//! Why the shared count is not known.

use std::time::Duration;

use uuid::Uuid;

/// Why a call to the cluster failed. Whatever it is, the shared count is not known. After an outage
/// ([`ClusterError::is_outage`]), [`crate::fallback`] decides; all else is for an admin to repair.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClusterError {
    /// A kmscope without the feature.
    #[error("this build has no etcd; build with --features etcd")]
    NotBuilt,
    /// Nobody to ask.
    #[error("no etcd endpoint is given")]
    NoEndpoint,
    /// An endpoint, or the keys for it, that can never work.
    #[error("etcd at {endpoint} can't be used: {reason}")]
    Endpoint {
        /// As it was given.
        endpoint: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A file with certificates that holds none.
    #[error("the certificates for etcd can't be used: {0}")]
    Certificate(&'static str),
    /// A prefix that would mix our keys with others.
    #[error("'{0}' is no prefix for keys: it begins with '/', and holds only printable ASCII without spaces")]
    Prefix(String),
    /// No member answered in time.
    #[error("no etcd member answers: {reason}")]
    Unreachable {
        /// What the last one that was asked said.
        reason: String,
    },
    /// Members answer, but they can't decide: most of them are away.
    #[error("the etcd cluster has no majority: {reason}")]
    NoMajority {
        /// What the last one that was asked said.
        reason: String,
    },
    /// A call failed a moment ago, so this one was not tried.
    #[error("the etcd cluster is asked again in {} ms: {reason}", .again_in.as_millis())]
    Paused {
        /// When the next call is tried.
        again_in: Duration,
        /// Why the last one failed.
        reason: String,
    },
    /// The cluster does not let us: a wrong password, a missing permission, no space.
    #[error("the etcd cluster refuses: {reason}")]
    Refused {
        /// What it said.
        reason: String,
    },
    /// A key below the prefix that no host wrote like this. Nothing is counted beside it.
    #[error("the key {key} in etcd is damaged")]
    Damaged {
        /// Its full name.
        key: String,
    },
    /// More keys than all hosts together can leave behind.
    #[error("etcd holds more than {limit} machines for application {application}")]
    TooMany {
        /// The application.
        application: Uuid,
        /// How many can be.
        limit: usize,
    },
    /// An answer that etcd does not give.
    #[error("an answer of etcd does not fit its question: {0}")]
    Strange(&'static str),
}

impl ClusterError {
    /// True when it may pass by itself: the cluster is away, not wrong.
    pub fn is_outage(&self) -> bool {
        matches!(
            self,
            ClusterError::Unreachable { .. } | ClusterError::NoMajority { .. } | ClusterError::Paused { .. }
        )
    }
}
