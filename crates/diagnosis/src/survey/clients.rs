//! Clients: what they are, what they tried, how it ended.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use model::event::{ACTIVATION_FAILED, FLAG_NOT_ENOUGH_COUNT, REQUEST_SENT, RESPONSE_PROCESSED};
use model::license::{ActivationResult, LicenseCommand};
use model::{Event, License, LicenseStatus};

use crate::case::{Case, FactPlace, Item, MachineId};

/// One machine seen as a client.
#[derive(Debug, Default)]
pub struct Client<'a> {
    /// The machine.
    pub machine: Option<MachineId>,
    /// Name to show.
    pub label: String,
    /// Product blocks (not those of a host key).
    pub products: Vec<(Item<'a>, &'a License)>,
    /// Attempts in the order in which they were made.
    pub attempts: Vec<Attempt<'a>>,
    /// Console attempts (`/ato`, `/act`), which carry no time.
    pub console: Vec<(Item<'a>, &'a License)>,
    /// 8198 records.
    pub failures: Vec<(Item<'a>, &'a Event)>,
}

/// One exchange with a host: a request, and the response if one came.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    /// 12288.
    pub request: Option<(Item<'a>, &'a Event)>,
    /// 12289.
    pub response: Option<(Item<'a>, &'a Event)>,
    /// When the first of them was written.
    time: Option<i64>,
}

impl<'a> Attempt<'a> {
    /// When, as printed.
    pub fn at(&self) -> Option<i64> {
        self.time
    }

    /// The host that was asked.
    pub fn host(&self) -> Option<&'a str> {
        self.request.and_then(|(_, event)| event.kms_machine.as_deref())
    }

    /// The response activated the client.
    pub fn activated(&self) -> bool {
        self.response.is_some_and(|(_, event)| event.activated == Some(1))
    }

    /// The response came and did not activate, for want of count.
    pub fn count_too_low(&self) -> bool {
        self.response.is_some_and(|(_, event)| {
            event.activated == Some(0) && event.flags.is_some_and(|f| f.value() & FLAG_NOT_ENOUGH_COUNT != 0)
        })
    }

    /// The request failed, or nothing came back to a sent one.
    pub fn failed(&self) -> bool {
        let request_failed =
            self.request.is_some_and(|(_, event)| event.hresult.is_some_and(|code| code.value() != 0));
        request_failed || (self.response.is_none() && self.request.is_some()) || !self.activated()
    }

    /// Application of the asked product is unknown; the activation id tells products apart.
    pub fn activation_id(&self) -> Option<model::Guid> {
        self.request.and_then(|(_, event)| event.activation_id)
    }
}

/// Seconds of an event: UTC where known, as printed otherwise.
pub fn event_time(event: &Event) -> Option<i64> {
    let time = event.time.as_ref().or(event.client_time.as_ref())?;
    time.utc_seconds().or_else(|| time.seconds_as_printed())
}

/// A client with the places of its facts in the case: rules ask for the clients again and again.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    machine: Option<MachineId>,
    label: String,
    products: Vec<FactPlace>,
    attempts: Vec<KeptAttempt>,
    console: Vec<FactPlace>,
    failures: Vec<FactPlace>,
}

#[derive(Debug, Clone, Copy)]
struct KeptAttempt {
    request: Option<FactPlace>,
    response: Option<FactPlace>,
    time: Option<i64>,
}

impl Kept {
    fn of(client: &Client<'_>) -> Kept {
        let attempt = |attempt: &Attempt<'_>| KeptAttempt {
            request: attempt.request.map(|(item, _)| item.place),
            response: attempt.response.map(|(item, _)| item.place),
            time: attempt.time,
        };
        Kept {
            machine: client.machine,
            label: client.label.clone(),
            products: client.products.iter().map(|(item, _)| item.place).collect(),
            attempts: client.attempts.iter().map(attempt).collect(),
            console: client.console.iter().map(|(item, _)| item.place).collect(),
            failures: client.failures.iter().map(|(item, _)| item.place).collect(),
        }
    }

    fn client<'a>(&self, case: &'a Case) -> Client<'a> {
        let licenses =
            |places: &[FactPlace]| places.iter().filter_map(|place| case.license_at(*place)).collect();
        let event = |place: Option<FactPlace>| place.and_then(|place| case.event_at(place));
        let attempt = |kept: &KeptAttempt| Attempt {
            request: event(kept.request),
            response: event(kept.response),
            time: kept.time,
        };
        Client {
            machine: self.machine,
            label: self.label.clone(),
            products: licenses(&self.products),
            attempts: self.attempts.iter().map(attempt).collect(),
            console: licenses(&self.console),
            failures: self.failures.iter().filter_map(|place| case.event_at(*place)).collect(),
        }
    }
}

