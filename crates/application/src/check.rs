//! The question itself: reads the client's state, believes only what the publisher's signatures prove, and answers.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use activation::client::{self, ClientState, LicenseState};
use activation::codes;
use activation::credentials::Fingerprint;
use activation::event::printable;
use activation::{Client, Moment};

use crate::product_id::ProductId;
use crate::reason::Reason;

/// The client's state within its folder.
pub const STATE_FILE: &str = "client.json";

/// What a state can hold at most; the publisher's longest list of revoked hosts takes a twentieth of it.
pub const STATE_BYTES_MAX: u64 = 1 << 20;

/// The file is there, and can't be read: `ERROR_READ_FAULT`.
const READ_FAULT: u32 = 0x8007_001E;

/// The answer to "am I activated?".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activation {
    /// True while a lease of the product's publisher holds. Everything that makes this true is signed.
    pub activated: bool,
    /// The licence state. All but [`LicenseState::Licensed`] rest on what the client's file says, not on signatures.
    pub state: LicenseState,
    /// Until when the state lasts; nothing for states that last.
    pub until: Option<Moment>,
    /// Minutes until then, rounded up; 0 for states that last.
    pub minutes_left: u32,
    /// Why.
    pub reason: Reason,
    /// The result code, as `kmscope slmgr` and the events print it; 0 while activated.
    pub code: u32,
    /// Name of the product; nothing before a host told it.
    pub product: Option<String>,
    /// How many machines the host had counted when it gave the lease.
    pub count: Option<u32>,
    /// The host that gave the lease, with its port.
    pub host: Option<String>,
}

impl Activation {
    /// Not activated, and nothing more to tell.
    pub(crate) fn none(reason: Reason, code: u32) -> Activation {
        Activation {
            activated: false,
            state: LicenseState::Unlicensed,
            until: None,
            minutes_left: 0,
            reason,
            code,
            product: None,
            count: None,
            host: None,
        }
    }
}

/// Asks the client whose folder this is. Whatever is wrong there is a reason, never an error.
pub fn check(folder: &Path, product: &ProductId, now: Moment) -> Activation {
    match read(&folder.join(STATE_FILE)) {
        Ok(state) => evaluate(&state, product, now),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Activation::none(Reason::NotSetUp, codes::NO_KEY)
        }
        Err(_) => Activation::none(Reason::Unreadable, READ_FAULT),
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    // A pipe in its place would let the program wait for ever.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("not a file"));
    }
    let mut bytes = Vec::new();
    // One byte more than is taken: what fills it is too long.
    File::open(path)?.take(STATE_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Judges the bytes of a client's state file.
pub fn evaluate(state: &[u8], product: &ProductId, now: Moment) -> Activation {
    let damaged = || Activation::none(Reason::Damaged, codes::RESPONSE_NOT_VALID);
    if u64::try_from(state.len()).map_or(true, |length| length > STATE_BYTES_MAX) {
        return damaged();
    }
    let Ok(state) = serde_json::from_slice::<ClientState>(state) else { return damaged() };
    match unlike(&state, product) {
        Some(reason) => Activation::none(reason, codes::NO_KEY),
        None => judge(Client::new(state), product, now),
    }
}

/// Why a state is not of this product at all.
fn unlike(state: &ClientState, product: &ProductId) -> Option<Reason> {
    let Some(installed) = &state.product else { return Some(Reason::NoKey) };
    if installed.publisher() != Some(product.publisher.fingerprint()) {
        return Some(Reason::OtherPublisher);
    }
    if installed.activation_id != product.activation_id {
        return Some(Reason::OtherProduct);
    }
    let (_, chain) = state.held.as_ref()?.read(product.publisher.fingerprint())?;
    (!product.publisher.is(&chain.root)).then_some(Reason::OtherPublisher)
}

fn judge(client: Client, product: &ProductId, now: Moment) -> Activation {
    let status = client.status(now);
    let reason = match status.reason {
        None if status.is_licensed() => Reason::Activated,
        None | Some(client::Reason::LeaseNotValid) => lease_fault(&client, product.publisher.fingerprint()),
        Some(client::Reason::NoKey) => Reason::NoKey,
        Some(client::Reason::NotTried) => Reason::NotTried,
        Some(client::Reason::Failed(_)) => Reason::Failed,
        Some(client::Reason::Expired) => Reason::Expired,
        Some(client::Reason::HostRevoked) => Reason::HostRevoked,
    };
    let proven = status.lease.is_some();
    let held = client.state().held.as_ref().filter(|_| proven);
    let told = client.state().product.as_ref().and_then(|product| product.name.clone());
    let signed = held
        .and_then(|held| held.read(product.publisher.fingerprint()))
        .map(|(_, chain)| chain.grant.grant.product.name);
    Activation {
        activated: reason == Reason::Activated,
        state: status.state,
        until: status.ends,
        minutes_left: status.minutes_left,
        reason,
        code: status.code(),
        product: signed.or(told).as_deref().map(printable),
        count: status.lease.as_ref().map(|lease| lease.count),
        host: held.map(|held| printable(&held.host.to_string())),
    }
}

/// What is wrong with a lease that the client itself does not take.
fn lease_fault(client: &Client, publisher: Fingerprint) -> Reason {
    let state = client.state();
    match state.held.as_ref().and_then(|held| held.read(publisher)) {
        Some((signed, _)) if signed.lease.cmid != state.cmid => Reason::OtherMachine,
        _ => Reason::LeaseNotValid,
    }
}
