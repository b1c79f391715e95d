//! Cutting a byte stream into fragments, and putting the fragments of a message together.

use crate::header::{FIRST_FRAGMENT, HEADER_BYTES, Header, LAST_FRAGMENT};
use crate::pdu::{Body, Pdu, ReadError};

/// Why a byte stream cannot be cut into fragments any further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FramingError {
    /// What stands there is no PDU.
    #[error(transparent)]
    Pdu(#[from] ReadError),
    /// A fragment is longer than was agreed.
    #[error("a fragment of {length} bytes, expected at most {most}")]
    Fragment {
        /// What it claims.
        length: u16,
        /// What is taken.
        most: u16,
    },
    /// The fragments of a message add up to more than is taken.
    #[error("a message of more than {most} bytes")]
    Message {
        /// What is taken.
        most: usize,
    },
    /// A fragment that belongs to no message that was begun.
    #[error("a fragment of call {call_id} without a first one")]
    Order {
        /// Its call.
        call_id: u32,
    },
}

/// Takes bytes as they come, hands out fragments. Holds at most one fragment and what came with it.
#[derive(Debug)]
pub struct Framing {
    buffer: Vec<u8>,
    fragment_max: u16,
}

impl Framing {
    /// Takes fragments up to a length.
    pub fn new(fragment_max: u16) -> Framing {
        Framing { buffer: Vec::new(), fragment_max }
    }

    /// Takes bytes from the connection.
    pub fn receive(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// Bytes that wait to become a fragment.
    pub fn waiting(&self) -> &[u8] {
        &self.buffer
    }

    /// The next fragment; nothing while it is not complete.
    pub fn next_fragment(&mut self) -> Result<Option<Pdu>, FramingError> {
        let Some(&first) = self.buffer.first() else { return Ok(None) };
        // Another protocol is told by its first byte, without waiting for sixteen.
        if first != 5 {
            return Err(ReadError::Version { major: first }.into());
        }
        if self.buffer.len() < HEADER_BYTES {
            return Ok(None);
        }
        let header = Header::read(&self.buffer)?;
        let length = header.fragment_length;
        if length > self.fragment_max {
            return Err(FramingError::Fragment { length, most: self.fragment_max });
        }
        if self.buffer.len() < length.into() {
            return Ok(None);
        }
        let pdu = Pdu::read(&self.buffer)?;
        self.buffer.drain(..usize::from(length));
        Ok(Some(pdu))
    }
}

/// Puts fragments of one connection together (C706 12.6.2): one message at a time.
#[derive(Debug)]
pub struct Reassembly {
    begun: Option<Pdu>,
    message_max: usize,
}

impl Reassembly {
    /// Takes messages up to a number of bytes.
    pub fn new(message_max: usize) -> Reassembly {
        Reassembly { begun: None, message_max }
    }

