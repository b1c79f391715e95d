//! Whether the machines that clients turn to can be reached: from anywhere, or from one machine.

use std::collections::{BTreeMap, BTreeSet};

use model::dns::{DnsResult, is_vlmcs_name};
use model::host_name::same_machine;
use model::network::ConnectOutcome;

use super::codes;
use super::targets::Target;
use crate::case::{Case, Item, MachineId};
use crate::finding::Citation;

/// What tests and records say about reaching one target.
#[derive(Debug, Default)]
pub struct Reach<'a> {
    /// TCP connected.
    pub open: Vec<Citation>,
    /// What answers is a KMS host of the other kind, which refuses these clients.
    pub wrong_kind: bool,
    /// Refused by a reset.
    pub refused: Vec<Citation>,
    /// Silence on TCP.
    pub silent: Vec<Citation>,
    /// Reset after the connection stood.
    pub reset: Vec<Citation>,
    /// "Unreachable" from a router or the own machine.
    pub unreachable: Vec<Citation>,
    /// A connection test failed without saying how.
    pub failed: Vec<Citation>,
    /// The name has no address.
    pub no_address: Vec<Citation>,
    /// Another TCP port of the machine connected.
    pub other_port: Vec<Citation>,
    /// Ping was answered.
    pub ping_answered: Vec<Citation>,
    /// Ping was not answered.
    pub ping_lost: Vec<Citation>,
    /// A client's response (12289) or a served request: KMS works there. The first few; more say the same.
    pub served: Vec<Citation>,
    /// Requests that did not reach KMS there (12288 with an RPC or socket code).
    pub not_reached: Vec<(Citation, model::HexCode)>,
    /// Traces that end before the target.
    pub trace_ends: Vec<Citation>,
    /// Machines whose requests did not reach it.
    pub failing_machines: BTreeSet<MachineId>,
    /// Facts of connection tests, for rules that want more.
    pub tests: Vec<Item<'a>>,
}

impl Reach<'_> {
    /// Evidence that the target answers as a KMS host, or at least accepts connections.
    pub fn lives(&self) -> bool {
        !self.served.is_empty() || !self.open.is_empty()
    }

    /// The machine itself gives a sign of life.
    pub fn machine_lives(&self) -> bool {
        self.lives()
            || !self.other_port.is_empty()
            || !self.ping_answered.is_empty()
            || !self.refused.is_empty()
            || !self.reset.is_empty()
    }

    /// TCP does not get through, by whatever test.
    pub fn tcp_fails(&self) -> bool {
        self.open.is_empty()
            && !(self.refused.is_empty()
                && self.silent.is_empty()
                && self.failed.is_empty()
                && self.unreachable.is_empty())
    }
}

/// Responses that are kept as proof that a host serves.
const SERVED_MAX: usize = 8;

/// What is known about reaching a target, from wherever it was tried.
pub fn reach<'a>(case: &'a Case, target: &Target<'_>) -> Reach<'a> {
    reach_where(case, target, |_| true)
}

/// What is known about reaching a target from one machine.
pub fn reach_from<'a>(case: &'a Case, target: &Target<'_>, machine: MachineId) -> Reach<'a> {
    reach_where(case, target, |item| item.machine == Some(machine))
}

/// Machines from which the target was tried and does not answer, when others reach it; empty when nobody does.
///
/// Where the target lives for some, a fault on the way is judged from each machine that fails.
pub fn cut_off<'a>(case: &'a Case, target: &Target<'_>) -> Vec<(MachineId, Reach<'a>)> {
    if !reach(case, target).lives() {
        return Vec::new();
    }
    viewpoints(case)
        .into_iter()
        .map(|(machine, file)| {
            let from = |item: &Item<'_>| {
                item.machine == Some(machine)
                    && file.is_none_or(|path| *item.evidence.fact.source.path == *path)
            };
            (machine, reach_where(case, target, from))
        })
        .filter(|(_, seen)| !seen.lives() && (!seen.tests.is_empty() || !seen.ping_lost.is_empty()))
        .collect()
}

/// From where things were tried: machines with a name, and the files of those without.
fn viewpoints(case: &Case) -> Vec<(MachineId, Option<&str>)> {
    let mut viewpoints = Vec::new();
    for (id, machine) in case.machines.iter().enumerate() {
        match machine.unnamed {
            true => viewpoints.extend(machine.files.iter().map(|file| (id, Some(file.as_str())))),
            false => viewpoints.push((id, None)),
        }
    }
    viewpoints
}

fn reach_where<'a>(
    case: &'a Case,
    target: &Target<'_>,
    from: impl Fn(&Item<'_>) -> bool + Copy,
) -> Reach<'a> {
    let mut reach = Reach::default();
    add_tests(case, target, from, &mut reach);
    add_pings_and_traces(case, target, from, &mut reach);
    add_requests(case, target, from, &mut reach);
    for (item, answer) in case.dns_answers().filter(|(item, _)| from(item)) {
        let asked =
            answer.query.as_deref().is_some_and(|q| !is_vlmcs_name(q) && same_machine(q, &target.name));
        let short = is_short_form(answer.query.as_deref(), target);
        if asked && !short && matches!(answer.result, Some(DnsResult::Nxdomain | DnsResult::NoRecords)) {
            reach.no_address.push(item.cite("result"));
        }
    }
    reach
}

