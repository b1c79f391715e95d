//! What only PostgreSQL can do to a journal: lose connections, have successors, lie about commits, and be somebody
//! else's.
#![cfg(unix)]

mod common;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};

use activation::journal::AllCounters;
use common::server::Server;
use common::{Kept, NOW, append, counted, holds, open, row, rows, server, write};
use store::{
    BackupError, HostReader, HostStore, OpenError, OpenOptions, Place, RestoreError, StoreError, restore,
};
use tempfile::tempdir;

fn at(url: &str) -> Place {
    Place::Database(Box::new(url.parse().unwrap()))
}

fn refused(place: &Place) -> OpenError {
    HostStore::at(place, OpenOptions::default()).unwrap_err()
}

/// Ends the connection that has the lock, as an admin would.
fn end_holder(server: &Server, schema: &str) {
    let journal = schema.trim_start_matches("kmscope_host_");
    let ended = server.sql(&format!(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_locks JOIN pg_stat_activity USING (pid)
         WHERE locktype = 'advisory' AND application_name = 'kmscope host {journal}'"
    ));
    assert_eq!(ended, "1");
}

#[test]
fn a_second_writer_is_told_who_holds_the_journal() {
    let (Some(server), Some(kept)) = (server(), Kept::in_database()) else { return };
    let Place::Database(database) = &kept.place else { panic!("a database") };
    let first = Place::Database(Box::new((**database).clone().on_machine("kms01")));
    let mut store = HostStore::at(&first, OpenOptions::default()).unwrap();
    append(&mut store, &mut AllCounters::new(), &rows(1..=5));
    let text = refused(&kept.place).to_string();
    let process = format!("process {} of kms01 since 20", std::process::id());
    for part in [&process, "kmscope host kms01, backend ", &format!("{} is in use by", kept.place)] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(kept.reader().entries(0, 10).unwrap().len(), 5, "readers are not turned away");
    // Another journal of the same database is another's.
    drop(HostStore::at(&at(&server.journal("t_other")), OpenOptions::default()).unwrap());
    drop(store);
    append(&mut kept.open(), &mut counted(&rows(1..=5)), &rows([6]));
    holds(&kept.place, &rows(1..=6));
}

#[test]
fn a_connection_that_was_idle_is_made_again() {
    let (Some(server), Some(kept)) = (server(), Kept::in_database()) else { return };
    let (mut store, mut all) = (kept.open(), AllCounters::new());
    let reader = kept.reader();
    write(&mut store, &mut all, &rows(1..=3)).unwrap();
    assert_eq!(reader.status().unwrap().last_sequence, 3);
    end_holder(server, &kept.schema());
    write(&mut store, &mut all, &rows(4..=6)).unwrap();
    end_holder(server, &kept.schema());
    store.set_setting(NOW, "port", Some("1688")).unwrap();
    end_holder(server, &kept.schema());
    assert_eq!(store.prune(NOW).unwrap(), 0);
    assert_eq!(reader.status().unwrap().last_sequence, 6);
    assert!(matches!(refused(&kept.place), OpenError::InUse { .. }), "the lock was taken again");
    holds(&kept.place, &rows(1..=6));
}

#[test]
fn a_successor_keeps_the_one_before_from_writing_for_good() {
    let (Some(server), Some(kept)) = (server(), Kept::in_database()) else { return };
    let (mut former, mut all) = (kept.open(), AllCounters::new());
    write(&mut former, &mut all, &rows(1..=3)).unwrap();
    end_holder(server, &kept.schema());
    let mut successor = kept.open();
    let mut theirs = all.clone();
    write(&mut successor, &mut theirs, &rows(4..=5)).unwrap();
    let told = write(&mut former, &mut all, &rows(4..=9)).unwrap_err();
    assert!(matches!(told, StoreError::TakenOver { .. }), "{told:?}");
    assert!(told.to_string().contains(&format!("taken over by process {}", std::process::id())), "{told}");
    write(&mut successor, &mut theirs, &rows(6..=7)).unwrap();
    drop(successor);
    let told = write(&mut former, &mut all, &rows(4..=9)).unwrap_err();
    assert!(matches!(told, StoreError::TakenOver { .. }), "also when the successor has gone: {told:?}");
    assert!(matches!(former.meta_set("a", Some("b")), Err(StoreError::TakenOver { .. })));
    assert!(matches!(former.prune(NOW.plus(1_000_000_000)), Err(StoreError::TakenOver { .. })));
    holds(&kept.place, &rows(1..=7));
}

