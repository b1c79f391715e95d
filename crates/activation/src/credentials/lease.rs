//! The lease: a host's signed answer that activates one client for a time.

use uuid::Uuid;

use super::CLOCK_TOLERANCE;
use super::batch::{self, DEPTH_MAX, HASH, Place};
use super::chain::Chain;
use super::encoding::{DecodeError, Fields, Reader, SIGNATURE};
use super::key::{HostKey, PublicKey};
use crate::Moment;
use crate::moment::DAY;

const TAG: &[u8; 8] = b"KMSleas1";
/// Bytes of a lease before its signature.
const UNSIGNED: usize = 128;
/// Bytes of a signed lease at most; one that has a signature for itself has 194.
pub const SIGNED_LEASE_MAX: usize = UNSIGNED + 2 + DEPTH_MAX as usize * HASH + SIGNATURE;

/// What a host promises a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The request's: a lease answers one request only.
    pub nonce: [u8; 32],
    /// The client's id.
    pub cmid: Uuid,
    /// Id of the application.
    pub application_id: Uuid,
    /// Id of the product.
    pub activation_id: Uuid,
    /// Serial number of the host's licence.
    pub serial: u32,
    /// The host's clock.
    pub issued_at: Moment,
    /// Until when the client is activated.
    pub expires_at: Moment,
    /// How many clients the host has counted, as it tells.
    pub count: u32,
    /// How long a client without activation waits before it asks again.
    pub activation_interval_minutes: u32,
    /// How long an activated client waits before it asks again.
    pub renewal_interval_minutes: u32,
    /// The client's clock, as the request told it.
    pub client_time: Moment,
}

impl Lease {
    /// Signs it with the host's key.
    pub fn sign(self, key: &HostKey) -> SignedLease {
        let (places, signature) = batch::sign([self.unsigned().as_slice()].into_iter(), key);
        let place = places.into_iter().next().unwrap_or(Place { index: 0, path: Vec::new() });
        SignedLease { lease: self, place, signature }
    }

    /// Signs several together, in their order; see [`BATCH_MAX`](super::BATCH_MAX).
    pub fn sign_all(leases: Vec<Lease>, key: &HostKey) -> Vec<SignedLease> {
        if leases.is_empty() {
            return Vec::new();
        }
        let unsigned: Vec<[u8; UNSIGNED]> = leases.iter().map(Lease::unsigned).collect();
        let (places, signature) = batch::sign(unsigned.iter().map(<[u8; UNSIGNED]>::as_slice), key);
        let signed = |(lease, place)| SignedLease { lease, place, signature };
        leases.into_iter().zip(places).map(signed).collect()
    }

    /// All fields at their fixed places, without any memory from the heap: a host does this for every answer.
    fn unsigned(&self) -> [u8; UNSIGNED] {
        Fields::new()
            .put(TAG)
            .put(&self.nonce)
            .put(self.cmid.as_bytes())
            .put(self.application_id.as_bytes())
            .put(self.activation_id.as_bytes())
            .put(&self.serial.to_be_bytes())
            .put(&self.issued_at.0.to_be_bytes())
            .put(&self.expires_at.0.to_be_bytes())
            .put(&self.count.to_be_bytes())
            .put(&self.activation_interval_minutes.to_be_bytes())
            .put(&self.renewal_interval_minutes.to_be_bytes())
            .put(&self.client_time.0.to_be_bytes())
            .finish()
    }
}

/// A lease with the host's signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedLease {
    /// What it says. Believe it only after a check; whoever changes it breaks the signature.
    pub lease: Lease,
    place: Place,
    signature: [u8; SIGNATURE],
}

impl SignedLease {
    /// The lease's bytes, its place among those with the same signature, and the signature.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(SIGNED_LEASE_MAX);
        bytes.extend_from_slice(&self.lease.unsigned());
        bytes.push(self.place.path.len() as u8);
        bytes.push(self.place.index);
        self.place.path.iter().for_each(|hash| bytes.extend_from_slice(hash));
        bytes.extend_from_slice(&self.signature);
        bytes
    }

    /// Reads what [`SignedLease::to_bytes`] wrote, and nothing else. The signature is not checked here.
    pub fn from_bytes(bytes: &[u8]) -> Result<SignedLease, DecodeError> {
        let mut reader = Reader::new(bytes, TAG, "lease")?;
        let lease = Lease {
            nonce: reader.array("the nonce")?,
            cmid: reader.uuid("the client's id")?,
            application_id: reader.uuid("the application's id")?,
            activation_id: reader.uuid("the product's id")?,
            serial: reader.u32("the serial number")?,
            issued_at: reader.moment("the time of issue")?,
            expires_at: reader.moment("the end")?,
            count: reader.u32("the count")?,
            activation_interval_minutes: reader.u32("the activation interval")?,
            renewal_interval_minutes: reader.u32("the renewal interval")?,
            client_time: reader.moment("the client's time")?,
        };
        let depth = reader.u8("the depth")?;
        let index = reader.u8("the index")?;
        if depth > DEPTH_MAX || u32::from(index) >> depth != 0 {
            return Err(DecodeError::Range { field: "its place" });
        }
        let path = (0..depth).map(|_| reader.array("the path")).collect::<Result<_, DecodeError>>()?;
        let signature = reader.array("the signature")?;
        reader.end()?;
        Ok(SignedLease { lease, place: Place { index, path }, signature })
    }

    /// True when the host with this key signed it. That alone does not say that it answers anything: see
    /// [`check_lease`].
    pub fn verify(&self, host: &PublicKey) -> bool {
        batch::verify(&self.lease.unsigned(), &self.place, &self.signature, host)
    }
}

