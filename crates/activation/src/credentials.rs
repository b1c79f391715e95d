//! Who may activate what: the publisher's root key signs the grants of hosts, a host's key signs the leases of
//! clients, and a setup key in 5x5 form names a product together with the publisher to believe.
//!
//! Every signed encoding begins with eight letters of its own kind and version, has big-endian numbers, and exists
//! in one form only: what is read is what was signed, to the bit.
//!
//! Choices that no published behaviour settles:
//! - A client knows the publisher by 80 bits of a hash of the root key, as they fit into a setup key. Finding
//!   another root key with the same fingerprint takes 2^80 tries.
//! - The ids of a product follow from that fingerprint and two numbers, so a setup key alone names them.
//! - Clocks may differ by four hours, as between KMS clients and hosts.
//! - A grant's serial number is that of the whole licence of a host: revoking it ends all its products.

mod batch;
pub mod catalogue;
pub mod chain;
mod document;
mod encoding;
pub mod grant;
pub mod key;
pub mod lease;
pub mod licence_file;
pub mod name;
pub mod product;
pub mod publisher_key;
pub mod revocations;
pub mod setup_key;
#[cfg(test)]
pub(crate) mod testing;

pub use batch::BATCH_MAX;
pub use catalogue::{Catalogue, CatalogueError, CatalogueFileError, IssuedHost, Order, Terms};
pub use chain::{Chain, ChainError};
pub use document::DocumentError;
pub use encoding::DecodeError;
pub use grant::{Grant, GrantError, SignedGrant};
pub use key::{Fingerprint, HostKey, KeyError, PublicKey, RootKey};
pub use lease::{Expectations, Lease, LeaseError, SignedLease, check_lease};
pub use licence_file::{HostLicence, LicenceFileError};
pub use name::{NAME_MAX, NameError, check_name};
pub use product::{Product, ProductError};
pub use publisher_key::{Cost, KeyFileError, PublisherKeyFile, SealError};
pub use revocations::{Revocations, SignedRevocations};
pub use setup_key::{SetupKey, SetupKeyError};

use crate::moment::HOUR;

/// How far two clocks may differ, in seconds.
pub const CLOCK_TOLERANCE: i64 = 4 * HOUR;

#[cfg(test)]
mod tests {
    use data_encoding::BASE64;

    use super::testing::{grant, host, lease, product, root};

    /// The page lets others check their implementation; it must not differ from ours.
    #[test]
    fn the_page_on_the_protocol_shows_these_bytes() {
        let page = include_str!("../../../docs/protocol.md").replace('\n', "");
        let fingerprint = root().public().fingerprint();
        for shown in [
            root().public().to_string(),
            fingerprint.to_string(),
            host().public().to_string(),
            product().application_id.to_string(),
            product().activation_id.to_string(),
            product().setup_key(fingerprint).to_string(),
            BASE64.encode(&grant().to_bytes()),
            BASE64.encode(&lease().sign(&host()).to_bytes()),
        ] {
            assert!(page.contains(&shown), "docs/protocol.md lacks {shown}");
        }
    }
}