    /// Takes the next fragment; returns the message that it completes. PDUs that have no fragments are returned as
    /// they are.
    pub fn add(&mut self, pdu: Pdu) -> Result<Option<Pdu>, FramingError> {
        let call_id = pdu.header.call_id;
        let (first, last) = (pdu.header.flags & FIRST_FRAGMENT != 0, pdu.header.flags & LAST_FRAGMENT != 0);
        let Some(stub) = stub_of(&pdu.body) else { return Ok(Some(pdu)) };
        if stub.len() > self.message_max {
            return Err(FramingError::Message { most: self.message_max });
        }
        if first {
            self.begun = Some(pdu);
        } else {
            let whole = self.begun.as_mut().filter(|begun| {
                begun.header.call_id == call_id && begun.header.packet_type == pdu.header.packet_type
            });
            let Some(whole) = whole.and_then(|begun| stub_of_mut(&mut begun.body)) else {
                return Err(FramingError::Order { call_id });
            };
            if whole.len() + stub.len() > self.message_max {
                return Err(FramingError::Message { most: self.message_max });
            }
            whole.extend_from_slice(stub);
        }
        if !last {
            return Ok(None);
        }
        Ok(self.begun.take().map(|mut pdu| {
            pdu.header.flags |= LAST_FRAGMENT;
            pdu
        }))
    }
}

fn stub_of(body: &Body) -> Option<&Vec<u8>> {
    match body {
        Body::Request(request) => Some(&request.stub),
        Body::Response(response) => Some(&response.stub),
        _ => None,
    }
}

fn stub_of_mut(body: &mut Body) -> Option<&mut Vec<u8>> {
    match body {
        Body::Request(request) => Some(&mut request.stub),
        Body::Response(response) => Some(&mut response.stub),
        _ => None,
    }
}

/// Cuts a request or response into fragments that a peer takes. A body that has no fragments is returned whole.
///
/// Nothing if a fragment of that length has no room for any argument.
pub fn fragments(pdu: &Pdu, fragment_max: u16) -> Option<Vec<Pdu>> {
    /// Fixed fields of a request with an object, the longest of them.
    const FIXED_BYTES: usize = HEADER_BYTES + 8 + 16;
    let Some(stub) = stub_of(&pdu.body) else { return Some(vec![pdu.clone()]) };
    // Every fragment but the last is a multiple of eight long, so that the peer's buffer stays aligned.
    let room = usize::from(fragment_max).checked_sub(FIXED_BYTES)? / 8 * 8;
    if room == 0 {
        return None;
    }
    let count = stub.len().div_ceil(room).max(1);
    let piece = |n: usize| {
        let mut piece = pdu.clone();
        let part = stub[(n * room).min(stub.len())..((n + 1) * room).min(stub.len())].to_vec();
        if let Some(own) = stub_of_mut(&mut piece.body) {
            *own = part;
        }
        piece.header.flags &= !(FIRST_FRAGMENT | LAST_FRAGMENT);
        piece.header.flags |= if n == 0 { FIRST_FRAGMENT } else { 0 };
        piece.header.flags |= if n + 1 == count { LAST_FRAGMENT } else { 0 };
        piece
    };
    Some((0..count).map(piece).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pdu::Response;

    fn response(length: usize) -> Pdu {
        let stub = (0..length).map(|n| n as u8).collect();
        Pdu::new(
            7,
            Body::Response(Response { alloc_hint: length as u32, context_id: 0, cancel_count: 0, stub }),
        )
    }

    #[test]
    fn bytes_may_come_one_by_one() {
        let bytes = response(5).write().unwrap();
        let mut framing = Framing::new(5840);
        for (n, byte) in bytes.iter().enumerate() {
            assert_eq!(framing.next_fragment(), Ok(None), "{n}");
            framing.receive(&[*byte]);
        }
        let pdu = framing.next_fragment().unwrap().unwrap();
        assert_eq!(pdu.body, response(5).body);
        assert_eq!(framing.next_fragment(), Ok(None));
    }

    #[test]
    fn a_message_survives_being_cut_and_joined() {
        for (length, most) in [(0, 100), (1, 100), (1000, 100), (1000, 65535), (56, 97)] {
            let whole = response(length);
            let mut reassembly = Reassembly::new(1 << 20);
            let pieces = fragments(&whole, most).unwrap();
            let mut joined = None;
            for piece in &pieces {
                assert_eq!(joined, None);
                let bytes = piece.write().unwrap();
                assert!(bytes.len() <= most.into());
                joined = reassembly.add(Pdu::read(&bytes).unwrap()).unwrap();
            }
            assert_eq!(joined.unwrap().body, whole.body, "{length} {most}");
        }
        assert_eq!(fragments(&response(9), 41), None);
    }

    #[test]
    fn endless_fragments_end() {
        let mut reassembly = Reassembly::new(1000);
        let mut piece = response(100);
        piece.header.flags = FIRST_FRAGMENT;
        assert_eq!(reassembly.add(piece.clone()), Ok(None));
        piece.header.flags = 0;
        let ended = (0..20).find_map(|_| reassembly.add(piece.clone()).err());
        assert_eq!(ended, Some(FramingError::Message { most: 1000 }));
        piece.header.call_id = 99;
        assert_eq!(reassembly.add(piece), Err(FramingError::Order { call_id: 99 }));
    }

    #[test]
    fn lying_lengths_are_told() {
        let mut framing = Framing::new(5840);
        framing.receive(&[5, 0, 12, 3, 0x10, 0, 0, 0, 0xFF, 0xFF, 0, 0, 1, 0, 0, 0]);
        assert_eq!(framing.next_fragment(), Err(FramingError::Fragment { length: 0xFFFF, most: 5840 }));
        let mut framing = Framing::new(5840);
        framing.receive(b"H");
        assert_eq!(framing.next_fragment(), Err(ReadError::Version { major: b'H' }.into()));
    }
}
