//! The connection of a journal, made again when it is lost; and what a writer must know to stay the only one.

use std::time::{Duration, Instant};

use activation::journal::{AllCounters, Counters};
use uuid::Uuid;

use super::address::Database;
use super::batch;
use super::lock::{self, Backend};
use super::session::Session;
use crate::error::StoreError;

/// How long the writer waits for an answer: clients wait with it.
const PATIENCE: Duration = Duration::from_secs(10);

/// Pauses between tries to connect: doubled from the first to the last.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LAST_PAUSE: Duration = Duration::from_secs(5);

/// How a journal is connected.
#[derive(Debug)]
pub struct Link {
    pub database: Database,
    pub schema: String,
    session: Option<Session>,
    /// Present in a writer.
    pub writer: Option<Writer>,
    /// A connection that is lost is not made again.
    pub is_steady: bool,
    pause: Duration,
    /// Not before this a new connection is tried, for this reason.
    blocked: Option<(Instant, String)>,
}

/// What the writer knows to be in the database.
#[derive(Debug)]
pub struct Writer {
    /// Which start of a host wrote last: this one.
    pub opening: Uuid,
    /// `holder.writes` after the last transaction of which the end is known.
    pub writes: i64,
    /// The last row that was confirmed.
    pub last_sequence: i64,
    /// The last event that was confirmed.
    pub last_event: i64,
    /// Counters that were confirmed.
    pub counters: AllCounters,
    /// A transaction of which the end is not known.
    pub doubt: Option<Undo>,
    backend: Backend,
    /// The journal is somebody else's, for good.
    ended: Option<Ended>,
}

/// What takes a transaction back that was kept without anybody having been told.
#[derive(Debug, Clone, Default)]
pub struct Undo {
    /// Applications with their counters before it.
    pub counters: Vec<(Uuid, Option<Counters>)>,
    /// A key with its word before it.
    pub meta: Option<(String, Option<String>)>,
}

#[derive(Debug, Clone)]
enum Ended {
    TakenOver(String),
    WentBack { confirmed: i64, found: i64 },
}

impl Link {
    /// Of somebody who only reads.
    pub fn reader(database: &Database, session: Session) -> Link {
        let (database, schema) = (database.clone(), database.schema());
        Link {
            database,
            schema,
            session: Some(session),
            writer: None,
            is_steady: false,
            pause: FIRST_PAUSE,
            blocked: None,
        }
    }

    /// Takes the journal over, for whoever has the lock.
    pub fn writer(database: &Database, session: Session, backend: Backend) -> Result<Link, StoreError> {
        let mut link = Link::reader(database, session);
        let session = link.session.as_ref().expect("it was just put there");
        let writer = open(session, database, backend)?;
        link.writer = Some(writer);
        Ok(link)
    }

    fn lost(&self, problem: String) -> StoreError {
        StoreError::Lost { place: self.database.to_string(), source: problem.into() }
    }

    /// Reads; once more with a new connection when the old one turns out to be lost.
    pub fn read<T>(&mut self, work: impl Fn(&Session) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.attempt(|link| work(link.connected()?))
    }

    fn attempt<T>(&mut self, work: impl Fn(&mut Link) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let first = work(self);
        match first {
            Err(error) if self.is_steady => Err(error),
            Err(error) if self.has_lost(&error) => {
                let again = work(self);
                match again {
                    Err(error) if self.has_lost(&error) => Err(self.lost(with_source(&error))),
                    other => other,
                }
            }
            other => other,
        }
    }

    /// Gives a connection up that an error shows to be of no use.
    fn has_lost(&mut self, error: &StoreError) -> bool {
        let is_lost = self.session.as_ref().is_some_and(|session| session.is_lost(error));
        if is_lost {
            self.session = None;
        }
        is_lost
    }

