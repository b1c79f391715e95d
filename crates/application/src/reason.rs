//! Why a product is not activated, as a number that never changes its meaning and as a short sentence.

use std::ffi::CStr;

/// Why a product is activated or not. New reasons get new numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum Reason {
    /// It is activated.
    Activated = 0,
    /// There is no state of a client in the folder.
    NotSetUp = 1,
    /// The state can't be read: rights, or not a file.
    Unreadable = 2,
    /// What is there is no state of a client.
    Damaged = 3,
    /// The client has no setup key.
    NoKey = 4,
    /// The client has the setup key of another product.
    OtherProduct = 5,
    /// The client has the setup key, or the lease, of another publisher.
    OtherPublisher = 6,
    /// No host was asked yet.
    NotTried = 7,
    /// The last attempt failed; the code tells why.
    Failed = 8,
    /// The activation ran out.
    Expired = 9,
    /// The publisher revoked the host that gave the activation.
    HostRevoked = 10,
    /// The lease is damaged, forged, or of another product.
    LeaseNotValid = 11,
    /// The lease was given to another machine.
    OtherMachine = 12,
    /// An argument of the call is wrong.
    Arguments = 13,
    /// A fault of this library.
    Internal = 14,
}

/// All of them, by their numbers.
const ALL: [Reason; 15] = [
    Reason::Activated,
    Reason::NotSetUp,
    Reason::Unreadable,
    Reason::Damaged,
    Reason::NoKey,
    Reason::OtherProduct,
    Reason::OtherPublisher,
    Reason::NotTried,
    Reason::Failed,
    Reason::Expired,
    Reason::HostRevoked,
    Reason::LeaseNotValid,
    Reason::OtherMachine,
    Reason::Arguments,
    Reason::Internal,
];

impl Reason {
    /// Its number.
    pub fn number(self) -> u32 {
        self as u32
    }

    /// The reason with a number.
    pub fn from_number(number: u32) -> Option<Reason> {
        ALL.get(usize::try_from(number).ok()?).copied()
    }

    /// The reason in English: one clause, without a full stop.
    pub fn text(self) -> &'static str {
        self.c_text().to_str().unwrap_or_default()
    }

    /// The same for C.
    pub(crate) fn c_text(self) -> &'static CStr {
        match self {
            Reason::Activated => c"the product is activated",
            Reason::NotSetUp => c"no kmscope client has been set up on this machine",
            Reason::Unreadable => c"the state of the kmscope client can't be read",
            Reason::Damaged => c"the state of the kmscope client is damaged",
            Reason::NoKey => c"no setup key is installed",
            Reason::OtherProduct => c"the setup key that is installed is of another product",
            Reason::OtherPublisher => c"the setup key that is installed is of another publisher",
            Reason::NotTried => c"no host has been asked for activation yet",
            Reason::Failed => c"the last attempt to activate failed",
            Reason::Expired => c"the activation ran out",
            Reason::HostRevoked => c"the publisher has revoked the host that activated this machine",
            Reason::LeaseNotValid => c"the activation that is kept on this machine is not valid",
            Reason::OtherMachine => c"the activation that is kept on this machine is another machine's",
            Reason::Arguments => c"the program has asked with wrong arguments",
            Reason::Internal => c"the kmscope library has failed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_places_and_texts_are_sentences() {
        for (number, reason) in (0..).zip(ALL) {
            assert_eq!((reason.number(), Reason::from_number(number)), (number, Some(reason)));
            assert!(reason.text().len() > 15 && reason.text().is_ascii(), "{reason:?}");
        }
        assert_eq!(Reason::from_number(15), None);
        assert_eq!(Reason::from_number(u32::MAX), None);
    }
}