fn add_tests<'a>(
    case: &'a Case,
    target: &Target<'_>,
    from: impl Fn(&Item<'_>) -> bool,
    reach: &mut Reach<'a>,
) {
    for (item, test) in case.connections().filter(|(item, _)| from(item)) {
        let named = test.target.as_deref().is_some_and(|name| target.is_called(name))
            || test.address.as_deref().is_some_and(|address| target.is_called(address));
        if !named {
            continue;
        }
        if test.port.is_some_and(|port| port != target.port()) {
            if test.succeeded == Some(true) {
                reach.other_port.push(item.cite("succeeded"));
            }
            continue;
        }
        reach.tests.push(item);
        reach.wrong_kind |= super::own::is_wrong_kind(test);
        let outcome = test.outcome.or(match (test.port, test.succeeded, test.received, test.lost) {
            (_, Some(true), _, _) => Some(ConnectOutcome::Open),
            (_, None, Some(received), _) if received > 0 => Some(ConnectOutcome::Open),
            (_, None, Some(0), Some(lost)) if lost > 0 => Some(ConnectOutcome::Timeout),
            (_, Some(false), _, _) => Some(ConnectOutcome::Failed),
            _ => None,
        });
        match outcome {
            Some(ConnectOutcome::Open) => reach.open.push(item.cite("succeeded")),
            Some(ConnectOutcome::Refused) => reach.refused.push(item.cite("outcome")),
            Some(ConnectOutcome::Timeout | ConnectOutcome::Filtered) => {
                reach.silent.push(item.cite("outcome"))
            }
            Some(ConnectOutcome::Reset) => reach.reset.push(item.cite("outcome")),
            Some(ConnectOutcome::Unreachable) => reach.unreachable.push(item.cite("outcome")),
            Some(ConnectOutcome::NameNotFound) if !is_short_form(test.target.as_deref(), target) => {
                reach.no_address.push(item.cite("outcome"));
            }
            Some(ConnectOutcome::NameNotFound) => {}
            Some(ConnectOutcome::Failed) => reach.failed.push(item.cite("succeeded")),
            None => {}
        }
        match test.ping_succeeded {
            Some(true) => reach.ping_answered.push(item.cite("ping_succeeded")),
            Some(false) => reach.ping_lost.push(item.cite("ping_succeeded")),
            None => {}
        }
    }
}

/// A short name that does not resolve says nothing of the full name, when that one has an address.
fn is_short_form(asked: Option<&str>, target: &Target<'_>) -> bool {
    let short = asked.is_some_and(|name| !name.trim_end_matches('.').contains('.'));
    short && target.name.contains('.') && !target.addresses.is_empty()
}

fn add_pings_and_traces<'a>(
    case: &'a Case,
    target: &Target<'_>,
    from: impl Fn(&Item<'_>) -> bool,
    reach: &mut Reach<'a>,
) {
    for (item, ping) in case.pings().filter(|(item, _)| from(item)) {
        let named = ping.target.as_deref().is_some_and(|name| target.is_called(name))
            || ping.address.as_deref().is_some_and(|address| target.is_called(address));
        if !named {
            continue;
        }
        if ping.name_not_found {
            if !is_short_form(ping.target.as_deref(), target) {
                reach.no_address.push(item.cite("name_not_found"));
            }
        } else if ping.unreachable_from.is_some() {
            reach.unreachable.push(item.cite("unreachable_from"));
            reach.ping_lost.push(item.cite("unreachable_from"));
        } else if ping.replies.or(ping.received).is_some_and(|n| n > 0) {
            reach.ping_answered.push(item.cite("received"));
        } else if ping.lost.is_some_and(|n| n > 0) {
            reach.ping_lost.push(item.cite("lost"));
        }
    }
    for (item, trace) in case.traces().filter(|(item, _)| from(item)) {
        let named = trace.target.as_deref().is_some_and(|name| target.is_called(name))
            || trace.address.as_deref().is_some_and(|address| target.is_called(address));
        if named && trace.reached == Some(false) {
            reach.trace_ends.push(item.cite("hops"));
        }
    }
}

fn add_requests<'a>(
    case: &'a Case,
    target: &Target<'_>,
    from: impl Fn(&Item<'_>) -> bool,
    reach: &mut Reach<'a>,
) {
    let mut called: BTreeMap<&str, bool> = BTreeMap::new();
    for client in super::clients::clients(case) {
        let last_success = client.last_success();
        for attempt in &client.attempts {
            let Some((item, event)) = attempt.request else { continue };
            if !from(&item) {
                continue;
            }
            let Some(name) = event.kms_machine.as_deref() else { continue };
            if !*called.entry(name).or_insert_with(|| target.is_called(name)) {
                continue;
            }
            if let (Some((response, _)), true) = (attempt.response, reach.served.len() < SERVED_MAX) {
                reach.served.push(response.cite("activated"));
            }
            let Some(code) = event.hresult.filter(|c| c.is_failure()) else { continue };
            let overcome = matches!((attempt.at(), last_success), (Some(at), Some(success)) if at < success);
            let missed = codes::NOT_REACHED.contains(&code.value()) || code.value() == codes::NOT_CONTACTED;
            if missed && !overcome {
                reach.not_reached.push((item.cite("hresult"), code));
                reach.failing_machines.extend(item.machine);
            } else if codes::NO_ADDRESS.contains(&code.value()) && !overcome {
                reach.no_address.push(item.cite("hresult"));
                reach.failing_machines.extend(item.machine);
            }
        }
    }
}
