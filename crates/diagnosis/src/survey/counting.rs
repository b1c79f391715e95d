//! The count of a host over time, reconstructed from its 12290 records.
//!
//! A host remembers the CMIDs of the last 30 days; a CMID that comes again counts once and its 30 days start again.
//! It keeps at most twice the largest N-policy that was asked of it: 50 with Windows clients, 10 with servers only.
//! Windows and Office are counted apart.
//! Which CMID goes when the cap is reached is not documented; here it is the one not seen for longest.
//! Requests that the host refused are not counted here; whether the real host counts them is not documented.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use model::event::REQUEST_PROCESSED;
use model::host_name::first_label;
use model::{Event, Guid};

use super::clients::event_time;
use crate::case::{Case, FactPlace, Item, MachineId};
use crate::report::CountCurve;

/// Days for which a host remembers a CMID.
pub const WINDOW_DAYS: i64 = 30;

/// What one host's log tells about its clients.
#[derive(Debug)]
pub struct HostLog<'a> {
    /// The machine that wrote the log.
    pub machine: Option<MachineId>,
    /// `windows` or `office`; products that the tables do not know are taken for Windows.
    pub application: &'static str,
    /// Name to show.
    pub label: String,
    /// Its 12290 records, oldest first.
    pub requests: Vec<(Item<'a>, &'a Event)>,
}

/// One CMID in a host's log.
#[derive(Debug, Default)]
pub struct CmidUse<'a> {
    /// Distinct machines by the first label of their names, with the times at which they used it.
    pub names: BTreeMap<String, Vec<i64>>,
    /// One record per name.
    pub records: BTreeMap<String, Item<'a>>,
}

/// Which of a host's counts a request belongs to.
fn application(event: &Event) -> &'static str {
    let release = event.activation_id.and_then(facts::products::release_of);
    let office = release.is_some_and(|release| release.kind == facts::releases::ReleaseKind::Office);
    match event.activation_id.is_some_and(super::own::is_own_id) {
        true => "own",
        false if office => "office",
        false => "windows",
    }
}

/// A host's log with the places of its records in the case: rules ask for the logs again and again.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    machine: Option<MachineId>,
    application: &'static str,
    label: String,
    requests: Vec<FactPlace>,
}

/// The logs of all hosts, one for each application.
pub fn logs(case: &Case) -> Vec<HostLog<'_>> {
    let keep = |log: HostLog<'_>| Kept {
        machine: log.machine,
        application: log.application,
        label: log.label,
        requests: log.requests.iter().map(|(item, _)| item.place).collect(),
    };
    let kept = case.answers().host_logs.get_or_init(|| gather(case).into_iter().map(keep).collect());
    let log = |kept: &Kept| HostLog {
        machine: kept.machine,
        application: kept.application,
        label: kept.label.clone(),
        requests: kept.requests.iter().filter_map(|place| case.event_at(*place)).collect(),
    };
    kept.iter().map(log).collect()
}

fn gather(case: &Case) -> Vec<HostLog<'_>> {
    let mut logs: Vec<HostLog<'_>> = Vec::new();
    for (item, event) in case.events_with_id(REQUEST_PROCESSED) {
        let application = application(event);
        let index = logs
            .iter()
            .position(|log| log.machine == item.machine && log.application == application)
            .unwrap_or_else(|| {
                let label = case
                    .machine_label(item.machine)
                    .unwrap_or_else(|| item.evidence.fact.source.path.to_string());
                logs.push(HostLog { machine: item.machine, application, label, requests: Vec::new() });
                logs.len() - 1
            });
        logs[index].requests.push((item, event));
    }
    for log in &mut logs {
        log.requests.sort_by_cached_key(|(_, event)| (event_time(event), event.record));
    }
    logs
}

