//! When a host publishes its SRV record: at start, every 24 hours, and at once when port or name changed.
//!
//! Not documented, and chosen here: a failed publication is tried again after 15 minutes, as the cause may be a DNS
//! server that is restarting. The host never takes its record out by itself, as documented for Microsoft's.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::event::Event;
use crate::moment::{DAY, MINUTE, Moment};
use crate::settings::HostSettings;

/// Seconds between two publications of the same record.
pub const REPUBLISH_SECONDS: i64 = DAY;
/// Seconds after which a failed publication is tried again.
pub const RETRY_SECONDS: i64 = 15 * MINUTE;

/// A record to publish.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publication {
    /// In which domain.
    pub domain: String,
    /// The host's full name.
    pub target: String,
    /// Its port.
    pub port: u16,
    /// Priority of the record.
    pub priority: u16,
    /// Weight of the record.
    pub weight: u16,
}

/// The name of a host as its record needs it: a single label is the host's name within the domain.
fn full_name(host: &str, domain: &str) -> String {
    let host = host.trim_end_matches('.');
    if host.contains('.') { host.to_owned() } else { format!("{host}.{domain}") }
}

/// What was published last, and what is due when.
#[derive(Debug, Clone, Default)]
pub struct Publishing {
    wanted: BTreeMap<String, (Publication, Moment)>,
}

impl Publishing {
    /// Takes the settings and the name of the host; what is new or different is due at once.
    pub fn set(&mut self, settings: &HostSettings, target: &str, port: u16, now: Moment) {
        let before = std::mem::take(&mut self.wanted);
        if !settings.dns_publishing {
            return;
        }
        for domain in &settings.domains {
            let publication = Publication {
                domain: domain.domain.clone(),
                target: full_name(target, &domain.domain),
                port,
                priority: domain.priority,
                weight: domain.weight,
            };
            let due = match before.get(&domain.domain) {
                Some((same, due)) if *same == publication => *due,
                _ => now,
            };
            self.wanted.insert(domain.domain.clone(), (publication, due));
        }
    }

    /// Makes all of it due now, as `/sdns` and a restart do.
    pub fn hurry(&mut self, now: Moment) {
        self.wanted.values_mut().for_each(|(_, due)| *due = now);
    }

    /// When there is something to publish next.
    pub fn next(&self) -> Option<Moment> {
        self.wanted.values().map(|(_, due)| *due).min()
    }

    /// What is due. A clock that was set back does not keep a publication waiting for longer than a day.
    pub fn due(&self, now: Moment) -> Vec<Publication> {
        let is_due = |due: Moment| due <= now || due.since(now) > REPUBLISH_SECONDS;
        self.wanted
            .values()
            .filter(|(_, due)| is_due(*due))
            .map(|(publication, _)| publication.clone())
            .collect()
    }

    /// Says how a publication went, and gives the event that tells of it.
    pub fn done(&mut self, publication: &Publication, result: Result<(), u32>, now: Moment) -> Event {
        let pause = if result.is_ok() { REPUBLISH_SECONDS } else { RETRY_SECONDS };
        if let Some((wanted, due)) = self.wanted.get_mut(&publication.domain)
            && wanted == publication
        {
            *due = now.plus(pause);
        }
        let domain = publication.domain.clone();
        match result {
            Ok(()) => Event::PublishingSucceeded { domain },
            Err(hresult) => Event::PublishingFailed { hresult, domain },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::moment::HOUR;
    use crate::settings::PublishDomain;

    const NOW: Moment = Moment(1_700_000_000);

    fn settings(domains: &[&str]) -> HostSettings {
        let domains = domains.iter().filter_map(|line| PublishDomain::parse(line)).collect();
        HostSettings { domains, ..HostSettings::default() }
    }

    #[test]
    fn at_start_daily_and_on_change() {
        let mut publishing = Publishing::default();
        publishing.set(&settings(&["a.test", "b.test, 10, 5"]), "kms.a.test", 1688, NOW);
        let due = publishing.due(NOW);
        assert_eq!(due.len(), 2);
        assert_eq!((due[1].priority, due[1].weight), (10, 5));
        publishing.set(&settings(&["c.test"]), "kms", 1688, NOW);
        assert_eq!(publishing.due(NOW)[0].target, "kms.c.test");
        publishing.set(&settings(&["a.test", "b.test, 10, 5"]), "kms.a.test", 1688, NOW);
        for publication in &due {
            assert_eq!(publishing.done(publication, Ok(()), NOW).id(), 12294);
        }
        assert_eq!(publishing.next(), Some(NOW.plus(DAY)));
        assert!(publishing.due(NOW.plus(DAY - 1)).is_empty());
        assert_eq!(publishing.due(NOW.plus(DAY)).len(), 2);
        let mut hurried = publishing.clone();
        hurried.hurry(NOW.plus(1));
        assert_eq!(hurried.due(NOW.plus(1)).len(), 2);
        publishing.set(&settings(&["a.test", "b.test, 10, 5"]), "kms.a.test", 1689, NOW.plus(HOUR));
        assert_eq!(publishing.due(NOW.plus(HOUR)).len(), 2, "another port");
        assert_eq!(publishing.due(NOW.plus(-30 * DAY)).len(), 2, "the clock was set back");
    }

    #[test]
    fn a_failure_is_told_and_tried_again() {
        let mut publishing = Publishing::default();
        publishing.set(&settings(&["a.test"]), "kms.a.test", 1688, NOW);
        let publication = publishing.due(NOW)[0].clone();
        let event = publishing.done(&publication, Err(0x8007_2338), NOW);
        assert_eq!((event.id(), event.info().as_str()), (12293, "0x80072338"));
        assert!(publishing.due(NOW.plus(RETRY_SECONDS - 1)).is_empty());
        assert_eq!(publishing.due(NOW.plus(RETRY_SECONDS)).len(), 1);
        publishing.set(
            &HostSettings { dns_publishing: false, ..settings(&["a.test"]) },
            "kms.a.test",
            1688,
            NOW,
        );
        assert_eq!(publishing.next(), None);
    }
}