#[test]
fn a_writer_without_its_lock_does_not_write_either() {
    let (Some(server), Some(kept)) = (server(), Kept::in_database()) else { return };
    let (mut store, mut all) = (kept.open(), AllCounters::new());
    write(&mut store, &mut all, &rows(1..=3)).unwrap();
    // As if a pooler had given the session, and its lock, to somebody else.
    let steal = "UPDATE {}.holder SET opening = '00000000-0000-0000-0000-000000000001', machine = 'kms02'";
    server.sql(&steal.replace("{}", &kept.schema()));
    let told = write(&mut store, &mut all, &rows(4..=6)).unwrap_err();
    assert!(matches!(told, StoreError::TakenOver { .. }) && told.to_string().contains("kms02"), "{told:?}");
    holds(&kept.place, &rows(1..=3));
}

#[test]
fn a_database_that_forgot_rows_is_told() {
    let (Some(server), Some(kept)) = (server(), Kept::in_database()) else { return };
    let (mut store, mut all) = (kept.open(), AllCounters::new());
    for sequence in 1..=9 {
        write(&mut store, &mut all, &rows([sequence])).unwrap();
    }
    // A replica without the last rows takes over.
    let schema = kept.schema();
    server.sql(&format!(
        "DELETE FROM {schema}.journal WHERE sequence > 5; UPDATE {schema}.holder SET last_sequence = 5, writes = writes - 4"
    ));
    let told = write(&mut store, &mut all, &rows([10])).unwrap_err();
    assert!(matches!(told, StoreError::WentBack { confirmed: 9, found: 5, .. }), "{told:?}");
    drop(store);
    assert_eq!(kept.open().next_sequence(), 6, "a new start goes on from what is there");
}

const OPEN: u8 = 0;
/// What comes is passed on; the first answer cuts the cable.
const SWALLOW: u8 = 1;
const CUT: u8 = 2;

/// A cable to the server that can be cut when the server has answered and the client does not know it yet.
struct Cable {
    url: String,
    state: Arc<AtomicU8>,
    swallowed: Arc<AtomicU32>,
}

impl Cable {
    fn to(server: &Server, journal: &str) -> Cable {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let url = server.journal_by_tcp(journal).replace(&format!(":{}/", server.port), &format!(":{port}/"));
        let (state, swallowed) = (Arc::new(AtomicU8::new(OPEN)), Arc::new(AtomicU32::new(0)));
        let (seen, count, server_port) = (state.clone(), swallowed.clone(), server.port);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if seen.load(Ordering::SeqCst) == CUT {
                    continue;
                }
                let Ok(server) = TcpStream::connect(("127.0.0.1", server_port)) else { continue };
                pass(&client, &server, |_| true);
                let (seen, count) = (seen.clone(), count.clone());
                pass(&server, &client, move |_| {
                    let cuts =
                        seen.compare_exchange(SWALLOW, CUT, Ordering::SeqCst, Ordering::SeqCst).is_ok();
                    count.fetch_add(u32::from(cuts), Ordering::SeqCst);
                    seen.load(Ordering::SeqCst) == OPEN
                });
            }
        });
        Cable { url: format!("{url}&sslmode=disable"), state, swallowed }
    }

    fn set(&self, state: u8) {
        self.state.store(state, Ordering::SeqCst);
    }
}

/// Passes bytes on while it may; then both sides are cut off.
fn pass(from: &TcpStream, to: &TcpStream, may: impl Fn(&[u8]) -> bool + Send + 'static) {
    let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
    std::thread::spawn(move || {
        let mut chunk = [0; 16 << 10];
        while let Ok(count @ 1..) = from.read(&mut chunk) {
            if !may(&chunk[..count]) || to.write_all(&chunk[..count]).is_err() {
                break;
            }
        }
        let _ = from.shutdown(std::net::Shutdown::Both);
        let _ = to.shutdown(std::net::Shutdown::Both);
    });
}

