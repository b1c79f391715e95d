//! What a host knows again after a start: counters, the last number, and who asked within the window of its count.
//!
//! The journal is read backwards and gives what [`activation::counting::Count`] held, also when the clock was set in
//! between: a contact is as old as the earliest granted request since, and gone when the times since then have risen
//! by a whole window. Only after a larger N-policy has raised a cap that had been reached, machines that had to go
//! are back: they did ask within the window, and the count restores at most its cap of them.

use std::collections::{BTreeMap, HashSet};
use std::ops::ControlFlow;

use activation::Moment;
use activation::counting::{N_POLICY_MAX, WINDOW_SECONDS};
use activation::journal::{AllCounters, Contact};
use uuid::Uuid;

/// Rows in a row that are older than the window, after which the window has ended. A few may stem from minutes in
/// which the clock was wrong.
const OLD_ROWS: u32 = 10_000;

/// How far back to look.
#[derive(Debug, Clone, Copy)]
pub struct LoadLimits {
    /// How long a contact counts.
    pub window_seconds: i64,
    /// Different machines of one application; more than any count keeps.
    pub contacts: usize,
}

impl Default for LoadLimits {
    fn default() -> LoadLimits {
        LoadLimits { window_seconds: WINDOW_SECONDS, contacts: 2 * (N_POLICY_MAX as usize + 1) }
    }
}

/// What a host starts with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Loaded {
    /// 0 for a new host.
    pub last_sequence: u64,
    /// Counters by application.
    pub counters: AllCounters,
    /// The contacts of each application, the longest silent first.
    pub contacts: Vec<(Uuid, Vec<Contact>)>,
}

/// The granted requests of one application, from the newest backwards.
#[derive(Debug)]
struct Recalled {
    /// From the newest; their times never rise.
    contacts: Vec<Contact>,
    seen: HashSet<Uuid>,
    latest: Moment,
    earliest: Moment,
    /// No older row can matter.
    is_done: bool,
}

impl Recalled {
    fn new() -> Recalled {
        Recalled {
            contacts: Vec::new(),
            seen: HashSet::new(),
            latest: Moment(i64::MIN),
            earliest: Moment(i64::MAX),
            is_done: false,
        }
    }

    fn add(&mut self, contact: Contact, limits: &LoadLimits) {
        self.latest = self.latest.max(contact.at);
        self.earliest = self.earliest.min(contact.at);
        // A later request came a whole window after this time: it dropped this contact, and with it all from before,
        // which by then were no younger.
        if self.latest.since(contact.at) >= limits.window_seconds {
            self.is_done = true;
        } else if self.seen.insert(contact.cmid) {
            self.contacts.push(Contact { at: self.earliest, ..contact });
            self.is_done = self.contacts.len() >= limits.contacts;
        }
    }

    /// Those that count at a time, the longest silent first.
    fn at(self, newest: Moment, limits: &LoadLimits) -> Vec<Contact> {
        let counts = |contact: &Contact| newest.since(contact.at) < limits.window_seconds;
        let mut contacts: Vec<Contact> = self.contacts.into_iter().filter(counts).collect();
        contacts.sort_by_key(|contact| (contact.at, contact.cmid));
        contacts
    }
}

/// Sees the journal backwards, and remembers who asked within the window. The window ends at the newest granted row:
/// its client's clock agreed with the host's.
#[derive(Debug)]
pub struct Recall<'a> {
    limits: &'a LoadLimits,
    waiting: HashSet<Uuid>,
    recalled: BTreeMap<Uuid, Recalled>,
    newest: Option<Moment>,
    old_rows: u32,
}

impl<'a> Recall<'a> {
    /// Before the newest row.
    pub fn new(counters: &AllCounters, limits: &'a LoadLimits) -> Recall<'a> {
        let granted = counters.iter().filter(|(_, known)| known.total > known.failed);
        Recall {
            limits,
            waiting: granted.map(|(id, _)| *id).collect(),
            recalled: BTreeMap::new(),
            newest: None,
            old_rows: 0,
        }
    }

    /// Sees a row of an application; no older one need be shown after a break.
    pub fn see(&mut self, hresult: u32, application: Uuid, contact: Contact) -> ControlFlow<()> {
        let at = contact.at;
        let is_old = self.newest.is_some_and(|newest| newest.since(at) >= self.limits.window_seconds);
        self.old_rows = if is_old { self.old_rows + 1 } else { 0 };
        if self.old_rows >= OLD_ROWS {
            return ControlFlow::Break(());
        }
        if hresult != 0 {
            return ControlFlow::Continue(());
        }
        self.newest.get_or_insert(at);
        let memory = self.recalled.entry(application).or_insert_with(Recalled::new);
        if !memory.is_done {
            memory.add(contact, self.limits);
        }
        if memory.is_done && self.waiting.remove(&application) && self.waiting.is_empty() {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    /// Contacts by application.
    pub fn contacts(self) -> Vec<(Uuid, Vec<Contact>)> {
        let newest = self.newest.unwrap_or_default();
        let of = |(application, memory): (Uuid, Recalled)| (application, memory.at(newest, self.limits));
        self.recalled.into_iter().map(of).collect()
    }
}
