//! The stub of a request: one fixed struct. The pointer to it is a reference and takes no bytes.

use super::{MACHINE_NAME_MAX, REQUEST_BYTES, Request, StubError, ndr};
use crate::bytes::{Reader, Writer};
use crate::header::ByteOrder;

impl Request {
    /// The bytes of the stub, little-endian.
    pub fn write(&self) -> Vec<u8> {
        self.write_in(ByteOrder::Little)
    }

    pub(crate) fn write_in(&self, order: ByteOrder) -> Vec<u8> {
        let mut out = Writer::onto(Vec::with_capacity(REQUEST_BYTES), order);
        out.u32(self.version);
        out.u32(self.vm_info);
        out.u32(self.license_status);
        out.u32(self.binding_expiration_minutes);
        out.uuid(self.application_id);
        out.uuid(self.activation_id);
        out.uuid(self.kms_id);
        out.uuid(self.cmid);
        out.u32(self.n_policy);
        ndr::write_filetime(&mut out, self.client_time);
        out.uuid(self.previous_cmid);
        ndr::write_fixed_text(&mut out, &self.machine_name, MACHINE_NAME_MAX + 1);
        out.raw(&self.nonce);
        out.u32(self.revocation_number);
        out.bytes
    }

    /// Reads a stub. What the fields say is not judged, not even the version.
    pub fn read(stub: &[u8], order: ByteOrder) -> Result<Request, StubError> {
        if let Some(count) = stub.len().checked_sub(REQUEST_BYTES + 1) {
            return Err(StubError::Trailing { at: REQUEST_BYTES, count: count + 1 });
        }
        let mut reader = Reader::new(stub, 0, order);
        let reader = &mut reader;
        Ok(Request {
            version: reader.u32("version")?,
            vm_info: reader.u32("vm_info")?,
            license_status: reader.u32("license_status")?,
            binding_expiration_minutes: reader.u32("binding_expiration_minutes")?,
            application_id: reader.uuid("application_id")?,
            activation_id: reader.uuid("activation_id")?,
            kms_id: reader.uuid("kms_id")?,
            cmid: reader.uuid("cmid")?,
            n_policy: reader.u32("n_policy")?,
            client_time: ndr::read_filetime(reader, "client_time")?,
            previous_cmid: reader.uuid("previous_cmid")?,
            machine_name: ndr::read_fixed_text(reader, MACHINE_NAME_MAX + 1, "machine_name")?,
            nonce: reader.array("nonce")?,
            revocation_number: reader.u32("revocation_number")?,
        })
    }
}
