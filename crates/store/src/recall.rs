//! What a host knows again after a start: counters, the last number, and who asked within the window of its count.
//!
//! The journal is read backwards and gives what [`activation::counting::Count`] held, also when the clock was set in
//! between: a contact is as old as the earliest granted request since, and gone when the times since then have risen
//! by a whole window. Only after a larger N-policy has raised a cap that had been reached, machines that had to go
//! are back: they did ask within the window, and the count restores at most its cap of them.

use std::collections::{BTreeMap, HashSet};

use activation::Moment;
use activation::counting::{N_POLICY_MAX, WINDOW_SECONDS};
use activation::journal::{AllCounters, Contact};
use rusqlite::Connection;
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

/// Contacts by application. The window ends at the newest granted row: its client's clock agreed with the host's.
pub fn contacts(
    connection: &Connection,
    counters: &AllCounters,
    limits: &LoadLimits,
) -> rusqlite::Result<Vec<(Uuid, Vec<Contact>)>> {
    let mut waiting: HashSet<Uuid> =
        counters.iter().filter(|(_, known)| known.total > known.failed).map(|(id, _)| *id).collect();
    let mut recalled: BTreeMap<Uuid, Recalled> = BTreeMap::new();
    let mut newest = None;
    let mut old_rows = 0;
    let mut statement = connection.prepare_cached(
        "SELECT at, hresult, application_id, cmid, counted_n_policy FROM journal ORDER BY sequence DESC",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let at = Moment(row.get(0)?);
        let is_old = newest.is_some_and(|newest: Moment| newest.since(at) >= limits.window_seconds);
        old_rows = if is_old { old_rows + 1 } else { 0 };
        if old_rows >= OLD_ROWS {
            break;
        }
        if row.get::<_, u32>(1)? != 0 {
            continue;
        }
        newest.get_or_insert(at);
        let application = Uuid::from_bytes(row.get(2)?);
        let memory = recalled.entry(application).or_insert_with(Recalled::new);
        if !memory.is_done {
            let contact = Contact { cmid: Uuid::from_bytes(row.get(3)?), at, n_policy: row.get(4)? };
            memory.add(contact, limits);
        }
        if memory.is_done && waiting.remove(&application) && waiting.is_empty() {
            break;
        }
    }
    let newest = newest.unwrap_or_default();
    Ok(recalled.into_iter().map(|(application, memory)| (application, memory.at(newest, limits))).collect())
}