impl<'a> HostLog<'a> {
    /// Every CMID, with the machines that used it.
    pub fn cmids(&self) -> BTreeMap<Guid, CmidUse<'a>> {
        let mut cmids: BTreeMap<Guid, CmidUse<'a>> = BTreeMap::new();
        for (item, event) in &self.requests {
            let (Some(cmid), Some(client)) = (event.cmid, event.client.as_deref()) else { continue };
            if cmid.is_nil() {
                continue;
            }
            let entry = cmids.entry(cmid).or_default();
            let name = first_label(client);
            entry.names.entry(name.clone()).or_default().push(event_time(event).unwrap_or(0));
            entry.records.entry(name).or_insert(*item);
        }
        cmids
    }

    /// Distinct machine names.
    pub fn names(&self) -> BTreeSet<String> {
        self.requests.iter().filter_map(|(_, e)| e.client.as_deref()).map(first_label).collect()
    }

    /// Largest N-policy that was asked for.
    pub fn largest_n_policy(&self) -> Option<u32> {
        self.requests.iter().filter_map(|(_, e)| e.min_count).max()
    }

    /// The count over time.
    pub fn curve(&self, printed: Option<i64>) -> Option<CountCurve> {
        const WINDOW_SECONDS: i64 = WINDOW_DAYS * 86_400;
        let mut last_seen: BTreeMap<Guid, i64> = BTreeMap::new();
        let mut queue: VecDeque<(i64, Guid)> = VecDeque::new();
        let mut points: Vec<(i64, u32)> = Vec::new();
        let mut thresholds = BTreeSet::new();
        let mut cap = 0;
        for (_, event) in &self.requests {
            let (Some(at), Some(cmid)) = (event_time(event), event.cmid) else { continue };
            if event.hresult.is_some_and(|code| code.is_failure()) {
                continue;
            }
            thresholds.extend(event.min_count);
            cap = cap.max(event.min_count.unwrap_or(0).saturating_mul(2));
            forget(&mut queue, &mut last_seen, |seen, _| seen + WINDOW_SECONDS < at);
            last_seen.insert(cmid, at);
            queue.push_back((at, cmid));
            while cap > 0 && last_seen.len() > cap as usize {
                let before = last_seen.len();
                forget(&mut queue, &mut last_seen, |_, count| count > cap as usize);
                if last_seen.len() == before {
                    break;
                }
            }
            let count = u32::try_from(last_seen.len()).unwrap_or(u32::MAX);
            if points.last().is_none_or(|(_, last)| *last != count) {
                points.push((at, count));
            }
        }
        let last = points.last()?.1;
        let utc =
            self.requests.iter().all(|(_, e)| e.time.as_ref().is_none_or(|t| t.utc_seconds().is_some()));
        Some(CountCurve {
            utc,
            host: self.label.clone(),
            application: self.application,
            points,
            thresholds: thresholds.into_iter().collect(),
            cap,
            last,
            names: self.names().len(),
            distinct_cmids: self.cmids().len(),
            printed,
        })
    }
}

