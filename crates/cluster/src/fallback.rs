//! What a host may answer while the shared count is not known.

use std::fmt;
use std::str::FromStr;

/// What a host does without a majority of the etcd members.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WithoutMajority {
    /// Machines that this host knows are told the last shared count that it saw; all others are refused.
    #[default]
    Renew,
    /// Everybody is refused.
    Refuse,
}

/// Not the name of a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is neither 'renew' nor 'refuse'")]
pub struct UnknownPolicy(String);

impl FromStr for WithoutMajority {
    type Err = UnknownPolicy;

    fn from_str(text: &str) -> Result<WithoutMajority, UnknownPolicy> {
        match text {
            "renew" => Ok(WithoutMajority::Renew),
            "refuse" => Ok(WithoutMajority::Refuse),
            _ => Err(UnknownPolicy(text.to_owned())),
        }
    }
}

impl fmt::Display for WithoutMajority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            WithoutMajority::Renew => "renew",
            WithoutMajority::Refuse => "refuse",
        })
    }
}

/// The count to tell a machine while the shared count is not known; nothing when it is to be refused.
///
/// `host_knows_machine`: the machine is among the host's own contacts, so it was counted before and telling it the
/// last known count invents nobody. `last_known`: the last shared count that this host was told for the application;
/// nothing after a start without a majority, and then everybody is refused.
///
/// A machine that nobody knows is never counted by guess: it would not be in the shared count, and a split cluster
/// could activate any number of machines that together never reached the N-policy. It is refused and asks again.
pub fn fallback(policy: WithoutMajority, host_knows_machine: bool, last_known: Option<u32>) -> Option<u32> {
    match policy {
        WithoutMajority::Renew if host_knows_machine => last_known,
        WithoutMajority::Renew | WithoutMajority::Refuse => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_machines_are_renewed() {
        use WithoutMajority::{Refuse, Renew};
        assert_eq!(fallback(Renew, true, Some(31)), Some(31));
        assert_eq!(fallback(Renew, false, Some(31)), None);
        assert_eq!(fallback(Renew, true, None), None);
        assert_eq!(fallback(Refuse, true, Some(31)), None);
    }

    #[test]
    fn names_there_and_back() {
        for policy in [WithoutMajority::Renew, WithoutMajority::Refuse] {
            assert_eq!(policy.to_string().parse(), Ok(policy));
        }
        let error = "Renew".parse::<WithoutMajority>().unwrap_err();
        assert_eq!(error.to_string(), "'Renew' is neither 'renew' nor 'refuse'");
    }
}
