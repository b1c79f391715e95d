//! One count for several KMS hosts, kept in etcd: the cure for a count that too many hosts divide among themselves.
//!
//! - Each machine has a key of its own, `<prefix>/count/<application>/<cmid>`, with the time of its last request and
//!   its N-policy. Nobody increments anything, so nothing is lost or counted twice when a request is repeated.
//! - A request writes its machine's key and reads the others in one transaction: what it is told includes itself, and
//!   is what all hosts together counted. How to count is [`activation::counting`], the same code as for one host.
//! - A key that no longer counts is removed only if nobody has written it since it was read.
//! - Without a majority of the members nothing is known. [`fallback`] says what a host may answer then.
//!
//! Without the feature `etcd` only [`connect`] is missing: it says so.

// The time between two tries, and what a whole call may take, is measured by tokio's clock.
#[cfg(any(feature = "etcd", test))]
mod circuit;
mod error;
mod fallback;
mod health;
mod options;
#[cfg(any(feature = "etcd", test))]
mod record;
#[cfg(any(feature = "etcd", test))]
mod tally;

#[cfg(feature = "etcd")]
mod etcd;
#[cfg(not(feature = "etcd"))]
mod without;

pub use error::ClusterError;
#[cfg(feature = "etcd")]
pub use etcd::{SharedCount, connect};
pub use fallback::{UnknownPolicy, WithoutMajority, fallback};
pub use health::{Health, Member, MemberHealth};
pub use options::{Identity, Options, PREFIX, TIMEOUT, Tls, User};
#[cfg(not(feature = "etcd"))]
pub use without::{SharedCount, connect};