    /// Writes in one transaction of which `work` sends the statements; it gives nothing when somebody else has written
    /// since. Once more when the connection turns out to be lost, after what may be there has been taken back.
    pub fn write<T>(
        &mut self,
        undo: &Undo,
        work: impl Fn(&Session, &Writer, &str) -> Result<Option<T>, StoreError>,
    ) -> Result<T, StoreError> {
        self.attempt(|link| {
            link.connected()?;
            let (Some(session), Some(writer)) = (&link.session, &mut link.writer) else {
                unreachable!("only a writer writes, and it has just connected")
            };
            writer.doubt = Some(undo.clone());
            let done = work(session, writer, &link.schema);
            let done = match done {
                // In doubt until there is another connection.
                Err(error) if session.is_lost(&error) => return Err(error),
                done => done,
            };
            writer.doubt = None;
            match done {
                Ok(Some(done)) => {
                    writer.writes += 1;
                    Ok(done)
                }
                // Whoever it was: a new connection finds out.
                Ok(None) => {
                    link.session = None;
                    link.connected()?;
                    Err(link.lost("the journal was changed from elsewhere".to_owned()))
                }
                Err(error) => Err(full(error, &link.database)),
            }
        })
    }

    /// The connection, made again where need be.
    pub fn connected(&mut self) -> Result<&Session, StoreError> {
        if self.session.is_none() {
            self.may_connect()?;
            match self.connect() {
                Ok(session) => {
                    self.session = Some(session);
                    self.pause = FIRST_PAUSE;
                    self.blocked = None;
                }
                Err(error) => {
                    self.blocked = Some((Instant::now() + self.pause, with_source(&error)));
                    self.pause = (self.pause * 2).min(LAST_PAUSE);
                    let is_told = matches!(
                        error,
                        StoreError::TakenOver { .. } | StoreError::WentBack { .. } | StoreError::Held { .. }
                    );
                    return Err(if is_told { error } else { self.lost(with_source(&error)) });
                }
            }
        }
        Ok(self.session.as_ref().expect("it was just put there"))
    }

    fn may_connect(&self) -> Result<(), StoreError> {
        if let Some(ended) = self.writer.as_ref().and_then(|writer| writer.ended.as_ref()) {
            return Err(ended.error(&self.database));
        }
        match &self.blocked {
            Some((until, problem)) if Instant::now() < *until => Err(self.lost(problem.clone())),
            _ => Ok(()),
        }
    }

    fn connect(&mut self) -> Result<Session, StoreError> {
        let patience = self.writer.as_ref().map(|_| PATIENCE);
        let session = Session::connect(&self.database, patience)?;
        if let Some(writer) = &mut self.writer {
            writer.return_to(&session, &self.database)?;
        }
        Ok(session)
    }
}

/// An error with its causes, as one text.
fn with_source(error: &StoreError) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}

/// A full disk of the server, told apart.
fn full(error: StoreError, database: &Database) -> StoreError {
    match error {
        StoreError::Postgres(error) if error.code() == Some(&tokio_postgres::error::SqlState::DISK_FULL) => {
            StoreError::Full { place: database.to_string(), source: error.into() }
        }
        other => other,
    }
}

impl Ended {
    fn error(&self, database: &Database) -> StoreError {
        let place = database.to_string();
        match self {
            Ended::TakenOver(holder) => StoreError::TakenOver { place, holder: holder.clone() },
            Ended::WentBack { confirmed, found } => StoreError::WentBack {
                place,
                confirmed: confirmed.unsigned_abs(),
                found: found.unsigned_abs(),
            },
        }
    }
}