/// Every machine that the evidence shows as a client.
pub fn clients(case: &Case) -> Vec<Client<'_>> {
    let kept = case.answers().clients.get_or_init(|| gather(case).iter().map(Kept::of).collect());
    kept.iter().map(|kept| kept.client(case)).collect()
}

fn gather(case: &Case) -> Vec<Client<'_>> {
    let mut clients = ByMachine::new(case);
    let hosts: BTreeSet<MachineId> = case
        .licenses()
        .filter(|(_, license)| license.is_kms_host())
        .filter_map(|(item, _)| item.machine)
        .collect();
    for (item, license) in case.licenses() {
        // "Permanently activated" on a host is said of the host's own key.
        let of_a_host = license.xpr.is_some() && item.machine.is_some_and(|machine| hosts.contains(&machine));
        if license.is_kms_host() || of_a_host {
            continue;
        }
        let client = clients.of(item.machine);
        match license.command {
            Some(LicenseCommand::Activate) => client.console.push((item, license)),
            Some(LicenseCommand::Change) => {}
            _ => client.products.push((item, license)),
        }
    }
    // A log that was sent twice, or as XML and as CSV, holds each record twice.
    // Only records of one machine and one second can be the same: the rest need no spelling out.
    let mut known: BTreeMap<_, (&Event, BTreeSet<String>)> = BTreeMap::new();
    for (item, event) in case.events() {
        let of_clients =
            event.is(REQUEST_SENT) || event.is(RESPONSE_PROCESSED) || event.is(ACTIVATION_FAILED);
        let time = if of_clients { event_time(event) } else { None };
        if of_clients {
            match known.entry((item.machine, time)) {
                Entry::Vacant(entry) => {
                    entry.insert((event, BTreeSet::new()));
                }
                Entry::Occupied(mut entry) => {
                    let (first, said) = entry.get_mut();
                    if said.is_empty() {
                        said.insert(first.describe());
                    }
                    if !said.insert(event.describe()) {
                        continue;
                    }
                }
            }
        }
        if event.is(REQUEST_SENT) || event.is(RESPONSE_PROCESSED) {
            let client = clients.of(item.machine);
            let pair = (item, event);
            client.attempts.push(if event.is(REQUEST_SENT) {
                Attempt { request: Some(pair), response: None, time }
            } else {
                Attempt { request: None, response: Some(pair), time }
            });
        } else if event.is(ACTIVATION_FAILED) {
            clients.of(item.machine).failures.push((item, event));
        }
    }
    let mut clients = clients.clients;
    for client in &mut clients {
        pair_up(&mut client.attempts);
    }
    clients
}

/// Clients in the order in which they come up, found by their machine.
struct ByMachine<'a> {
    case: &'a Case,
    clients: Vec<Client<'a>>,
    places: BTreeMap<Option<MachineId>, usize>,
}

impl<'a> ByMachine<'a> {
    fn new(case: &'a Case) -> ByMachine<'a> {
        ByMachine { case, clients: Vec::new(), places: BTreeMap::new() }
    }

    fn of(&mut self, machine: Option<MachineId>) -> &mut Client<'a> {
        let place = *self.places.entry(machine).or_insert_with(|| {
            let label = self.case.machine_label(machine).unwrap_or_default();
            self.clients.push(Client { machine, label, ..Client::default() });
            self.clients.len() - 1
        });
        &mut self.clients[place]
    }
}

