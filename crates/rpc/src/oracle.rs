//! What must hold for any bytes at all; property tests and fuzz targets share it.

use crate::activation::{ACTIVATE, Answer, INTERFACE, Request};
use crate::call::{Call, Progress};
use crate::framing::{Framing, Reassembly};
use crate::header::ByteOrder;
use crate::pdu::Pdu;
use crate::probe::{End, Probe};
use crate::server::{Connection, Event, FRAGMENT_MAX};

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

/// A stub that could be read is written and read again as the same, in either byte order.
pub fn stubs(bytes: &[u8]) {
    for order in [ByteOrder::Little, ByteOrder::Big] {
        if let Ok(request) = Request::read(bytes, order) {
            assert_eq!(request.write_in(order), bytes);
            assert_eq!(Request::read(&request.write(), ByteOrder::Little), Ok(request));
        }
        if let Ok(answer) = Answer::read(bytes, order) {
            assert_eq!(Answer::read(&answer.write(), ByteOrder::Little), Ok(answer));
        }
    }
}

/// However what a client sends is cut, a host's side hears the same and says the same, and no more waits in it than
/// one fragment. A client's side comes to the same end by what a host sends, but for the name of another protocol.
pub fn serves(bytes: &[u8], cut: usize) {
    let serve = |pieces: &[&[u8]]| {
        let mut connection = Connection::new(INTERFACE, 1688, 1);
        for piece in pieces {
            connection.receive(piece);
            assert!(connection.waiting_bytes() < FRAGMENT_MAX.into());
        }
        let mut events = Vec::new();
        while let Some(event) = connection.poll() {
            if let Event::Call { call_id, stub, .. } = &event {
                connection.respond(*call_id, &stub.repeat(20));
            }
            events.push(event);
        }
        (events, connection.to_send().to_vec())
    };
    let call = |pieces: &[&[u8]]| {
        let mut call = Call::new(INTERFACE, ACTIVATE, vec![0; 272]);
        let told = pieces.iter().map(|piece| call.receive(piece)).find(|told| *told != Ok(Progress::Pending));
        match told.unwrap_or(Ok(Progress::Pending)) {
            Ok(progress) => Ok(progress),
            Err(error) => Err(std::mem::discriminant(&error)),
        }
    };
    let (left, right) = bytes.split_at(cut.min(bytes.len()));
    assert_eq!(serve(&[bytes]), serve(&[left, right]));
    assert_eq!(call(&[bytes]), call(&[left, right]));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::probe::probe_bind;
    use crate::syntax::SyntaxId;

    /// What a good client of ours sends: a bind, and a request in up to three fragments.
    fn client(parts: usize) -> Vec<u8> {
        let mut bytes = Call::new(INTERFACE, ACTIVATE, Vec::new()).to_send().to_vec();
        for n in 0..parts {
            let body = crate::pdu::Request {
                alloc_hint: 0,
                context_id: 0,
                operation: ACTIVATE,
                object: None,
                stub: vec![n as u8; 90],
            };
            let mut pdu = Pdu::new(2, crate::pdu::Body::Request(body));
            pdu.header.flags = u8::from(n == 0) | u8::from(n + 1 == parts) << 1;
            bytes.extend(pdu.write().unwrap_or_default());
        }
        bytes
    }

    /// What a good host of ours sends.
    fn host() -> Vec<u8> {
        let mut connection = Connection::new(INTERFACE, 1688, 1);
        connection.receive(&client(1));
        connection.respond(2, &[9; 100]);
        assert!(connection.to_send().len() > 150);
        connection.to_send().to_vec()
    }

    /// Bytes with some of them changed, over the whole length.
    fn changed(bytes: Vec<u8>, changes: &[(usize, u8)]) -> Vec<u8> {
        let mut bytes = bytes;
        let length = bytes.len();
        changes.iter().for_each(|(at, value)| bytes[at % length] = *value);
        bytes
    }

    /// Bytes that are like PDUs: a good bind with some of its bytes changed and its end cut off or added to.
    fn nearly() -> impl Strategy<Value = Vec<u8>> {
        let changes = proptest::collection::vec((0usize..204, any::<u8>()), 0..6);
        (changes, 0usize..200, 0u8..20, proptest::collection::vec(any::<u8>(), 0..40)).prop_map(
            |(changes, length, packet_type, more)| {
                let mut bytes = probe_bind(1).write().unwrap_or_default();
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
            serves(&bytes, cut);
            stubs(&bytes);
        }

        #[test]
        fn bytes_that_are_nearly_right(bytes in nearly(), cut in 0usize..300) {
            reads(&bytes);
            streams(&bytes, cut);
            serves(&bytes, cut);
        }

        #[test]
        fn conversations_that_are_nearly_right(
            parts in 0usize..4,
            changes in proptest::collection::vec((any::<usize>(), 0u8..20), 0..3),
            cut in any::<usize>(),
        ) {
            for bytes in [client(parts), host()] {
                let bytes = changed(bytes, &changes);
                serves(&bytes, cut % bytes.len());
            }
        }

        #[test]
        fn stubs_that_are_nearly_right(
            big in any::<bool>(),
            changes in proptest::collection::vec((any::<usize>(), 0u8..20), 0..3),
            length in 0usize..400,
        ) {
            let order = if big { ByteOrder::Big } else { ByteOrder::Little };
            let id = SyntaxId::KMS.uuid;
            let request = Request {
                version: 1,
                vm_info: 0,
                license_status: 2,
                binding_expiration_minutes: 0,
                application_id: id,
                activation_id: id,
                kms_id: id,
                cmid: id,
                n_policy: 25,
                client_time: 1,
                previous_cmid: id,
                machine_name: "pc-1.contoso.com".to_owned(),
                nonce: [1; 32],
                revocation_number: 0,
            };
            let answer = Answer::Granted(crate::activation::Response {
                version: 1,
                host_pid: "05426-00206".to_owned(),
                cmid: id,
                client_time: 1,
                count: 26,
                activation_interval_minutes: 120,
                renewal_interval_minutes: 10_080,
                lease: vec![1; 30],
                chain: vec![2; 30],
                revocations: vec![3; 30],
            });
            for stub in [request.write_in(order), answer.write_in(order), Answer::Refused(1).write_in(order)] {
                let mut stub = changed(stub, &changes);
                stubs(&stub);
                stub.truncate(length);
                stubs(&stub);
            }
        }
    }
}
