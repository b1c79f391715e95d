//! Which product of which publisher a program is.

use std::str::FromStr;

use activation::credentials::{Fingerprint, PublicKey};
use uuid::Uuid;

/// Why a text names no publisher or product.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProductIdError {
    /// The publisher.
    #[error(
        "a publisher is a fingerprint as in 0123-4567-89AB-CDEF, or a root key of 44 characters in base64"
    )]
    Publisher,
    /// The product.
    #[error("an activation id has the form 00000000-0000-0000-0000-000000000000")]
    Activation,
}

/// The publisher that a program believes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Publisher {
    /// 80 bits of a hash of the root key, as in setup keys.
    Fingerprint(Fingerprint),
    /// The root key itself.
    Key(PublicKey),
}

impl Publisher {
    /// The fingerprint, by which leases are checked first.
    pub fn fingerprint(&self) -> Fingerprint {
        match self {
            Publisher::Fingerprint(fingerprint) => *fingerprint,
            Publisher::Key(key) => key.fingerprint(),
        }
    }

    /// True for the root key of this publisher.
    pub(crate) fn is(&self, root: &PublicKey) -> bool {
        match self {
            Publisher::Fingerprint(fingerprint) => root.fingerprint() == *fingerprint,
            Publisher::Key(key) => root == key,
        }
    }
}

impl FromStr for Publisher {
    type Err = ProductIdError;

    fn from_str(text: &str) -> Result<Publisher, ProductIdError> {
        text.parse()
            .map(Publisher::Fingerprint)
            .or_else(|_| text.parse().map(Publisher::Key))
            .map_err(|_| ProductIdError::Publisher)
    }
}

/// A product of a publisher; a program has its own built in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProductId {
    /// Whom to believe.
    pub publisher: Publisher,
    /// The product's id, as the publisher's catalogue tells it.
    pub activation_id: Uuid,
}

impl ProductId {
    /// From the texts that a program has built in.
    pub fn parse(publisher: &str, activation_id: &str) -> Result<ProductId, ProductIdError> {
        let publisher = publisher.parse()?;
        let activation_id = activation_id.trim().parse().map_err(|_| ProductIdError::Activation)?;
        Ok(ProductId { publisher, activation_id })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=";
    const FINGERPRINT: &str = "8M4K-H9PJ-94MC-FRJW";
    const ID: &str = "d0f27bda-881c-8b6c-b22e-521f88641464";

    #[test]
    fn a_publisher_by_fingerprint_or_key() {
        let (key, fingerprint) = (KEY.parse::<Publisher>(), FINGERPRINT.parse::<Publisher>());
        assert!(matches!(key, Ok(Publisher::Key(_))));
        assert!(matches!(fingerprint, Ok(Publisher::Fingerprint(_))));
        assert_eq!(key.map(|key| key.fingerprint()), fingerprint.map(|key| key.fingerprint()));
    }

    #[test]
    fn what_names_nothing_is_refused() {
        assert!(ProductId::parse(FINGERPRINT, ID).is_ok());
        for publisher in ["", "Contoso", &KEY[1..], &FINGERPRINT[1..]] {
            assert_eq!(ProductId::parse(publisher, ID), Err(ProductIdError::Publisher), "{publisher}");
        }
        for id in ["", "Paint", &ID[1..]] {
            assert_eq!(ProductId::parse(KEY, id), Err(ProductIdError::Activation), "{id}");
        }
    }
}