/// Puts responses to their requests: the nearest request before, without another response between.
///
/// Logs are exported oldest or newest first; records with numbers or times are put in order before.
fn pair_up(attempts: &mut Vec<Attempt<'_>>) {
    let rank =
        |a: &Attempt<'_>| a.request.or(a.response).map_or(0, |(_, e)| i64::from(e.event_id.unwrap_or(0)));
    let known = attempts.iter().all(|a| a.at().is_some());
    if known {
        attempts.sort_by_key(|a| (a.at(), rank(a)));
    } else if attempts.first().is_some_and(|first| first.request.is_none()) {
        // Without times, a response standing first means newest first.
        attempts.reverse();
    }
    let mut paired: Vec<Attempt<'_>> = Vec::with_capacity(attempts.len());
    for attempt in attempts.drain(..) {
        let open = paired.last_mut().filter(|last| {
            last.response.is_none()
                && attempt.request.is_none()
                && last.request.is_some_and(|(_, e)| e.hresult.is_none_or(|code| code.value() == 0))
        });
        match open {
            Some(last) => last.response = attempt.response,
            None => paired.push(attempt),
        }
    }
    *attempts = paired;
}

impl<'a> Client<'a> {
    /// The last attempt.
    pub fn last_attempt(&self) -> Option<&Attempt<'a>> {
        self.attempts.last()
    }

    /// A KMS client product is shown as licensed.
    pub fn licensed_product(&self) -> Option<(Item<'a>, &'a License)> {
        let licensed = |l: &&(Item<'a>, &'a License)| {
            l.1.license_status == Some(LicenseStatus::Licensed) && !l.1.not_in_use
        };
        self.products.iter().find(licensed).copied()
    }

    /// Time of the last attempt that activated.
    pub fn last_success(&self) -> Option<i64> {
        self.attempts.iter().filter(|a| a.activated()).filter_map(Attempt::at).max()
    }

    /// Its newest news is a failure: of an attempt, a console command, or the state itself.
    pub fn fails_now(&self) -> bool {
        if self.console.iter().any(|(_, l)| l.activation_result == Some(ActivationResult::Success)) {
            return false;
        }
        let console_failure = self.console.iter().any(|(_, l)| {
            l.error_code.is_some_and(|c| c.is_failure())
                || l.activation_result == Some(ActivationResult::Failure)
        });
        let attempt_failure = self.last_attempt().is_some_and(Attempt::failed);
        let newest_failure = self.failures.iter().filter_map(|(_, e)| event_time(e)).max();
        let late_failure = match (newest_failure, self.last_success()) {
            (Some(failure), Some(success)) => failure > success,
            (Some(_), None) => true,
            (None, _) => !self.failures.is_empty() && self.attempts.is_empty(),
        };
        console_failure || attempt_failure || late_failure || self.bad_state().is_some()
    }

    /// A product in notification or out-of-tolerance grace.
    pub fn bad_state(&self) -> Option<(Item<'a>, &'a License)> {
        let bad = |status| matches!(status, LicenseStatus::Notification | LicenseStatus::OutOfToleranceGrace);
        self.products.iter().find(|(_, l)| l.license_status.is_some_and(bad) && !l.not_in_use).copied()
    }

    /// Every attempt, product and state is well.
    pub fn is_well(&self) -> bool {
        !self.fails_now()
            && (self.licensed_product().is_some() || self.last_attempt().is_some_and(Attempt::activated))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{CMID, answered, ato, case, client_dlv, event, host_dlv, sent};

    const HOST: &str = "kms01.contoso.com";

    /// For each attempt of the only client: the request's code, and whether an answer belongs to it.
    fn attempts(text: &str) -> Vec<(Option<u32>, Option<bool>)> {
        let case = case(&[("PC-1.xml", text)]);
        let clients = clients(&case);
        let [client] = clients.as_slice() else { panic!("not one client: {clients:?}") };
        let code = |a: &Attempt<'_>| a.request.and_then(|(_, e)| e.hresult).map(|code| code.value());
        let answer = |a: &Attempt<'_>| a.response.map(|(_, e)| e.activated == Some(1));
        client.attempts.iter().map(|a| (code(a), answer(a))).collect()
    }

    fn exchange(hour: u32, activated: bool) -> [String; 2] {
        let at = |second: u32| format!("2025-06-03T{hour:02}:00:{second:02}");
        [sent("PC-1", &at(0), "0x00000000", HOST), answered("PC-1", &at(1), activated, 30)]
    }

    #[test]
    fn answers_find_their_requests_in_both_orders_of_an_export() {
        let [first, second] = exchange(7, false);
        let [third, fourth] = exchange(9, true);
        let expected = [(Some(0), Some(false)), (Some(0), Some(true))];
        assert_eq!(attempts(&[&*first, &second, &third, &fourth].concat()), expected);
        assert_eq!(attempts(&[&*fourth, &third, &second, &first].concat()), expected);
    }

    #[test]
    fn without_times_an_answer_on_top_means_newest_first() {
        let bare = |id: u32, data: &str| {
            event(id, "PC-1", "", data).replace("<TimeCreated SystemTime='.0000000Z'/>", "")
        };
        let request = |code: &str| {
            bare(
                12288,
                &format!(
                    "{code}, 0x00000000, {HOST}:1688, {CMID}, , 0, 2, 30000, 73111121-5638-40f6-bc11-f1d7b0d64300, 25"
                ),
            )
        };
        let answer = bare(12289, "0x00000000, 0x00000000, 1, 0, 30, 120, 10080, ");
        let expected = [(Some(0x8007_06BA), None), (Some(0), Some(true))];
        let newest_first = [answer.clone(), request("0x00000000"), request("0x800706BA")].concat();
        assert_eq!(attempts(&newest_first), expected);
        let oldest_first = [request("0x800706BA"), request("0x00000000"), answer].concat();
        assert_eq!(attempts(&oldest_first), expected);
    }

    #[test]
    fn an_answer_never_belongs_to_a_request_that_was_not_sent() {
        let failed = sent("PC-1", "2025-06-03T07:00:00", "0x800706BA", HOST);
        let lonely = answered("PC-1", "2025-06-03T08:00:00", true, 30);
        assert_eq!(attempts(&(failed + &lonely)), [(Some(0x8007_06BA), None), (None, Some(true))]);
    }

    #[test]
    fn a_client_fails_now_or_is_well_by_its_newest_news() {
        let judge = |text: &str| {
            let case = case(&[("PC-1.xml", text)]);
            let clients = clients(&case);
            (clients[0].fails_now(), clients[0].is_well())
        };
        let failed = |hour: u32| sent("PC-1", &format!("2025-06-03T{hour:02}:00:00"), "0x800706BA", HOST);
        let success = exchange(8, true).concat();
        assert_eq!(judge(&(failed(7) + &success)), (false, true));
        assert_eq!(judge(&(success + &failed(9))), (true, false));
        assert_eq!(judge(&exchange(8, false).concat()), (true, false));
        assert_eq!(judge(&exchange(8, true)[0]), (true, false));
    }

    #[test]
    fn a_state_alone_tells_and_a_console_success_overrules_it() {
        let judge = |text: &str| {
            let case = case(&[("PC-1.txt", text)]);
            let clients = clients(&case);
            (clients[0].fails_now(), clients[0].is_well())
        };
        assert_eq!(judge(&client_dlv("Licensed", "")), (false, true));
        assert_eq!(judge(&client_dlv("Initial grace period", "")), (false, false));
        assert_eq!(judge(&client_dlv("Notification", "")), (true, false));
        assert_eq!(judge(&ato("0xC004F074")), (true, false));
        let success = "C:\\>cscript //nologo slmgr.vbs /ato\nActivating Windows(R), Enterprise edition (73111121-5638-40f6-bc11-f1d7b0d64300) ...\nProduct activated successfully.\n";
        assert_eq!(judge(&(client_dlv("Notification", "") + "\n" + success)), (false, false));
    }

    #[test]
    fn a_host_is_no_client() {
        let dlv = host_dlv("Licensed", 30, "enabled");
        assert!(clients(&case(&[("kms01.txt", &dlv)])).is_empty());
        let xpr = format!(
            "C:\\>hostname\nkms01\n\n{dlv}\nC:\\>cscript //nologo slmgr.vbs /xpr\nWindows(R), ServerStandard edition:\n    The machine is permanently activated.\n"
        );
        assert!(clients(&case(&[("kms01.txt", &xpr)])).is_empty());
    }
}