/// Drops CMIDs from the front of the queue while the test holds; entries that were refreshed since are skipped.
fn forget(
    queue: &mut VecDeque<(i64, Guid)>,
    last_seen: &mut BTreeMap<Guid, i64>,
    drop: impl Fn(i64, usize) -> bool,
) {
    while let Some(&(seen, cmid)) = queue.front() {
        let refreshed = last_seen.get(&cmid) != Some(&seen);
        if !refreshed && !drop(seen, last_seen.len()) {
            break;
        }
        if !refreshed {
            last_seen.remove(&cmid);
        }
        queue.pop_front();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{case, cmid, event, processed};

    /// Noon of a day since the first of January 2025.
    fn noon(day: i64) -> String {
        let date = date_of(day);
        format!("{date}T12:00:00")
    }

    /// The date of a day of 2025.
    fn date_of(day: i64) -> String {
        let mut left = day;
        for (month, days) in [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].into_iter().enumerate() {
            if left < days {
                return format!("2025-{:02}-{:02}", month + 1, left + 1);
            }
            left -= days;
        }
        panic!("beyond 2025: {day}")
    }

    /// Counts after each change, for requests of (day, machine).
    fn counts(requests: &[(i64, u64)]) -> Vec<u32> {
        let text: String = requests
            .iter()
            .map(|(day, number)| {
                processed("kms01", &noon(*day), "0x0", &format!("pc-{number}"), &cmid(*number))
            })
            .collect();
        curve_of(&text).points.iter().map(|(_, count)| *count).collect()
    }

    fn curve_of(text: &str) -> CountCurve {
        let case = case(&[("kms01.xml", text)]);
        let logs = logs(&case);
        assert_eq!(logs.len(), 1);
        logs[0].curve(None).expect("a curve")
    }

    #[test]
    fn each_machine_counts_once_however_often_it_asks() {
        assert_eq!(counts(&[(0, 1), (1, 2), (2, 1), (3, 3), (4, 2)]), [1, 2, 3]);
    }

    #[test]
    fn a_machine_is_forgotten_after_thirty_days_and_a_repeated_request_starts_them_again() {
        assert_eq!(counts(&[(0, 1), (30, 2)]), [1, 2]);
        assert_eq!(counts(&[(0, 1), (31, 2)]), [1]);
        assert_eq!(counts(&[(0, 1), (20, 1), (45, 2)]), [1, 2]);
        assert_eq!(counts(&[(0, 1), (1, 2), (2, 3), (20, 1), (40, 4)]), [1, 2, 3, 2]);
    }

    #[test]
    fn records_in_any_order_make_the_same_curve() {
        let mut requests: Vec<(i64, u64)> = (0..20).map(|n| (n * 3, n as u64 % 7)).collect();
        let sorted = counts(&requests);
        requests.reverse();
        assert_eq!(counts(&requests), sorted);
        requests.rotate_left(7);
        assert_eq!(counts(&requests), sorted);
    }

    #[test]
    fn a_host_keeps_twice_the_largest_n_policy() {
        let clients: Vec<(i64, u64)> = (0..60).map(|n| (0, n)).collect();
        assert_eq!(counts(&clients).last(), Some(&50));
        let servers: String = (0..15)
            .map(|n| {
                processed("kms01", &noon(0), "0x0", &format!("srv-{n}"), &cmid(n))
                    .replace("0x0, 25,", "0x0, 5,")
            })
            .collect();
        let curve = curve_of(&servers);
        assert_eq!((curve.last, curve.cap, curve.thresholds), (10, 10, vec![5]));
        assert_eq!((curve.names, curve.distinct_cmids), (15, 15));
    }

    #[test]
    fn refused_requests_are_not_counted() {
        let text = processed("kms01", &noon(0), "0x0", "pc-1", &cmid(1))
            + &processed("kms01", &noon(1), "0xC004F042", "pc-2", &cmid(2));
        let curve = curve_of(&text);
        assert_eq!((curve.last, curve.names), (1, 2));
    }

    #[test]
    fn a_cmid_of_zeroes_belongs_to_nobody() {
        let nil = "00000000-0000-0000-0000-000000000000";
        let text = processed("kms01", &noon(0), "0x0", "pc-1", nil)
            + &processed("kms01", &noon(1), "0x0", "pc-2", nil);
        let case = case(&[("kms01.xml", &text)]);
        assert!(logs(&case)[0].cmids().is_empty());
    }

    #[test]
    fn each_host_has_its_own_log() {
        let text = processed("kms-a", &noon(0), "0x0", "pc-1", &cmid(1))
            + &processed("kms-b", &noon(0), "0x0", "pc-2", &cmid(2))
            + &event(
                12289,
                "pc-1",
                &noon(0),
                "0x00000000, 0x00000000, 1, 0, 30, 120, 10080, 2025/06/03 07:20",
            );
        let case = case(&[("all.xml", &text)]);
        let labels: Vec<String> = logs(&case).iter().map(|log| log.label.clone()).collect();
        assert_eq!(labels, ["kms-a", "kms-b"]);
    }
}
