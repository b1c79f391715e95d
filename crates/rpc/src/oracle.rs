//! What must hold for any bytes at all; property tests and fuzz targets share it.

use crate::framing::{Framing, Reassembly};
use crate::pdu::Pdu;
use crate::probe::{End, Probe};

/// A PDU that could be read is written and read again as the same, and what was written once is written the same
/// way again.
pub fn reads(bytes: &[u8]) {
    let Ok(pdu) = Pdu::read(bytes) else { return };
    let Some(written) = pdu.write() else { return };
    let again =
        Pdu::read(&written).unwrap_or_else(|error| panic!("{pdu:?} was written as {written:02x?}: {error}"));
    assert_eq!(again.body, pdu.body, "{written:02x?}");
    assert_eq!(again.write(), Some(written));
}

/// However a stream is cut, the same fragments come out, and a probe comes to the same kind of verdict.
pub fn streams(bytes: &[u8], cut: usize) {
    const MESSAGE_MAX: usize = 1 << 16;
    let run = |pieces: &[&[u8]]| {
        let (mut framing, mut reassembly) = (Framing::new(u16::MAX), Reassembly::new(MESSAGE_MAX));
        let (mut pdus, mut messages, mut error) = (Vec::new(), Vec::new(), None);
        for piece in pieces {
            framing.receive(piece);
            while error.is_none() {
                match framing.next_fragment() {
                    Ok(Some(pdu)) => {
                        messages.push(reassembly.add(pdu.clone()));
                        pdus.push(pdu);
                    }
                    Ok(None) => break,
                    Err(found) => error = Some(found),
                }
            }
        }
        (pdus, messages, error)
    };
    let (left, right) = bytes.split_at(cut.min(bytes.len()));
    assert_eq!(run(&[bytes]), run(&[left, right]));
    let judge = |pieces: &[&[u8]]| {
        let mut probe = Probe::new();
        pieces.iter().for_each(|piece| drop(probe.receive(piece).cloned()));
        std::mem::discriminant(&probe.end(End::Closed))
    };
    assert_eq!(judge(&[bytes]), judge(&[left, right]));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::probe::kms_bind;

    /// Bytes that are like PDUs: a good bind with some of its bytes changed and its end cut off or added to.
    fn nearly() -> impl Strategy<Value = Vec<u8>> {
        let changes = proptest::collection::vec((0usize..160, any::<u8>()), 0..6);
        (changes, 0usize..200, 0u8..20, proptest::collection::vec(any::<u8>(), 0..40)).prop_map(
            |(changes, length, packet_type, more)| {
                let mut bytes = kms_bind(1).write().unwrap_or_default();
                bytes[2] = packet_type;
                changes.iter().for_each(|(at, value)| bytes[*at] = *value);
                bytes.truncate(length);
                bytes.extend(more);
                bytes
            },
        )
    }

    proptest! {
        #[test]
        fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300), cut in 0usize..300) {
            reads(&bytes);
            streams(&bytes, cut);
        }

        #[test]
        fn bytes_that_are_nearly_right(bytes in nearly(), cut in 0usize..300) {
            reads(&bytes);
            streams(&bytes, cut);
        }
    }
}
