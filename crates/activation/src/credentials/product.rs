//! What a host activates: a product and the application that it belongs to, with ids that follow from the publisher.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::key::Fingerprint;
use super::name::{NameError, check_name};
use super::setup_key::SetupKey;

/// Most days of a grace period or a lease: a hundred years.
pub const DAYS_MAX: u32 = 36_525;
/// Highest number of a product, and highest count that a product can demand.
pub const TWELVE_BITS: u16 = 4095;

/// Why a product can't be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProductError {
    /// Its name or its application's.
    #[error("{0}")]
    Name(#[from] NameError),
    /// Beyond twelve bits.
    #[error("a product's number is at most {TWELVE_BITS}")]
    Number,
    /// No client could ever be activated, or the setup key can't tell it.
    #[error("the number of clients that a product demands is 1 to {TWELVE_BITS}")]
    Policy,
    /// No days, or too many.
    #[error("days of grace and of validity are 1 to {DAYS_MAX}")]
    Days,
}

/// A product and the terms of its activation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// Number within the publisher's products, of 12 bits.
    pub number: u16,
    /// What people call it.
    pub name: String,
    /// Number of the application, whose clients are counted together.
    pub application_number: u8,
    /// What people call the application.
    pub application_name: String,
    /// Id of the application, as [`application_id`] makes it.
    pub application_id: Uuid,
    /// Id of the product, as [`activation_id`] makes it.
    pub activation_id: Uuid,
    /// So many clients must have asked before any is activated: 1 to 4095.
    pub n_policy: u32,
    /// Days for which a client works without activation.
    pub grace_days: u32,
    /// Days for which an activation holds.
    pub validity_days: u32,
}

impl Product {
    /// A product with the published terms of Windows clients: 25 clients, 30 days of grace, valid for 180 days.
    pub fn new(
        publisher: Fingerprint,
        number: u16,
        name: &str,
        application_number: u8,
        application_name: &str,
    ) -> Product {
        Product {
            number,
            name: name.to_string(),
            application_number,
            application_name: application_name.to_string(),
            application_id: application_id(publisher, application_number),
            activation_id: activation_id(publisher, application_number, number),
            n_policy: 25,
            grace_days: 30,
            validity_days: 180,
        }
    }

    /// Names and numbers are within their limits.
    pub fn check(&self) -> Result<(), ProductError> {
        check_name(&self.name)?;
        check_name(&self.application_name)?;
        if self.number > TWELVE_BITS {
            return Err(ProductError::Number);
        }
        if !(1..=u32::from(TWELVE_BITS)).contains(&self.n_policy) {
            return Err(ProductError::Policy);
        }
        let days = 1..=DAYS_MAX;
        if days.contains(&self.grace_days) && days.contains(&self.validity_days) {
            Ok(())
        } else {
            Err(ProductError::Days)
        }
    }

    /// True when the ids are those that this publisher's product of these numbers has.
    pub fn belongs_to(&self, publisher: Fingerprint) -> bool {
        self.application_id == application_id(publisher, self.application_number)
            && self.activation_id == activation_id(publisher, self.application_number, self.number)
    }

    /// The key that names this product on clients.
    pub fn setup_key(&self, publisher: Fingerprint) -> SetupKey {
        SetupKey {
            application: self.application_number,
            product: self.number,
            n_policy: u16::try_from(self.n_policy).unwrap_or(TWELVE_BITS),
            fingerprint: publisher,
        }
    }
}

/// The id of an application: a UUID of version 8 from SHA-256 of `kmscope application`, the publisher's fingerprint
/// and the application's number.
pub fn application_id(publisher: Fingerprint, application: u8) -> Uuid {
    uuid_of(
        Sha256::new()
            .chain_update(b"kmscope application")
            .chain_update(publisher.0)
            .chain_update([application]),
    )
}

/// The id of a product: a UUID of version 8 from SHA-256 of `kmscope product`, the publisher's fingerprint, the
/// application's number and the product's number in two bytes, the higher one first.
pub fn activation_id(publisher: Fingerprint, application: u8, product: u16) -> Uuid {
    uuid_of(
        Sha256::new()
            .chain_update(b"kmscope product")
            .chain_update(publisher.0)
            .chain_update([application])
            .chain_update(product.to_be_bytes()),
    )
}

fn uuid_of(hash: Sha256) -> Uuid {
    let hash: [u8; 32] = hash.finalize().into();
    let mut first = [0; 16];
    first.copy_from_slice(&hash[..16]);
    uuid::Builder::from_custom_bytes(first).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_held() {
        let good = Product::new(Fingerprint([7; 10]), 1, "Paint", 1, "Contoso");
        assert_eq!(good.check(), Ok(()));
        assert_eq!(Product { n_policy: 4095, number: 4095, ..good.clone() }.check(), Ok(()));
        let cases = [
            (Product { name: String::new(), ..good.clone() }, ProductError::Name(NameError::Blank)),
            (Product { number: 4096, ..good.clone() }, ProductError::Number),
            (Product { n_policy: 0, ..good.clone() }, ProductError::Policy),
            (Product { n_policy: 4096, ..good.clone() }, ProductError::Policy),
            (Product { grace_days: 0, ..good.clone() }, ProductError::Days),
            (Product { validity_days: DAYS_MAX + 1, ..good.clone() }, ProductError::Days),
        ];
        for (product, why) in cases {
            assert_eq!(product.check(), Err(why), "{product:?}");
        }
    }

    #[test]
    fn ids_follow_from_publisher_and_numbers() {
        let publisher = Fingerprint([7; 10]);
        let product = Product::new(publisher, 2, "Paint", 1, "Contoso");
        assert!(product.belongs_to(publisher));
        assert!(!product.belongs_to(Fingerprint([8; 10])));
        assert!(!Product { number: 3, ..product.clone() }.belongs_to(publisher));
        assert!(!Product { application_number: 2, ..product.clone() }.belongs_to(publisher));
        assert_eq!(product.activation_id.get_version_num(), 8);
        let key = product.setup_key(publisher);
        assert_eq!(
            (key.application_id(), key.activation_id()),
            (product.application_id, product.activation_id)
        );
    }
}
