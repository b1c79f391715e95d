//! A publisher, a host and a client with fixed keys, for tests.

use uuid::Uuid;

use super::{Chain, Expectations, Grant, HostKey, Lease, Product, RootKey, SignedGrant};
use crate::Moment;
use crate::moment::{DAY, HOUR};

/// When the grant begins.
pub(crate) const BEGIN: Moment = Moment(1_800_000_000);
/// When it ends.
pub(crate) const END: Moment = Moment(BEGIN.0 + 365 * DAY);
/// When the client asks.
const NOW: Moment = Moment(BEGIN.0 + 10 * DAY);

pub(crate) fn root() -> RootKey {
    RootKey::from_seed([1; 32])
}

pub(crate) fn host() -> HostKey {
    HostKey::from_seed([2; 32])
}

pub(crate) fn product() -> Product {
    Product::new(root().public().fingerprint(), 1, "Paint", 1, "Contoso")
}

pub(crate) fn grant() -> SignedGrant {
    let grant = Grant {
        licence: "Fabrikam".to_string(),
        serial: 1,
        host_number: 1,
        host_limit: 6,
        host_key: host().public(),
        product: product(),
        not_before: BEGIN,
        not_after: END,
    };
    grant.sign(&root()).unwrap()
}

pub(crate) fn chain() -> Chain {
    Chain { root: root().public(), grant: grant() }
}

pub(crate) fn lease() -> Lease {
    let product = product();
    Lease {
        nonce: [3; 32],
        cmid: Uuid::from_u128(0x11111111_2222_4333_8444_555555555555),
        application_id: product.application_id,
        activation_id: product.activation_id,
        serial: 1,
        issued_at: NOW.plus(HOUR),
        expires_at: NOW.plus(HOUR + 180 * DAY),
        count: 25,
        activation_interval_minutes: 120,
        renewal_interval_minutes: 10_080,
        client_time: NOW,
    }
}

pub(crate) fn expectations() -> Expectations<'static> {
    let lease = lease();
    Expectations {
        nonce: lease.nonce,
        cmid: lease.cmid,
        activation_id: lease.activation_id,
        now: NOW.plus(1),
        client_time: NOW,
        revocations: None,
    }
}