#[test]
fn a_commit_of_which_nobody_was_told_is_taken_back() {
    let (Some(server), Some(_)) = (server(), Kept::in_database()) else { return };
    let (cable, direct) = (Cable::to(server, "t_doubt"), at(&server.journal("t_doubt")));
    let mut store = HostStore::at(&at(&cable.url), OpenOptions::default()).unwrap();
    let mut all = AllCounters::new();
    write(&mut store, &mut all, &rows(1..=3)).unwrap();
    store.set_setting(NOW, "port", Some("1688")).unwrap();

    cable.set(SWALLOW);
    let told = write(&mut store, &mut all, &rows(4..=6)).unwrap_err();
    assert!(matches!(told, StoreError::Lost { .. }), "{told:?}");
    assert_eq!(cable.swallowed.load(Ordering::SeqCst), 1);
    let kept = HostReader::at(&direct).unwrap();
    assert_eq!(kept.entries(0, 99).unwrap(), rows(1..=6), "the server has committed what nobody was told of");
    assert!(write(&mut store, &mut all, &rows([4])).is_err(), "there is no connection");

    // The same number for another request: whoever was told of none asks again.
    cable.set(OPEN);
    let mut other = row(4);
    other.entry.cmid = common::machine(77);
    let again = || {
        common_until(|store: &mut HostStore, all: &mut AllCounters| {
            write(store, all, std::slice::from_ref(&other))
        })
    };
    again()(&mut store, &mut all);
    let expected = [rows(1..=3), vec![other.clone()]].concat();
    holds(&direct, &expected);

    // A setting that nobody was told of is not set, and has left no event.
    cable.set(SWALLOW);
    assert!(matches!(store.set_setting(NOW, "port", Some("1689")), Err(StoreError::Lost { .. })));
    cable.set(OPEN);
    common_until(|store: &mut HostStore, all: &mut AllCounters| write(store, all, &rows([5])))(
        &mut store, &mut all,
    );
    assert_eq!(kept.meta_get("port").unwrap().as_deref(), Some("1688"));
    assert_eq!(kept.events(NOW, NOW.plus(1), 0, 99).unwrap().len(), 1);
    holds(&direct, &[expected, rows([5])].concat());
}

type Attempt<'a> = Box<dyn FnMut(&mut HostStore, &mut AllCounters) + 'a>;

/// Tries until there is a connection again: pauses between tries grow to seconds at most.
fn common_until<'a>(
    mut attempt: impl FnMut(&mut HostStore, &mut AllCounters) -> Result<(), StoreError> + 'a,
) -> Attempt<'a> {
    Box::new(move |store, all| {
        let end = std::time::Instant::now() + std::time::Duration::from_secs(30);
        while let Err(error) = attempt(store, all) {
            assert!(matches!(error, StoreError::Lost { .. }) && std::time::Instant::now() < end, "{error:?}");
            std::thread::park_timeout(std::time::Duration::from_millis(20));
        }
    })
}

#[test]
fn a_commit_in_doubt_is_written_again_where_the_server_is_there() {
    let (Some(server), Some(_)) = (server(), Kept::in_database()) else { return };
    let cable = Cable::to(server, "t_again");
    let mut store = HostStore::at(&at(&cable.url), OpenOptions::default()).unwrap();
    let mut all = AllCounters::new();
    for round in 0..5 {
        let state = cable.state.clone();
        cable.set(SWALLOW);
        // The cable is whole again as soon as it was cut.
        let mender = std::thread::spawn(move || {
            while state.compare_exchange(CUT, OPEN, Ordering::SeqCst, Ordering::SeqCst).is_err() {
                std::thread::yield_now();
            }
        });
        let first = round * 3 + 1;
        common_until(|store: &mut HostStore, all: &mut AllCounters| {
            write(store, all, &rows(first..first + 3))
        })(&mut store, &mut all);
        mender.join().unwrap();
    }
    assert_eq!(cable.swallowed.load(Ordering::SeqCst), 5);
    holds(&at(&server.journal("t_again")), &rows(1..=15));
}

#[test]
fn newer_and_foreign_schemas_stay_as_they_are() {
    let Some(server) = server() else { return };
    let place = at(&server.journal("t_newer"));
    assert!(matches!(HostReader::at(&place), Err(OpenError::Missing(_))));
    let options = OpenOptions { create: false, ..OpenOptions::default() };
    assert!(matches!(HostStore::at(&place, options), Err(OpenError::Missing(_))));
    drop(HostStore::at(&place, OpenOptions::default()).unwrap());
    server.sql("UPDATE kmscope_host_t_newer.version SET version = 99");
    for found in [refused(&place), HostReader::at(&place).unwrap_err()] {
        assert!(matches!(found, OpenError::Newer { found: 99, known: 1, .. }), "{found:?}");
    }
    for (name, sql) in [
        ("t_foreign1", "CREATE TABLE {}.a (x int)"),
        ("t_foreign2", "CREATE TABLE {}.version (version int); INSERT INTO {}.version VALUES (1)"),
        ("t_foreign3", "CREATE TABLE {}.version (application text, version bigint)"),
    ] {
        let schema = format!("kmscope_host_{name}");
        server.sql(&format!("CREATE SCHEMA {schema}; {}", sql.replace("{}", &schema)));
        let place = at(&server.journal(name));
        for found in [refused(&place), HostReader::at(&place).unwrap_err()] {
            assert!(
                matches!(&found, OpenError::Foreign(what) if what.contains(&schema)),
                "{name}: {found:?}"
            );
        }
        assert!(matches!(place.restore(Path::new("/absent")), Err(RestoreError::Open(_))));
        assert_eq!(server.sql(&format!("SELECT count(*) FROM pg_tables WHERE schemaname = '{schema}'")), "1");
    }
    // One that an administrator made for us.
    server.sql("CREATE SCHEMA kmscope_host_t_empty");
    let place = at(&server.journal("t_empty"));
    assert!(matches!(HostReader::at(&place), Err(OpenError::Missing(_))));
    append(
        &mut HostStore::at(&place, OpenOptions::default()).unwrap(),
        &mut AllCounters::new(),
        &rows(1..=3),
    );
    holds(&place, &rows(1..=3));
}