/// What a client knows of the lease that it asked for.
#[derive(Debug, Clone)]
pub struct Expectations<'a> {
    /// The request's nonce.
    pub nonce: [u8; 32],
    /// The client's id.
    pub cmid: Uuid,
    /// The product's id.
    pub activation_id: Uuid,
    /// The client's clock now.
    pub now: Moment,
    /// The client's clock as the request told it.
    pub client_time: Moment,
    /// The newest list that the client has seen.
    pub revocations: Option<&'a super::Revocations>,
}

/// Why a client does not take a lease.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LeaseError {
    /// The host's licence names another key, or the lease was changed.
    #[error("the lease was not signed with the key of the host's licence")]
    Signature,
    /// An answer to another request.
    #[error("the lease answers another request")]
    Nonce,
    /// An answer to another client.
    #[error("the lease is for client {found}")]
    Client {
        /// The lease's.
        found: Uuid,
    },
    /// Another product than was asked for, or than the host's licence allows.
    #[error("the lease is for product {found}")]
    Product {
        /// The lease's.
        found: Uuid,
    },
    /// Another of the host's licences.
    #[error("the lease is of licence {found}, the host's licence is {expected}")]
    Serial {
        /// The lease's.
        found: u32,
        /// The grant's.
        expected: u32,
    },
    /// The publisher has withdrawn the host's licence.
    #[error("the publisher has revoked the host's licence {serial}")]
    Revoked {
        /// Which.
        serial: u32,
    },
    /// The host repeats another time than it was told.
    #[error("the lease repeats {found} as the client's time")]
    ClientTime {
        /// The lease's.
        found: Moment,
    },
    /// The clocks differ too much.
    #[error("the host's clock says {host}, the client's {client}: more than four hours apart")]
    Clock {
        /// The host's.
        host: Moment,
        /// The client's.
        client: Moment,
    },
    /// It has ended, perhaps before it began.
    #[error("the lease ended at {0}")]
    Expired(Moment),
    /// Longer than an activation of this product may hold.
    #[error("the lease holds longer than the {validity_days} days of the product")]
    TooLong {
        /// What the grant allows.
        validity_days: u32,
    },
}

/// The lease answers the request, and the host may give it. The chain must have been verified
/// ([`Chain::verify`]): here only its grant is looked at.
pub fn check_lease(
    chain: &Chain,
    signed: &SignedLease,
    expectations: &Expectations<'_>,
) -> Result<(), LeaseError> {
    let (grant, lease) = (&chain.grant.grant, &signed.lease);
    if !signed.verify(&grant.host_key) {
        return Err(LeaseError::Signature);
    }
    if lease.nonce != expectations.nonce {
        return Err(LeaseError::Nonce);
    }
    if lease.cmid != expectations.cmid {
        return Err(LeaseError::Client { found: lease.cmid });
    }
    let product = &grant.product;
    if lease.activation_id != expectations.activation_id
        || lease.activation_id != product.activation_id
        || lease.application_id != product.application_id
    {
        return Err(LeaseError::Product { found: lease.activation_id });
    }
    if lease.serial != grant.serial {
        return Err(LeaseError::Serial { found: lease.serial, expected: grant.serial });
    }
    if expectations.revocations.is_some_and(|list| list.serials.contains(&lease.serial)) {
        return Err(LeaseError::Revoked { serial: lease.serial });
    }
    check_times(lease, product.validity_days, expectations)
}