/// Makes this start of a host the one that writes. Numbers go on behind what is there.
fn open(session: &Session, database: &Database, backend: Backend) -> Result<Writer, StoreError> {
    let schema = database.schema();
    let sql = format!(
        "UPDATE {schema}.holder SET writes = writes + 1, machine = $1, process = $2, since = now(),
            opening = md5(random()::text || clock_timestamp()::text || pg_backend_pid()::text)::uuid,
            last_sequence = greatest((SELECT max(sequence) FROM {schema}.journal), (SELECT through FROM {schema}.pruned)),
            last_event = greatest(last_event, (SELECT max(number) FROM {schema}.events))
         RETURNING opening, writes, last_sequence, last_event"
    );
    let machine = if database.machine.is_empty() { "an unnamed machine" } else { &database.machine };
    let process = i64::from(std::process::id());
    let row = session.run(|client| async { client.query_one(&sql, &[&machine, &process]).await })?;
    Ok(Writer {
        opening: row.try_get(0)?,
        writes: row.try_get(1)?,
        last_sequence: row.try_get(2)?,
        last_event: row.try_get(3)?,
        counters: batch::counters(session, &schema)?,
        doubt: None,
        backend,
        ended: None,
    })
}

impl Writer {
    /// Of a schema that was just made and that nobody has opened.
    pub fn in_new(last_sequence: i64) -> Writer {
        Writer {
            opening: Uuid::nil(),
            writes: 0,
            last_sequence,
            last_event: 0,
            counters: AllCounters::new(),
            doubt: None,
            backend: Backend::default(),
            ended: None,
        }
    }

    /// Takes the lock again after a connection was lost, and leaves the journal as it was last confirmed.
    fn return_to(&mut self, session: &Session, database: &Database) -> Result<(), StoreError> {
        // First whether it is still ours: a successor has the lock, and need not be waited for.
        self.look(session, database, false)?;
        self.backend = lock::take(session, database, Some(&self.backend))?;
        // In writing, what an old connection has still under way is waited for, and comes too late after it.
        session.transact("BEGIN", || {
            let writes = self.look(session, database, true)?;
            let undone = self.writes + 2;
            if writes == self.writes + 1 {
                self.take_back(session, &database.schema())?;
            }
            session.execute(&format!("UPDATE {}.holder SET writes = {undone}", database.schema()))
        })?;
        self.writes += 2;
        self.doubt = None;
        Ok(())
    }

    /// How many transactions there were, as long as nobody else has opened the journal.
    fn look(&mut self, session: &Session, database: &Database, lock: bool) -> Result<i64, StoreError> {
        let lock = if lock { "FOR UPDATE" } else { "" };
        let sql = format!("SELECT opening, writes, last_sequence FROM {}.holder {lock}", database.schema());
        let row = session.run(|client| client.query_one(&sql, &[]))?;
        let (opening, writes, found): (Uuid, i64, i64) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        let ended = if opening != self.opening {
            let holder = lock::written(session, database)?;
            Some(Ended::TakenOver(holder.trim_end_matches("; ").to_owned()))
        } else if !(self.writes..=self.writes + 2).contains(&writes) {
            Some(Ended::WentBack { confirmed: self.last_sequence, found })
        } else {
            None
        };
        match ended {
            None => Ok(writes),
            Some(ended) => {
                let error = ended.error(database);
                self.ended = Some(ended);
                Err(error)
            }
        }
    }

    /// Takes away what the transaction in doubt wrote.
    fn take_back(&self, session: &Session, schema: &str) -> Result<(), StoreError> {
        let (last_sequence, last_event) = (self.last_sequence, self.last_event);
        session.execute(&format!(
            "DELETE FROM {schema}.journal WHERE sequence > {last_sequence};
             DELETE FROM {schema}.events WHERE number > {last_event};
             UPDATE {schema}.holder SET last_sequence = {last_sequence}, last_event = {last_event}"
        ))?;
        let undo = self.doubt.clone().unwrap_or_default();
        for (application, before) in &undo.counters {
            match before {
                Some(before) => batch::set_counters(session, schema, application, before)?,
                None => batch::forget_counters(session, schema, application)?,
            }
        }
        match &undo.meta {
            Some((key, value)) => batch::set_meta(session, schema, key, value.as_deref()),
            None => Ok(()),
        }
    }
}