#[test]
fn a_copy_moves_a_journal_between_engines_and_back() {
    let (Some(server), Some(kept)) = (server(), Kept::in_database()) else { return };
    let elsewhere = tempdir().unwrap();
    let copy = elsewhere.path().join("copy.db");
    let (mut store, mut all) = (kept.open(), AllCounters::new());
    append(&mut store, &mut all, &rows(1..=5000));
    store.set_setting(NOW, "port", Some("1688")).unwrap();
    store.append(&[], &[], &[(NOW, activation::event::Event::InitializationFailed { hresult: 7 })]).unwrap();
    // Some are pruned: the count needs only 30 days before the last.
    let mut late = row(5001);
    late.entry.at = NOW.plus(90 * 86_400);
    late.entry.hresult = 0;
    append(&mut store, &mut all, std::slice::from_ref(&late));
    assert_eq!(store.prune(NOW.plus(50 * 86_400)).unwrap(), 1000);
    store.backup(&copy).unwrap();
    assert!(matches!(store.backup(&copy), Err(BackupError::Exists(_))));
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 1, "nothing but the copy");

    let folder = tempdir().unwrap();
    assert_eq!(restore(&copy, folder.path()).unwrap(), None);
    let moved = open(folder.path());
    let expected = [rows(1001..=5000), vec![late]].concat();
    let events = store.events(NOW, NOW.plus(1), 0, 9).unwrap();
    assert_eq!(events.len(), 2);
    let same = |reader: &HostReader| {
        assert_eq!(reader.entries(0, u32::MAX).unwrap(), expected);
        assert_eq!(reader.counters().unwrap(), all);
        assert_eq!(reader.check().unwrap().problems, vec![]);
        assert_eq!(reader.meta().unwrap(), [("port".to_owned(), "1688".to_owned())]);
        assert_eq!(reader.events(NOW, NOW.plus(1), 0, 9).unwrap(), events);
    };
    same(&store);
    same(&moved);

    // And back, into another journal and into the one that it came from.
    let second = elsewhere.path().join("second.db");
    moved.backup(&second).unwrap();
    let fresh = at(&server.journal("t_moved"));
    assert_eq!(fresh.restore(&second).unwrap(), None);
    same(&HostReader::at(&fresh).unwrap());
    assert_eq!(HostStore::at(&fresh, OpenOptions::default()).unwrap().next_sequence(), 5002);
    assert!(matches!(kept.place.restore(&second), Err(RestoreError::Open(OpenError::InUse { .. }))));
    end_holder(server, &kept.schema());
    let aside = kept.place.restore(&second).unwrap().unwrap();
    assert_eq!(server.sql(&format!("SELECT count(*) FROM {aside}.journal")), "4001");
    same(&kept.reader());
    // Whoever wrote before the copy was put back writes no more.
    let told = write(&mut store, &mut all.clone(), &rows([5002])).unwrap_err();
    assert!(matches!(told, StoreError::TakenOver { .. }), "{told:?}");
    let mut next = kept.open();
    next.append(&[], &[], &[(NOW, activation::event::Event::InitializationFailed { hresult: 8 })]).unwrap();
    assert_eq!(next.events(NOW, NOW.plus(1), 3, 9).unwrap().len(), 1, "events are numbered on");
}

