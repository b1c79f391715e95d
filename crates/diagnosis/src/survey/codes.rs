//! Result codes in the evidence: where each was seen, and whether it still matters.

use std::collections::BTreeMap;

use model::HexCode;
use model::event::{REQUEST_PROCESSED, REQUEST_SENT, RESPONSE_PROCESSED};
use model::license::LicenseCommand;

use super::clients::{self, event_time};
use crate::case::{Case, Item, MachineId};

/// Who said it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// slmgr or ospp on the console.
    Console,
    /// 12288 or 12289 of a client.
    Request,
    /// 12290 of a host.
    HostLog,
    /// 12291 to 12293 of a host.
    HostEvent,
    /// Any other record, 8198 among them.
    OtherEvent,
    /// The reason of a notification state.
    Reason,
    /// Another command.
    Command,
}

/// A failing code, where it was seen.
#[derive(Debug, Clone, Copy)]
pub struct SeenCode<'a> {
    /// The code.
    pub code: HexCode,
    /// The fact.
    pub item: Item<'a>,
    /// Who said it.
    pub origin: Origin,
    /// When, as printed.
    pub at: Option<i64>,
    /// A later attempt of the same machine succeeded.
    pub overcome: bool,
}

impl SeenCode<'_> {
    /// Name of the field that holds the code.
    pub fn field(&self) -> &'static str {
        match self.origin {
            Origin::Console | Origin::Command => "error_code",
            Origin::Reason => "notification_reason",
            _ => "hresult",
        }
    }

    /// The machine that it is about; for a host's log the client that it names.
    pub fn machine(&self) -> Option<MachineId> {
        self.item.machine
    }
}

/// Every failing code in the evidence.
pub fn seen(case: &Case) -> Vec<SeenCode<'_>> {
    let mut seen = Vec::new();
    for (item, license) in case.licenses() {
        let origin =
            if license.command == Some(LicenseCommand::Display) { Origin::Reason } else { Origin::Console };
        let code = license.error_code.map(|code| (code, Origin::Console));
        let reason = license.notification_reason.map(|code| (code, origin));
        for (code, origin) in [code, reason].into_iter().flatten() {
            seen.push(SeenCode { code, item, origin, at: None, overcome: false });
        }
    }
    for (item, event) in case.events() {
        let Some(code) = event.hresult.filter(|code| code.is_failure()) else { continue };
        let origin = match event.event_id.unwrap_or(0) {
            REQUEST_SENT | RESPONSE_PROCESSED => Origin::Request,
            REQUEST_PROCESSED => Origin::HostLog,
            12291..=12293 => Origin::HostEvent,
            _ => Origin::OtherEvent,
        };
        seen.push(SeenCode { code, item, origin, at: event_time(event), overcome: false });
    }
    for (item, failure) in case.command_failures() {
        if let Some(code) = failure.error_code {
            seen.push(SeenCode { code, item, origin: Origin::Command, at: None, overcome: false });
        }
    }
    seen.retain(|s| s.code.is_failure() && !is_noise(s));
    mark_overcome(case, &mut seen);
    seen
}

/// Records whose codes say nothing of activation by KMS: the state of every licence on the disk (1003), OEM data (1058).
fn is_noise(seen: &SeenCode<'_>) -> bool {
    matches!(&seen.item.evidence.fact.value, model::Fact::Event(event) if event.is(1003) || event.is(1058))
}

/// A record of failure before a later success is history.
fn mark_overcome(case: &Case, seen: &mut [SeenCode<'_>]) {
    let successes: &BTreeMap<MachineId, i64> = case.answers().last_successes.get_or_init(|| {
        let success = |client: &clients::Client<'_>| Some((client.machine?, client.last_success()?));
        clients::clients(case).iter().filter_map(success).collect()
    });
    for code in seen.iter_mut().filter(|s| matches!(s.origin, Origin::Request | Origin::OtherEvent)) {
        let success = code.item.machine.and_then(|machine| successes.get(&machine));
        code.overcome |= matches!((code.at, success), (Some(at), Some(success)) if at < *success);
    }
}

/// The codes among `wanted` that still matter.
pub fn current<'a>(case: &'a Case, wanted: &[u32]) -> Vec<SeenCode<'a>> {
    seen(case).into_iter().filter(|s| !s.overcome && wanted.contains(&s.code.value())).collect()
}

/// True when any failing code that still matters was seen.
pub fn any_current(case: &Case) -> bool {
    let matters = |s: &SeenCode<'_>| {
        !s.overcome && s.code.value() != EVENT_NOT_GENUINE_TICKET && s.origin != Origin::HostEvent
    };
    *case.answers().any_current_code.get_or_init(|| seen(case).iter().any(matters))
}

