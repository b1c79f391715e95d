//! The grant: the publisher lets a host activate a product for a time.

use super::encoding::{DecodeError, Reader, SIGNATURE, push_name};
use super::key::{PublicKey, RootKey};
use super::name::check_name;
use super::product::Product;
use crate::Moment;

const TAG: &[u8; 8] = b"KMSgrnt1";

/// What the publisher allows a host; its counterpart is the KMS host key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Name of the licence: who may run the host.
    pub licence: String,
    /// Number of the host's licence; the grants of one licence file share it.
    pub serial: u32,
    /// Which of the licence's hosts this is, from 1.
    pub host_number: u16,
    /// How many hosts the licence allows.
    pub host_limit: u16,
    /// With this key the host signs leases.
    pub host_key: PublicKey,
    /// What it may activate.
    pub product: Product,
    /// From when.
    pub not_before: Moment,
    /// Until when.
    pub not_after: Moment,
}

/// Why a grant is not to be believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GrantError {
    /// Another key signed it, or it was changed.
    #[error("the grant was not signed by this publisher")]
    Signature,
    /// Its product has the ids of another publisher's product.
    #[error("the ids of the grant's product are not this publisher's")]
    Foreign,
}

impl Grant {
    /// All fields are within their limits. The product's are told by [`Product::check`] alone.
    pub fn check(&self) -> Result<(), DecodeError> {
        check_name(&self.licence).map_err(|source| DecodeError::Name { field: "the licence", source })?;
        if self.host_number == 0 || self.host_number > self.host_limit {
            return Err(DecodeError::Range { field: "the host's number" });
        }
        if self.not_before > self.not_after {
            return Err(DecodeError::Range { field: "the end of the grant" });
        }
        Ok(self.product.check()?)
    }

    /// Signs it with the publisher's key; a grant that breaks its limits is not signed.
    pub fn sign(self, root: &RootKey) -> Result<SignedGrant, DecodeError> {
        self.check()?;
        let signature = root.sign(&self.unsigned());
        Ok(SignedGrant { grant: self, signature })
    }

    fn unsigned(&self) -> Vec<u8> {
        let product = &self.product;
        let mut out = Vec::with_capacity(256);
        out.extend_from_slice(TAG);
        out.extend_from_slice(&self.serial.to_be_bytes());
        out.extend_from_slice(&self.host_number.to_be_bytes());
        out.extend_from_slice(&self.host_limit.to_be_bytes());
        out.extend_from_slice(&self.host_key.0);
        out.extend_from_slice(&self.not_before.0.to_be_bytes());
        out.extend_from_slice(&self.not_after.0.to_be_bytes());
        out.push(product.application_number);
        out.extend_from_slice(&product.number.to_be_bytes());
        out.extend_from_slice(product.application_id.as_bytes());
        out.extend_from_slice(product.activation_id.as_bytes());
        out.extend_from_slice(&product.n_policy.to_be_bytes());
        out.extend_from_slice(&product.grace_days.to_be_bytes());
        out.extend_from_slice(&product.validity_days.to_be_bytes());
        push_name(&mut out, &self.licence);
        push_name(&mut out, &product.name);
        push_name(&mut out, &product.application_name);
        out
    }

    fn read(reader: &mut Reader<'_>) -> Result<Grant, DecodeError> {
        let serial = reader.u32("the serial number")?;
        let host_number = reader.u16("the host's number")?;
        let host_limit = reader.u16("the limit of hosts")?;
        let host_key = PublicKey(reader.array("the host's key")?);
        let not_before = reader.moment("the beginning")?;
        let not_after = reader.moment("the end")?;
        let application_number = reader.u8("the application's number")?;
        let number = reader.u16("the product's number")?;
        let application_id = reader.uuid("the application's id")?;
        let activation_id = reader.uuid("the product's id")?;
        let n_policy = reader.u32("the number of clients demanded")?;
        let grace_days = reader.u32("the days of grace")?;
        let validity_days = reader.u32("the days of validity")?;
        let licence = reader.name("the licence")?;
        let name = reader.name("the product's name")?;
        let application_name = reader.name("the application's name")?;
        let product = Product {
            number,
            name,
            application_number,
            application_name,
            application_id,
            activation_id,
            n_policy,
            grace_days,
            validity_days,
        };
        let grant =
            Grant { licence, serial, host_number, host_limit, host_key, product, not_before, not_after };
        grant.check()?;
        Ok(grant)
    }
}

