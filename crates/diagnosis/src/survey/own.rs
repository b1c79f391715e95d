//! kmscope's own hosts and clients: which facts tell of them, and which of the genuine ones.
//!
//! The ids of their products are derived by the publisher and say so (version 8 of RFC 9562), where Microsoft's are
//! random; the PIDs of their hosts begin with a group that Microsoft does not use.

use std::collections::BTreeMap;

use model::network::{ConnectionTest, Service};
use model::windows::ServiceState;
use model::{Event, Fact, Guid, License};

use super::codes::SeenCode;
use crate::case::{Case, Item, MachineId};

/// First group of the PID of one of our hosts.
const PID_GROUP: &str = "88888-";

/// Version of an id that a publisher derived.
const DERIVED: u8 = 8;

/// Words of which a genuine product has one in its name or description, in every language.
const GENUINE_WORDS: [&str; 3] = ["windows", "office", "microsoft"];

/// True for an id that a publisher derived.
pub fn is_own_id(id: Guid) -> bool {
    id.version() == DERIVED && facts::products::find(id).is_none()
}

/// Whether a licence block or attempt is about a product of a site's own; nothing if it does not tell.
fn license(license: &License) -> Option<bool> {
    let mut ids = [license.activation_id, license.application_id].into_iter().flatten().peekable();
    let pids = [&license.extended_pid, &license.kms_extended_pid];
    if pids.into_iter().flatten().any(|pid| pid.trim().starts_with(PID_GROUP)) {
        return Some(true);
    }
    if ids.peek().is_some() {
        return Some(ids.any(is_own_id));
    }
    // `/dli` has no ids. A name that was blanked out tells nothing.
    let (name, description) = (license.name.as_deref()?, license.description.as_deref()?);
    let hidden = license.redacted.iter().any(|field| field == "name" || field == "description");
    let words = format!("{name} {description}").to_lowercase();
    let genuine = GENUINE_WORDS.iter().any(|word| words.contains(word));
    match (hidden, genuine, license.channel.as_deref()) {
        (false, false, Some("VOLUME_KMS" | "VOLUME_KMSCLIENT")) => Some(true),
        (_, true, _) => Some(false),
        _ => None,
    }
}

fn event(event: &Event) -> Option<bool> {
    if event.provider.as_deref() == Some(model::event::KMSCOPE_HOST) {
        return Some(true);
    }
    let mut ids = [event.activation_id, event.application_id].into_iter().flatten().peekable();
    ids.peek()?;
    Some(ids.any(is_own_id))
}

/// Whether a fact tells of a host or client of our own (yes), of a genuine one (no), or of neither.
pub fn of(item: &Item<'_>) -> Option<bool> {
    match &item.evidence.fact.value {
        Fact::License(fact) => license(fact),
        Fact::Event(fact) => event(fact),
        Fact::Service(service) => is_own_service(service).then_some(true),
        Fact::Connection(test) => (test.wanted == Some(Service::KmscopeHost)).then_some(true),
        _ => None,
    }
}

/// The service of one of our hosts.
pub fn is_own_service(service: &ServiceState) -> bool {
    service.name.as_deref() == Some(ServiceState::KMSCOPE_HOST)
}

/// What a connection test was made to find.
pub fn wanted(test: &ConnectionTest) -> Service {
    test.wanted.unwrap_or(Service::Kms)
}

/// A KMS host answered, and not one of the kind that was wanted.
pub fn is_wrong_kind(test: &ConnectionTest) -> bool {
    let host = matches!(test.service, Some(Service::Kms | Service::KmscopeHost));
    host && test.service != Some(wanted(test))
}

/// The kinds that machines show, or the whole case.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Kinds {
    /// Something of our own.
    pub own: bool,
    /// Something genuine.
    pub genuine: bool,
}

impl Kinds {
    /// Nothing but our own.
    pub fn only_own(self) -> bool {
        self.own && !self.genuine
    }

    fn learn(&mut self, own: Option<bool>) {
        self.own |= own == Some(true);
        self.genuine |= own == Some(false);
    }
}