#[test]
fn a_full_disk_of_the_server_is_told_and_survived() {
    let (Some(server), Some(kept)) = (server(), Kept::in_database()) else { return };
    let (mut store, mut all) = (kept.open(), AllCounters::new());
    write(&mut store, &mut all, &rows(1..=3)).unwrap();
    // What the server says when there is no room for a table.
    let schema = kept.schema();
    server.sql(&format!(
        "CREATE FUNCTION {schema}.no_room() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = '53100'; END $$;
         CREATE TRIGGER no_room BEFORE INSERT ON {schema}.counters FOR EACH ROW EXECUTE FUNCTION {schema}.no_room()"
    ));
    let told = write(&mut store, &mut all, &rows(4..=6)).unwrap_err();
    assert!(matches!(told, StoreError::Full { .. }), "{told:?}");
    server.sql(&format!("DROP TRIGGER no_room ON {schema}.counters"));
    write(&mut store, &mut all, &rows(4..=5)).unwrap();
    holds(&kept.place, &rows(1..=5));
}

#[test]
fn a_role_needs_no_more_than_a_schema_of_its_own() {
    let Some(server) = server() else { return };
    let password = common::server::PASSWORD;
    server.sql(&format!(
        "CREATE ROLE limited LOGIN PASSWORD '{password}'; CREATE ROLE watcher LOGIN PASSWORD '{password}';
         ALTER ROLE limited SET synchronous_commit = off;
         CREATE SCHEMA kmscope_host_t_limited AUTHORIZATION limited"
    ));
    let by = |role: &str| at(&server.journal_by_tcp("t_limited").replace("//kms:", &format!("//{role}:")));
    let (mut store, mut all) =
        (HostStore::at(&by("limited"), OpenOptions::default()).unwrap(), AllCounters::new());
    write(&mut store, &mut all, &rows(1..=3)).unwrap();
    assert!(matches!(refused(&by("limited")), OpenError::InUse { .. }));
    assert!(matches!(refused(&at(&server.journal("t_limited"))), OpenError::InUse { .. }));
    holds(&by("limited"), &rows(1..=3));
    // Whoever may only read needs no more than that.
    server.sql(
        "GRANT USAGE ON SCHEMA kmscope_host_t_limited TO watcher;
         GRANT SELECT ON ALL TABLES IN SCHEMA kmscope_host_t_limited TO watcher",
    );
    holds(&by("watcher"), &rows(1..=3));
    let refused = refused(&at(&server.journal_by_tcp("t_none").replace("//kms:", "//limited:")));
    assert!(format!("{refused:?}").contains("permission denied"), "{refused:?}");
    drop(store);
    let copy = tempdir().unwrap();
    let file = copy.path().join("copy.db");
    HostReader::at(&by("watcher")).unwrap().backup(&file).unwrap();
    let error = by("limited").restore(&file).unwrap_err();
    assert!(format!("{error:?}").contains("permission denied"), "{error:?}");
    holds(&by("limited"), &rows(1..=3));
}

#[test]
fn a_database_in_another_encoding_is_refused() {
    let Some(server) = server() else { return };
    server.sql("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'");
    let error = refused(&at(&server.journal("t").replace("/postgres?", "/latin?")));
    assert!(format!("{error:?}").contains("Encoding(\"LATIN1\")"), "{error:?}");
}

#[test]
fn damaged_copies_leave_the_journal_as_it_is() {
    let (Some(_), Some(kept)) = (server(), Kept::in_database()) else { return };
    append(&mut kept.open(), &mut AllCounters::new(), &rows(1..=500));
    let elsewhere = tempdir().unwrap();
    let copy = elsewhere.path().join("copy.db");
    kept.reader().backup(&copy).unwrap();
    let mut bytes = std::fs::read(&copy).unwrap();
    bytes[4096..8192].fill(0xff);
    std::fs::write(&copy, bytes).unwrap();
    assert!(matches!(kept.place.restore(&copy), Err(RestoreError::Damaged { .. })));
    holds(&kept.place, &rows(1..=500));
}

#[test]
fn damage_is_found() {
    let (Some(server), Some(kept)) = (server(), Kept::in_database()) else { return };
    append(&mut kept.open(), &mut AllCounters::new(), &rows(1..=100));
    let schema = kept.schema();
    let change = format!("UPDATE {schema}.journal SET count = 1");
    assert!(server.try_sql(&change).unwrap_err().contains("append-only"));
    server.sql(&format!(
        "DELETE FROM {schema}.journal WHERE sequence IN (1, 7, 8, 100); DELETE FROM {schema}.counters;
         DELETE FROM {schema}.blocks"
    ));
    let problems = kept.reader().check().unwrap().problems;
    let texts: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        texts[..4],
        [
            "the store is damaged: the last row is 99, and the last host wrote up to 100",
            "2 rows of the journal are missing",
            "the journal begins at 2, and was pruned up to 0",
            "96 rows can't be found by their time",
        ]
    );
    assert_eq!(texts.len(), 6, "{texts:?}");
}