/// A grant with the publisher's signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedGrant {
    /// What it says. Believe it only after [`SignedGrant::verify`]; whoever changes it breaks the signature.
    pub grant: Grant,
    signature: [u8; SIGNATURE],
}

impl SignedGrant {
    /// The grant's bytes and the signature.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.grant.unsigned();
        bytes.extend_from_slice(&self.signature);
        bytes
    }

    /// Reads what [`SignedGrant::to_bytes`] wrote, and nothing else. The signature is not checked here.
    pub fn from_bytes(bytes: &[u8]) -> Result<SignedGrant, DecodeError> {
        let mut reader = Reader::new(bytes, TAG, "grant")?;
        let grant = Grant::read(&mut reader)?;
        let signature = reader.array("the signature")?;
        reader.end()?;
        Ok(SignedGrant { grant, signature })
    }

    /// The publisher with this root key signed the grant, for a product of their own.
    pub fn verify(&self, root: &PublicKey) -> Result<(), GrantError> {
        if !root.verifies(&self.grant.unsigned(), &self.signature) {
            return Err(GrantError::Signature);
        }
        if self.grant.product.belongs_to(root.fingerprint()) { Ok(()) } else { Err(GrantError::Foreign) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::credentials::testing::{grant, root};

    #[test]
    fn literal_bytes() {
        let bytes = grant().to_bytes();
        assert_eq!(
            data_encoding::BASE64.encode(&bytes),
            "S01TZ3JudDEAAAABAAEABoE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOUAAAAAGtJ0gAAAAAAbSsFgAEA\
             AezKrkLd/oqWuj3bM7LYFOnQ8nvaiByLbLIuUh+IZBRkAAAAGQAAAB4AAAC0AAhGYWJyaWthbQAFUGFpbnQAB0Nv\
             bnRvc2+9rKlbC4yhn2efMLQjGRY35FCyMr5xMbYghNxycf2xRFwcF4e3aAHVTgT+V8LatMJwm0dXYGQM9Q7uAP6u\
             8zgO"
        );
        assert_eq!(SignedGrant::from_bytes(&bytes), Ok(grant()));
    }

    #[test]
    fn limits_are_held_when_signing() {
        let good = grant().grant;
        let cases = [
            Grant { licence: "a\nb".to_string(), ..good.clone() },
            Grant { host_number: 0, ..good.clone() },
            Grant { host_number: 7, ..good.clone() },
            Grant { not_after: Moment(0), ..good.clone() },
            Grant { product: Product { n_policy: 0, ..good.product.clone() }, ..good.clone() },
        ];
        for case in cases {
            assert!(case.clone().sign(&root()).is_err(), "{case:?}");
        }
    }

    #[test]
    fn the_product_of_another_publisher_is_refused() {
        let other = Product::new(crate::credentials::Fingerprint([1; 10]), 1, "Paint", 1, "Contoso");
        let signed = Grant { product: other, ..grant().grant }.sign(&root()).unwrap();
        assert_eq!(signed.verify(&root().public()), Err(GrantError::Foreign));
    }

    #[test]
    fn cut_or_longer_bytes_are_refused() {
        let mut bytes = grant().to_bytes();
        for length in 0..bytes.len() {
            assert!(SignedGrant::from_bytes(&bytes[..length]).is_err(), "{length}");
        }
        bytes.push(0);
        assert_eq!(SignedGrant::from_bytes(&bytes), Err(DecodeError::Trailing { count: 1 }));
    }

    #[test]
    fn every_flipped_bit_is_refused() {
        let good = grant().to_bytes();
        for bit in 0..good.len() * 8 {
            let mut bytes = good.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let believed =
                SignedGrant::from_bytes(&bytes).is_ok_and(|read| read.verify(&root().public()).is_ok());
            assert!(!believed, "bit {bit}");
        }
    }

    proptest! {
        #[test]
        fn there_and_back(serial: u32, seed: [u8; 32], begin in -1i64..1 << 40, licence in "[a-zé契]{1,64}") {
            let host_key = crate::credentials::HostKey::from_seed(seed).public();
            let (not_before, not_after) = (Moment(begin), Moment(begin + 1));
            let signed = Grant { serial, host_key, licence, not_before, not_after, ..grant().grant }.sign(&root());
            let signed = signed.map_err(|error| TestCaseError::fail(error.to_string()))?;
            prop_assert_eq!(signed.verify(&root().public()), Ok(()));
            prop_assert_eq!(SignedGrant::from_bytes(&signed.to_bytes()), Ok(signed));
        }
    }
}