/// What each machine shows, and the case in all.
pub fn kinds(case: &Case) -> (BTreeMap<MachineId, Kinds>, Kinds) {
    let (mut machines, mut all) = (BTreeMap::<MachineId, Kinds>::new(), Kinds::default());
    for item in case.items() {
        let own = of(&item);
        all.learn(own);
        if let Some(machine) = item.machine {
            machines.entry(machine).or_default().learn(own);
        }
    }
    (machines, all)
}

/// Whether a fact is about our own: it says so, or nothing else is known of its machine, or of the case.
pub fn is_own(case: &Case, item: &Item<'_>) -> bool {
    if let Some(own) = of(item) {
        return own;
    }
    let (machines, all) = case.answers().kinds.get_or_init(|| kinds(case));
    match item.machine.and_then(|machine| machines.get(&machine)) {
        Some(kinds) if kinds.own || kinds.genuine => kinds.only_own(),
        _ => all.only_own(),
    }
}

/// The case holds nothing but our own.
pub fn only_own(case: &Case) -> bool {
    case.answers().kinds.get_or_init(|| kinds(case)).1.only_own()
}

/// Whether the case holds anything of our own.
pub fn any_own(case: &Case) -> bool {
    case.answers().kinds.get_or_init(|| kinds(case)).1.own
}

/// The codes that hosts and clients of our own gave.
pub fn own_codes<'a>(case: &'a Case, mut seen: Vec<SeenCode<'a>>) -> Vec<SeenCode<'a>> {
    seen.retain(|seen| is_own(case, &seen.item));
    seen
}

/// The codes that genuine ones gave.
pub fn genuine_codes<'a>(case: &'a Case, mut seen: Vec<SeenCode<'a>>) -> Vec<SeenCode<'a>> {
    seen.retain(|seen| !is_own(case, &seen.item));
    seen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ato, case, client_dlv, host_dlv, own_client_dlv, own_host_dlv, own_sent, sent};

    fn kinds_in(files: &[(&str, &str)]) -> (bool, bool) {
        let (_, all) = kinds(&case(files));
        (all.own, all.genuine)
    }

    #[test]
    fn ids_and_pids_tell_our_own_from_the_genuine() {
        assert_eq!(kinds_in(&[("a.txt", &own_client_dlv("Notification", ""))]), (true, false));
        assert_eq!(kinds_in(&[("a.txt", &own_host_dlv("Licensed", 3))]), (true, false));
        assert_eq!(kinds_in(&[("a.txt", &own_sent("2025-06-03T07:20:00", "0x0", "kms01"))]), (true, false));
        for genuine in [
            client_dlv("Licensed", ""),
            host_dlv("Licensed", 30, "enabled"),
            ato("0xC004F074"),
            sent("PC-1", "2025-06-03T07:20:00", "0x0", "kms01"),
        ] {
            assert_eq!(kinds_in(&[("a.txt", &genuine)]), (false, true), "{genuine}");
        }
    }

    #[test]
    fn a_short_display_tells_by_its_words_unless_they_are_blanked_out() {
        let dli = |name: &str, description: &str| {
            format!(
                "Name: {name}\nDescription: {description}\nPartial Product Key: QP86T\nLicense Status: Licensed\n"
            )
        };
        let of = |text: &str| kinds_in(&[("a.txt", text)]);
        assert_eq!(of(&dli("Contoso CAD", "Contoso, VOLUME_KMSCLIENT channel")), (true, false));
        let windows =
            dli("Windows(R), Enterprise edition", "Windows(R) Operating System, VOLUME_KMSCLIENT channel");
        assert_eq!(of(&windows), (false, true));
        assert_eq!(of(&dli("<removed>", "<removed>, VOLUME_KMSCLIENT channel")), (false, false));
    }

    #[test]
    fn what_says_nothing_follows_its_machine() {
        let text = own_sent("2025-06-03T07:20:00", "0x0", "kms01")
            + &crate::testing::answered("cad-1", "2025-06-03T07:20:01", false, 1);
        let case =
            case(&[("a.txt", &text), ("PC-1.xml", &sent("PC-1", "2025-06-03T07:20:00", "0x0", "kms01"))]);
        let own: Vec<bool> = case.events().map(|(item, _)| is_own(&case, &item)).collect();
        assert_eq!(own, [true, true, false]);
        assert!(any_own(&case) && !only_own(&case));
    }
}
