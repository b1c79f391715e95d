//! What must hold for any bytes and texts at all; property tests and fuzz targets share it.

use crate::credentials::{
    Catalogue, Chain, HostLicence, PublisherKeyFile, SetupKey, SignedGrant, SignedLease, SignedRevocations,
};

/// Whatever a decoder of credentials takes is written as the very same bytes again.
pub fn credentials(bytes: &[u8]) {
    if let Ok(grant) = SignedGrant::from_bytes(bytes) {
        assert_eq!(grant.to_bytes(), bytes, "{grant:?}");
    }
    if let Ok(chain) = Chain::from_bytes(bytes) {
        assert_eq!(chain.to_bytes(), bytes, "{chain:?}");
    }
    if let Ok(lease) = SignedLease::from_bytes(bytes) {
        assert_eq!(lease.to_bytes().as_slice(), bytes, "{lease:?}");
    }
    if let Ok(list) = SignedRevocations::from_bytes(bytes) {
        assert_eq!(list.to_bytes(), bytes, "{list:?}");
    }
}

/// A text that is taken for a setup key is written as one that says the same.
pub fn setup_key(text: &str) {
    let Ok(key) = text.parse::<SetupKey>() else { return };
    let written = key.to_string();
    assert_eq!(written.parse(), Ok(key), "{text:?} was written as {written}");
    assert!(written.ends_with(&key.partial()));
}

/// The text files of hosts and publishers: what can be read is written and read again as the same.
pub fn licence_files(text: &str) {
    if let Ok(licence) = HostLicence::read(text) {
        assert_eq!(HostLicence::read(&licence.write()), Ok(licence));
    }
    if let Ok(file) = PublisherKeyFile::read(text) {
        assert_eq!(PublisherKeyFile::read(&file.write()), Ok(file));
    }
    if let Ok(catalogue) = Catalogue::read(text) {
        assert_eq!(Catalogue::read(&catalogue.write()), Ok(catalogue));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::credentials::testing::{chain, grant, host, lease, root};
    use crate::credentials::{Cost, Revocations, Terms};

    /// Bytes of every kind.
    fn good_bytes() -> impl Strategy<Value = Vec<u8>> {
        let list = Revocations { number: 1, issued_at: crate::Moment(5), serials: (1..9).collect() };
        let list = list.sign(&root()).map(|list| list.to_bytes()).unwrap_or_default();
        let lease = lease().sign(&host()).to_bytes();
        proptest::sample::select(vec![grant().to_bytes(), chain().to_bytes(), lease, list])
    }

    /// Texts of every kind.
    fn good_texts() -> impl Strategy<Value = String> {
        let mut catalogue = Catalogue::new("Contoso", root().public()).unwrap();
        catalogue.put_product("Paint", &Terms::default()).unwrap();
        let grants = vec![grant()];
        let licence = HostLicence {
            publisher: "Contoso".to_string(),
            root: root().public(),
            grants,
            revocations: None,
            host_key: Some(host()),
        };
        let cost = Cost { memory_kib: 8, passes: 1, lanes: 1 };
        let key = PublisherKeyFile::seal(&root(), "p", [1; 16], [2; 24], cost).unwrap();
        proptest::sample::select(vec![catalogue.write(), licence.write().to_string(), key.write()])
    }

    proptest! {
        #[test]
        fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300), text in ".{0,60}") {
            credentials(&bytes);
            setup_key(&text);
            licence_files(&text);
        }

        #[test]
        fn bytes_that_are_nearly_right(
            good in good_bytes(),
            changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 0..4),
            more in proptest::collection::vec(any::<u8>(), 0..9),
        ) {
            let mut bytes = good;
            for (at, value) in changes {
                let length = bytes.len();
                bytes[at % length] = value;
            }
            bytes.extend(more);
            credentials(&bytes);
        }

        #[test]
        fn texts_that_are_nearly_right(good in good_texts(), at: usize, to in "[ -~\n]{0,3}") {
            let at = at % good.len();
            licence_files(&format!("{}{to}{}", &good[..at], &good[at + 1..]));
        }

        #[test]
        fn texts_like_setup_keys(text in "[0-9A-HJKMNP-TV-Za-z]{5}(-[0-9A-Z]{5}){4}") {
            setup_key(&text);
        }
    }
}
