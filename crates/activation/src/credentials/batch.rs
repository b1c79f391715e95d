//! Many leases under one signature: a host that has several answers to give at once signs the root of a hash tree over
//! them, and gives each lease the way from its leaf to the root. A signature costs as much as all the rest of an
//! answer; a busy host shares it among those that wait.
//!
//! The hashes are those of RFC 9162 2.1: SHA-256, a zero in front of a leaf and a one in front of two nodes, so that
//! no node can be taken for a leaf. Zeros fill the leaves up to a power of two: repeated leaves would give one lease
//! several places.

use sha2::{Digest, Sha256};

use super::encoding::SIGNATURE;
use super::key::{HostKey, PublicKey};

/// Leases that share a signature at most.
pub const BATCH_MAX: usize = 64;
/// Hashes on the way to the root at most.
pub(super) const DEPTH_MAX: u8 = 6;
/// Bytes of a hash.
pub(super) const HASH: usize = 32;

/// What is signed: these letters, then the root.
const TAG: &[u8; 8] = b"KMSbatc1";

type Hash = [u8; HASH];

/// Where a lease stands among those of its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// From 0.
    pub(super) index: u8,
    /// The other half at each level, from the leaf on.
    pub(super) path: Vec<Hash>,
}

/// Signs some messages together; gives each its place, and the signature of all. At most [`BATCH_MAX`]; more than that
/// is our own mistake.
pub(super) fn sign<'m>(
    messages: impl Iterator<Item = &'m [u8]>,
    key: &HostKey,
) -> (Vec<Place>, [u8; SIGNATURE]) {
    let mut level: Vec<Hash> = messages.map(leaf).collect();
    let count = level.len();
    assert!((1..=BATCH_MAX).contains(&count), "a batch of {count} leases");
    let full = count.next_power_of_two();
    level.resize(full, [0; HASH]);
    let mut places: Vec<Place> = (0..count)
        .map(|index| Place { index: index as u8, path: Vec::with_capacity(full.ilog2() as usize) })
        .collect();
    let mut height = 0;
    while level.len() > 1 {
        for (index, place) in places.iter_mut().enumerate() {
            place.path.push(level[(index >> height) ^ 1]);
        }
        level = level.as_chunks::<2>().0.iter().map(|[left, right]| node(left, right)).collect();
        height += 1;
    }
    (places, key.sign(&signed(&level[0])))
}

/// True when the host with this key signed a message at its place.
pub(super) fn verify(message: &[u8], place: &Place, signature: &[u8; SIGNATURE], host: &PublicKey) -> bool {
    let mut hash = leaf(message);
    for (height, other) in place.path.iter().enumerate() {
        let is_right = place.index >> height & 1 == 1;
        hash = if is_right { node(other, &hash) } else { node(&hash, other) };
    }
    host.verifies(&signed(&hash), signature)
}

fn leaf(message: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(message).finalize().into()
}

fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

fn signed(root: &Hash) -> [u8; 8 + HASH] {
    let mut message = [0; 8 + HASH];
    message[..8].copy_from_slice(TAG);
    message[8..].copy_from_slice(root);
    message
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::testing::host;

    #[test]
    fn every_message_of_every_batch_holds_at_its_own_place_only() {
        for count in [1, 2, 3, 5, 8, 33, BATCH_MAX] {
            let messages: Vec<[u8; 2]> = (0..count).map(|number| [number as u8, 7]).collect();
            let (places, signature) = sign(messages.iter().map(<[u8; 2]>::as_slice), &host());
            for (number, (message, place)) in messages.iter().zip(&places).enumerate() {
                assert!(verify(message, place, &signature, &host().public()), "{number} of {count}");
                assert!(place.path.len() <= DEPTH_MAX.into());
                let other = &places[(number + 1) % count];
                assert_eq!(verify(message, other, &signature, &host().public()), count == 1);
            }
        }
    }
}