fn check_times(lease: &Lease, validity_days: u32, expectations: &Expectations<'_>) -> Result<(), LeaseError> {
    if lease.client_time != expectations.client_time {
        return Err(LeaseError::ClientTime { found: lease.client_time });
    }
    if lease.issued_at.since(expectations.now).unsigned_abs() > CLOCK_TOLERANCE.unsigned_abs() {
        return Err(LeaseError::Clock { host: lease.issued_at, client: expectations.now });
    }
    if lease.expires_at <= expectations.now || lease.expires_at <= lease.issued_at {
        return Err(LeaseError::Expired(lease.expires_at));
    }
    if lease.expires_at.since(lease.issued_at) > i64::from(validity_days) * DAY {
        return Err(LeaseError::TooLong { validity_days });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::credentials::Revocations;
    use crate::credentials::testing::{chain, expectations, host, lease};

    type Change = fn(&mut Lease);

    #[test]
    fn literal_bytes() {
        let bytes = lease().sign(&host()).to_bytes();
        assert_eq!(
            data_encoding::BASE64.encode(&bytes),
            "S01TbGVhczEDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAxEREREiIkMzhERVVVVVVVXsyq5C3f6Klro92zOy\
             2BTp0PJ72ogci2yyLlIfiGQUZAAAAAEAAAAAa1cPEAAAAABsRF0QAAAAGQAAAHgAACdgAAAAAGtXAQAAAImcIChu\
             ABxjTKyLfRCEUgIEeRvAqPu/Dr5HHZvDBtsGFghh54uF15XV8WIj8sjiah8aUkIfZdJ/laeRt/kbdwA="
        );
        assert_eq!(SignedLease::from_bytes(&bytes), Ok(lease().sign(&host())));
    }

    #[test]
    fn a_lease_as_asked_for_is_taken() {
        assert_eq!(check_lease(&chain(), &lease().sign(&host()), &expectations()), Ok(()));
    }

    #[test]
    fn every_reason_has_its_name() {
        let (now, other) = (expectations().now, Uuid::from_u128(9));
        let cases: [(Change, LeaseError); 12] = [
            (|lease| lease.nonce[31] ^= 1, LeaseError::Nonce),
            (|lease| lease.cmid = Uuid::from_u128(9), LeaseError::Client { found: other }),
            (|lease| lease.activation_id = Uuid::from_u128(9), LeaseError::Product { found: other }),
            (
                |lease| lease.application_id = Uuid::from_u128(9),
                LeaseError::Product { found: lease().activation_id },
            ),
            (|lease| lease.serial = 2, LeaseError::Serial { found: 2, expected: 1 }),
            (
                |lease| lease.client_time.0 += 1,
                LeaseError::ClientTime { found: expectations().client_time.plus(1) },
            ),
            (
                |lease| lease.issued_at.0 = expectations().now.0 + CLOCK_TOLERANCE + 1,
                LeaseError::Clock { host: now.plus(CLOCK_TOLERANCE + 1), client: now },
            ),
            (
                |lease| lease.issued_at.0 = expectations().now.0 - CLOCK_TOLERANCE - 1,
                LeaseError::Clock { host: now.plus(-CLOCK_TOLERANCE - 1), client: now },
            ),
            (|lease| lease.issued_at.0 = i64::MIN, LeaseError::Clock { host: Moment(i64::MIN), client: now }),
            (|lease| lease.expires_at = expectations().now, LeaseError::Expired(now)),
            (
                |lease| {
                    lease.issued_at.0 = expectations().now.0 + 9;
                    lease.expires_at = lease.issued_at;
                },
                LeaseError::Expired(now.plus(9)),
            ),
            (|lease| lease.expires_at.0 += 1, LeaseError::TooLong { validity_days: 180 }),
        ];
        for (change, why) in cases {
            let mut changed = lease();
            change(&mut changed);
            assert_eq!(check_lease(&chain(), &changed.sign(&host()), &expectations()), Err(why));
        }
    }

    #[test]
    fn another_key_and_another_product_than_asked_for() {
        let stranger = lease().sign(&HostKey::from_seed([9; 32]));
        assert_eq!(check_lease(&chain(), &stranger, &expectations()), Err(LeaseError::Signature));
        let asked = Expectations { activation_id: Uuid::from_u128(9), ..expectations() };
        let found = lease().activation_id;
        assert_eq!(check_lease(&chain(), &lease().sign(&host()), &asked), Err(LeaseError::Product { found }));
    }

    #[test]
    fn a_revoked_licence_gives_no_leases() {
        let list =
            |serial| Revocations { number: 1, issued_at: Moment(0), serials: BTreeSet::from([serial]) };
        let (ours, anothers) = (list(1), list(2));
        let check = |list| {
            let asked = Expectations { revocations: Some(list), ..expectations() };
            check_lease(&chain(), &lease().sign(&host()), &asked)
        };
        assert_eq!(check(&ours), Err(LeaseError::Revoked { serial: 1 }));
        assert_eq!(check(&anothers), Ok(()));
    }

    #[test]
    fn every_flipped_bit_is_refused() {
        let mut others = vec![lease(); 5];
        others.iter_mut().zip(10..).for_each(|(lease, number)| lease.nonce[0] = number);
        others[4] = lease();
        let good = Lease::sign_all(others, &host())[4].to_bytes();
        assert_eq!(good.len(), 194 + 3 * HASH);
        for bit in 0..good.len() * 8 {
            let mut bytes = good.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let believed = SignedLease::from_bytes(&bytes)
                .is_ok_and(|read| check_lease(&chain(), &read, &expectations()).is_ok());
            assert!(!believed, "bit {bit}");
        }
    }

    #[test]
    fn cut_or_longer_bytes_are_refused() {
        let mut bytes = lease().sign(&host()).to_bytes();
        for length in 0..bytes.len() {
            assert!(SignedLease::from_bytes(&bytes[..length]).is_err(), "{length}");
        }
        bytes.push(0);
        assert_eq!(SignedLease::from_bytes(&bytes), Err(DecodeError::Trailing { count: 1 }));
    }
}