/// 0x80072EE7 in 8200 and 8208: no Internet name resolution; not a licensing fault.
pub const EVENT_NOT_GENUINE_TICKET: u32 = 0x8007_2EE7;

/// Codes of failed contacts: nothing (useful) answered at the host's address.
/// RPC_S_SERVER_UNAVAILABLE, RPC_S_CALL_FAILED, RPC_S_CALL_FAILED_DNE, RPC_NT_SERVER_UNAVAILABLE, WSAETIMEDOUT,
/// WSAECONNREFUSED, WSAEHOSTUNREACH, ERROR_TIMEOUT, EPT_S_NOT_REGISTERED.
pub const NOT_REACHED: &[u32] = &[
    0x8007_06BA,
    0x8007_06BE,
    0x8007_06BF,
    0xC002_0017,
    0x8007_274C,
    0x8007_274D,
    0x8007_2751,
    0x8007_05B4,
    0x8007_06D9,
    0xC002_001B,
    0x8007_06BB,
];

/// Codes of failed discovery: NXDOMAIN, NODATA and the forms in which slmgr shows them.
/// DNS_ERROR_RCODE_NAME_ERROR, ERROR_INVALID_NAME, CRYPT_E_ASN.. (shown as "DNS name does not exist"),
/// DNS_INFO_NO_RECORDS.
pub const NO_RECORD: &[u32] = &[0x8007_232B, 0x8007_007B, 0x8009_2328, 0x8007_251D];

/// Codes of a name without address: WSAHOST_NOT_FOUND, WSANO_DATA, WSATRY_AGAIN.
pub const NO_ADDRESS: &[u32] = &[0x8007_2AF9, 0x8007_2AFC, 0x8007_2AFA];

/// "No KMS could be contacted": a summary, the cause stands in 12288.
pub const NOT_CONTACTED: u32 = 0xC004_F074;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{answered, ato, case, client_dlv, cmid, processed, sent};

    fn seen_in(files: &[(&str, &str)]) -> Vec<(u32, Origin, bool)> {
        seen(&case(files)).iter().map(|s| (s.code.value(), s.origin, s.overcome)).collect()
    }

    #[test]
    fn each_code_tells_who_said_it() {
        let request = sent("PC-1", "2025-06-03T07:00:00", "0x800706BA", "kms01");
        let log = processed("kms01", "2025-06-03T07:00:00", "0xC004F042", "pc-2", &cmid(2));
        let notice = client_dlv("Notification", "Notification Reason: 0xC004F009 (grace time expired).");
        let files = [
            ("1/ato.txt", &*ato("0xC004F074")),
            ("1/dlv.txt", &*notice),
            ("PC-1.xml", &*request),
            ("kms01.xml", &*log),
        ];
        assert_eq!(
            seen_in(&files),
            [
                (0xC004_F074, Origin::Console, false),
                (0xC004_F009, Origin::Reason, false),
                (0x8007_06BA, Origin::Request, false),
                (0xC004_F042, Origin::HostLog, false),
            ]
        );
    }

    #[test]
    fn success_and_information_are_no_failing_codes() {
        let request = sent("PC-1", "2025-06-03T07:00:00", "0x00000000", "kms01");
        assert!(seen_in(&[("PC-1.xml", &request), ("PC-1.txt", &ato("0x4004F040"))]).is_empty());
    }

    #[test]
    fn a_later_success_overcomes_the_records_of_the_same_machine_only() {
        let failed =
            |name: &str, hour: u32| sent(name, &format!("2025-06-03T{hour:02}:00:00"), "0x800706BA", "kms01");
        let success = sent("PC-1", "2025-06-03T08:00:00", "0x00000000", "kms01")
            + &answered("PC-1", "2025-06-03T08:00:01", true, 30);
        let text = failed("PC-1", 7) + &failed("PC-2", 7) + &success + &failed("PC-1", 9);
        let overcome: Vec<bool> = seen_in(&[("all.xml", &text)]).iter().map(|(_, _, past)| *past).collect();
        assert_eq!(overcome, [true, false, false]);
    }

    #[test]
    fn a_genuine_ticket_alone_is_no_trouble() {
        let record = |code: &str| {
            format!(
                "TimeCreated  : 6/3/2025 7:44:52 AM\nProviderName : Microsoft-Windows-Security-SPP\nId           : 8208\nMessage      : Acquisition of genuine ticket failed (hr={code}) for template Id 66c92734-d682-4d71-983e-d6ec3f16059f\n"
            )
        };
        assert!(!any_current(&case(&[("app.txt", &record("0x80072EE7"))])));
        assert!(any_current(&case(&[("app.txt", &record("0xC004C4A2"))])));
    }
}
