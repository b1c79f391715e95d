//! The stub of an answer: results one after the other, each pointer followed by what it points to.

use super::{
    Answer, CHAIN_MAX, HOST_PID_MAX, LEASE_MAX, REFUSAL_BYTES, REVOCATIONS_MAX, Response, StubError, ndr,
};
use crate::bytes::{Reader, Writer};
use crate::header::ByteOrder;

/// Bytes of a grant beside its text and its three arrays: numbers, sizes and pointers, with some room for padding.
const GRANT_FIXED_BYTES: usize = 112;

/// "Unspecified failure": what stands in the place of a refusal without a reason.
const E_FAIL: u32 = 0x8000_4005;

impl Answer {
    /// The bytes of the stub, little-endian. What is longer than its limit is written all the same, and no reader
    /// takes it.
    pub fn write(&self) -> Vec<u8> {
        self.write_in(ByteOrder::Little)
    }

    pub(crate) fn write_in(&self, order: ByteOrder) -> Vec<u8> {
        match self {
            Answer::Granted(response) => response.write_in(order),
            Answer::Refused(hresult) => {
                let mut out = Writer::onto(Vec::with_capacity(REFUSAL_BYTES), order);
                out.raw(&[0; REFUSAL_BYTES - 4]);
                out.u32(if *hresult == 0 { E_FAIL } else { *hresult });
                out.bytes
            }
        }
    }

    /// Reads a stub. What the fields of a grant say is not judged; a refusal has zeros and null pointers only.
    pub fn read(stub: &[u8], order: ByteOrder) -> Result<Answer, StubError> {
        let mut reader = Reader::new(stub, 0, order);
        // Nothing but a refusal has no host behind its version.
        let (version, pointer) = (reader.u32("version")?, reader.u32("host_pid")?);
        if pointer != 0 {
            return Response::read(&mut reader, version).map(Answer::Granted);
        }
        let mut reader = Reader::new(stub, 0, order);
        let nothing = reader.take(REFUSAL_BYTES - 4, "refusal")?;
        let hresult = reader.u32("HRESULT")?;
        end(&reader)?;
        if hresult == 0 {
            return Err(StubError::Null { field: "host_pid", at: 4 });
        }
        match nothing.iter().position(|byte| *byte != 0) {
            Some(at) => Err(StubError::Refusal { at }),
            None => Ok(Answer::Refused(hresult)),
        }
    }
}

impl Response {
    fn write_in(&self, order: ByteOrder) -> Vec<u8> {
        let arrays = self.lease.len() + self.chain.len() + self.revocations.len();
        let room = GRANT_FIXED_BYTES + 2 * self.host_pid.len() + arrays;
        let mut out = Writer::onto(Vec::with_capacity(room), order);
        out.u32(self.version);
        out.u32(ndr::referent(0));
        ndr::write_text(&mut out, &self.host_pid, HOST_PID_MAX);
        out.align4();
        out.uuid(self.cmid);
        ndr::write_filetime(&mut out, self.client_time);
        out.u32(self.count);
        out.u32(self.activation_interval_minutes);
        out.u32(self.renewal_interval_minutes);
        ndr::write_bytes(&mut out, &self.lease, ndr::referent(1));
        ndr::write_bytes(&mut out, &self.chain, ndr::referent(2));
        let pointer = if self.revocations.is_empty() { 0 } else { ndr::referent(3) };
        ndr::write_bytes(&mut out, &self.revocations, pointer);
        out.align4();
        out.u32(0);
        out.bytes
    }

    /// Reads on behind the pointer to the host's PID.
    fn read(reader: &mut Reader<'_>, version: u32) -> Result<Response, StubError> {
        let host_pid = ndr::read_text(reader, HOST_PID_MAX, "host_pid")?;
        reader.align4();
        let cmid = reader.uuid("cmid")?;
        let client_time = ndr::read_filetime(reader, "client_time")?;
        let count = reader.u32("count")?;
        let activation_interval_minutes = reader.u32("activation_interval_minutes")?;
        let renewal_interval_minutes = reader.u32("renewal_interval_minutes")?;
        let lease = there(reader, LEASE_MAX, "lease")?;
        let chain = there(reader, CHAIN_MAX, "chain")?;
        let revocations = ndr::read_bytes(reader, REVOCATIONS_MAX, "revocations")?.unwrap_or_default();
        reader.align4();
        let hresult = reader.u32("HRESULT")?;
        end(reader)?;
        if hresult != 0 {
            // The pointer to the host's PID.
            return Err(StubError::Refusal { at: 4 });
        }
        Ok(Response {
            version,
            host_pid,
            cmid,
            client_time,
            count,
            activation_interval_minutes,
            renewal_interval_minutes,
            lease: lease.to_vec(),
            chain: chain.to_vec(),
            revocations: revocations.to_vec(),
        })
    }
}

/// An array whose pointer is not null.
fn there<'a>(reader: &mut Reader<'a>, most: usize, field: &'static str) -> Result<&'a [u8], StubError> {
    let bytes = ndr::read_bytes(reader, most, field)?;
    // The pointer was the last number that was read.
    bytes.ok_or(StubError::Null { field, at: reader.at() - 4 })
}

fn end(reader: &Reader<'_>) -> Result<(), StubError> {
    match reader.left() {
        0 => Ok(()),
        count => Err(StubError::Trailing { at: reader.at(), count }),
    }
}
