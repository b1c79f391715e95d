//! In which licence state a client is, until when, and why.

use serde::{Deserialize, Serialize};

use super::state::ClientState;
use crate::codes;
use crate::credentials::Lease;
use crate::moment::{DAY, MINUTE, Moment};

/// Days of grace behind an activation that ran out.
pub const OUT_OF_TOLERANCE_DAYS: i64 = 30;
/// Days of grace when the host was revoked.
pub const NON_GENUINE_DAYS: i64 = 30;

/// The licence states of the field, by their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u32)]
pub enum LicenseState {
    /// 0: no setup key.
    Unlicensed = 0,
    /// 1: a lease holds.
    Licensed = 1,
    /// 2: a key is installed, and no host has activated it yet.
    InitialGrace = 2,
    /// 3: the last lease ran out.
    OutOfToleranceGrace = 3,
    /// 4: the publisher revoked the host that the lease came from.
    NonGenuineGrace = 4,
    /// 5: every grace is over.
    Notification = 5,
    /// 6: the machine was rearmed while its grace was over.
    ExtendedGrace = 6,
}

impl LicenseState {
    /// Its number.
    pub fn number(self) -> u32 {
        self as u32
    }

    /// As slmgr.vbs prints it.
    pub fn name(self) -> &'static str {
        match self {
            LicenseState::Unlicensed => "Unlicensed",
            LicenseState::Licensed => "Licensed",
            LicenseState::InitialGrace => "Initial grace period",
            LicenseState::OutOfToleranceGrace => {
                "Additional grace period (KMS license expired or hardware out of tolerance)"
            }
            LicenseState::NonGenuineGrace => "Non-genuine grace period.",
            LicenseState::Notification => "Notification",
            LicenseState::ExtendedGrace => "Extended grace period",
        }
    }
}

/// Why a client is not licensed, or will not stay so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// No setup key is installed.
    NoKey,
    /// No attempt was made yet.
    NotTried,
    /// The last attempt failed, with its code.
    Failed(u32),
    /// The lease ran out.
    Expired,
    /// The publisher revoked the host.
    HostRevoked,
    /// What is kept of the lease is damaged, or not of this machine.
    LeaseNotValid,
}

/// The state of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// The licence state.
    pub state: LicenseState,
    /// When it ends; nothing for states that last.
    pub ends: Option<Moment>,
    /// Minutes until then, rounded up; 0 for states that last.
    pub minutes_left: u32,
    /// Why it is not licensed.
    pub reason: Option<Reason>,
    /// The lease, while it can be read.
    pub lease: Option<Lease>,
}

pub(super) fn of(state: &ClientState, now: Moment) -> Status {
    let Some(product) = &state.product else {
        return lasting(LicenseState::Unlicensed, Reason::NoKey, None);
    };
    let failed = match &state.last_attempt {
        None => Reason::NotTried,
        Some(last) if last.hresult == 0 => Reason::LeaseNotValid,
        Some(last) => Reason::Failed(last.hresult),
    };
    let Some(held) = &state.held else {
        let first = if product.extended { LicenseState::ExtendedGrace } else { LicenseState::InitialGrace };
        let ends = state.grace_from(product, now).plus(i64::from(product.grace_days) * DAY);
        return within(first, ends, now, failed, None);
    };
    let now = state.trusted(now);
    let read = product.publisher().and_then(|publisher| held.read(publisher));
    let Some((signed, chain)) = read else {
        return lasting(LicenseState::Notification, Reason::LeaseNotValid, None);
    };
    let lease = signed.lease;
    let of_this_machine = lease.cmid == state.cmid
        && lease.activation_id == product.activation_id
        && chain.grant.grant.product.activation_id == product.activation_id
        && lease.count >= chain.grant.grant.product.n_policy
        && lease.expires_at.since(lease.issued_at)
            <= i64::from(chain.grant.grant.product.validity_days) * DAY;
    if !of_this_machine {
        return lasting(LicenseState::Notification, Reason::LeaseNotValid, None);
    }
    if let Some(list) = state.revoked().filter(|list| list.verify(&chain.root))
        && list.revocations.serials.contains(&lease.serial)
    {
        let since = held.revoked_at.unwrap_or(list.revocations.issued_at);
        let ends = since.plus(NON_GENUINE_DAYS * DAY).min(lease.expires_at);
        return within(LicenseState::NonGenuineGrace, ends, now, Reason::HostRevoked, Some(lease));
    }
    if now < lease.expires_at {
        return ending(LicenseState::Licensed, lease.expires_at, now, None, Some(lease));
    }
    let ends = lease.expires_at.plus(OUT_OF_TOLERANCE_DAYS * DAY);
    let reason = if matches!(failed, Reason::Failed(_)) { failed } else { Reason::Expired };
    within(LicenseState::OutOfToleranceGrace, ends, now, reason, Some(lease))
}

/// A grace, or notification once it is over.
fn within(state: LicenseState, ends: Moment, now: Moment, reason: Reason, lease: Option<Lease>) -> Status {
    if now < ends {
        ending(state, ends, now, Some(reason), lease)
    } else {
        lasting(LicenseState::Notification, reason, lease)
    }
}

fn ending(
    state: LicenseState,
    ends: Moment,
    now: Moment,
    reason: Option<Reason>,
    lease: Option<Lease>,
) -> Status {
    let minutes = ends.since(now).saturating_add(MINUTE - 1).max(0) / MINUTE;
    Status {
        state,
        ends: Some(ends),
        minutes_left: u32::try_from(minutes).unwrap_or(u32::MAX),
        reason,
        lease,
    }
}

fn lasting(state: LicenseState, reason: Reason, lease: Option<Lease>) -> Status {
    Status { state, ends: None, minutes_left: 0, reason: Some(reason), lease }
}

impl Status {
    /// True while a lease holds.
    pub fn is_licensed(&self) -> bool {
        self.state == LicenseState::Licensed
    }

    /// The code that tells why the client is not licensed; 0 while it is.
    pub fn code(&self) -> u32 {
        match self.reason {
            None => 0,
            Some(Reason::NoKey) => codes::NO_KEY,
            Some(Reason::Failed(code)) => code,
            Some(Reason::NotTried | Reason::Expired) => codes::NOT_BOUND,
            Some(Reason::HostRevoked) => codes::HOST_NOT_ACTIVATED,
            Some(Reason::LeaseNotValid) => codes::RESPONSE_NOT_VALID,
        }
    }
}
