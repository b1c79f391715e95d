//! Who may open a store, in which versions, and how copies are made and put back.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use activation::journal::AllCounters;
use common::{append, open, row, rows};
use rusqlite::Connection;
use store::{
    BackupError, FILE, HostReader, HostStore, LOCK_FILE, LoadLimits, OpenError, OpenOptions, RestoreError,
    VERSION, restore,
};
use tempfile::tempdir;

/// All files of a folder with their bytes; the lock file tells who looked last.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names
        .filter(|name| name != LOCK_FILE)
        .map(|name| {
            let bytes = fs::read(folder.join(&name)).unwrap();
            (name, bytes)
        })
        .collect()
}

#[test]
fn a_second_writer_is_refused_and_readers_are_not() {
    let folder = tempdir().unwrap();
    let mut store = open(folder.path());
    append(&mut store, &mut AllCounters::new(), &rows(1..=5));
    let refused = HostStore::open(folder.path(), OpenOptions::default()).unwrap_err();
    let text = refused.to_string();
    assert!(text.contains(folder.path().to_str().unwrap()), "{text}");
    assert!(text.contains(&format!("process {} since 20", std::process::id())), "{text}");

    let reader = HostReader::open(folder.path()).unwrap();
    assert_eq!(reader.entries(0, 10).unwrap().len(), 5);
    store.append(&rows([6]), &[], &[]).unwrap();
    assert_eq!(reader.entries(0, 10).unwrap().len(), 6);
    drop(store);
    open(folder.path()).append(&rows([7]), &[], &[]).unwrap();
    assert_eq!(
        HostReader::open(folder.path()).unwrap().load(&LoadLimits::default()).unwrap().last_sequence,
        7
    );
}

/// Or they could keep the host from starting.
#[cfg(unix)]
#[test]
fn nobody_else_can_take_the_lock() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempdir().unwrap();
    let lock = folder.path().join(LOCK_FILE);
    let mode = || std::fs::metadata(&lock).unwrap().permissions().mode() & 0o777;
    drop(open(folder.path()));
    assert_eq!(mode(), 0o600);
    std::fs::set_permissions(&lock, std::fs::Permissions::from_mode(0o644)).unwrap();
    drop(open(folder.path()));
    assert_eq!(mode(), 0o600);
}

#[test]
fn where_nothing_is_nothing_is_made_unasked() {
    let folder = tempdir().unwrap();
    let options = OpenOptions { create: false, ..OpenOptions::default() };
    assert!(matches!(HostStore::open(folder.path(), options), Err(OpenError::Missing(_))));
    assert!(matches!(HostReader::open(folder.path()), Err(OpenError::Missing(_))));
    assert!(files(folder.path()).is_empty());
    let nowhere = folder.path().join("nowhere");
    assert!(matches!(HostStore::open(&nowhere, OpenOptions::default()), Err(OpenError::Lock { .. })));
}

#[test]
fn a_store_of_version_1_is_brought_up() {
    let folder = tempdir().unwrap();
    let file = folder.path().join(FILE);
    Connection::open(&file).unwrap().execute_batch(include_str!("version_1.sql")).unwrap();
    let mut store = open(folder.path());
    let kept = store.entries(0, 10).unwrap();
    assert_eq!(kept.iter().map(|row| row.entry.sequence).collect::<Vec<_>>(), [3, 4, 5]);
    assert_eq!(kept[1].entry.machine_name, "pc-4.contoso.com");
    assert_eq!(kept[2].counted_n_policy, 25);
    assert!(store.check().unwrap().problems.is_empty());
    assert_eq!(store.meta_get("port").unwrap().as_deref(), Some("1688"));
    let loaded = store.load(&LoadLimits::default()).unwrap();
    assert_eq!(loaded.counters.values().map(|counters| counters.total).sum::<u64>(), 5);
    assert_eq!(loaded.contacts[0].1.len(), 2);
    store.append(&[row(6)], &[], &[]).unwrap();
    drop(store);

    // Whatever way it came: the same tables as in a new one.
    let new = tempdir().unwrap();
    drop(open(new.path()));
    let tables = |folder: &Path| -> Vec<String> {
        let connection = Connection::open(folder.join(FILE)).unwrap();
        let mut statement =
            connection.prepare("SELECT coalesce(sql, name) FROM sqlite_schema ORDER BY name").unwrap();
        let texts = statement.query_map([], |row| row.get(0)).unwrap();
        texts.collect::<Result<_, _>>().unwrap()
    };
    assert_eq!(tables(folder.path()), tables(new.path()));
}

#[test]
fn newer_and_foreign_files_stay_as_they_are() {
    let newer = VERSION + 1;
    let newer_sql = format!(
        "PRAGMA application_id = {}; PRAGMA user_version = {newer}; CREATE TABLE a (x);",
        0x6b6d_7368
    );
    for (sql, is_newer) in [(newer_sql.as_str(), true), ("CREATE TABLE a (x)", false)] {
        let folder = tempdir().unwrap();
        Connection::open(folder.path().join(FILE)).unwrap().execute_batch(sql).unwrap();
        let before = files(folder.path());
        let writer = HostStore::open(folder.path(), OpenOptions::default()).unwrap_err();
        let reader = HostReader::open(folder.path()).unwrap_err();
        for refused in [writer, reader] {
            match refused {
                OpenError::Newer { found, .. } => assert!(is_newer && found == newer),
                other => assert!(!is_newer && matches!(other, OpenError::Foreign(_)), "{other}"),
            }
        }
        assert_eq!(files(folder.path()), before);
    }
    let folder = tempdir().unwrap();
    fs::write(folder.path().join(FILE), "no database at all, but some text of a kind").unwrap();
    let refused = HostStore::open(folder.path(), OpenOptions::default());
    assert!(matches!(refused, Err(OpenError::Sqlite { .. })));
}

#[test]
fn a_copy_is_made_beside_the_writer_and_put_back() {
    let (folder, elsewhere) = (tempdir().unwrap(), tempdir().unwrap());
    let copy = elsewhere.path().join("host-copy.db");
    let mut store = open(folder.path());
    let mut counters = AllCounters::new();
    append(&mut store, &mut counters, &rows(1..=50));
    store.backup(&copy).unwrap();
    assert!(matches!(store.backup(&copy), Err(BackupError::Exists(_))));
    assert_eq!(files(elsewhere.path()).len(), 1, "nothing but the copy");
    append(&mut store, &mut counters, &rows(51..=60));
    assert!(matches!(restore(&copy, folder.path()), Err(RestoreError::Open(OpenError::InUse { .. }))));
    drop(store);

    let aside = restore(&copy, folder.path()).unwrap().unwrap();
    let store = open(folder.path());
    assert_eq!(store.entries(0, 100).unwrap(), rows(1..=50));
    assert!(store.check().unwrap().problems.is_empty());
    drop(store);
    let kept = tempdir().unwrap();
    fs::rename(aside, kept.path().join(FILE)).unwrap();
    assert_eq!(open(kept.path()).entries(0, 100).unwrap(), rows(1..=60), "the replaced store is whole");

    let empty = tempdir().unwrap();
    assert_eq!(restore(&copy, empty.path()).unwrap(), None);
    assert_eq!(open(empty.path()).next_sequence(), 51);
}

#[test]
fn what_is_damaged_or_not_ours_is_not_put_back() {
    let (folder, elsewhere) = (tempdir().unwrap(), tempdir().unwrap());
    let mut store = open(folder.path());
    append(&mut store, &mut AllCounters::new(), &rows(1..=500));
    let good = elsewhere.path().join("good.db");
    store.backup(&good).unwrap();
    drop(store);
    let before = files(folder.path());
    let bytes = fs::read(&good).unwrap();
    let damaged = |at: usize, length: usize| {
        let mut damaged = bytes.clone();
        damaged[at..at + length].fill(0xff);
        damaged
    };
    let foreign = {
        let file = elsewhere.path().join("other.db");
        Connection::open(&file).unwrap().execute_batch("CREATE TABLE a (x)").unwrap();
        fs::read(file).unwrap()
    };
    let cases = [
        damaged(0, 16),
        damaged(4096, 4096),
        damaged(bytes.len() - 4096, 100),
        bytes[..bytes.len() - 4096].to_vec(),
        bytes[..20].to_vec(),
        Vec::new(),
        foreign,
    ];
    for (number, case) in cases.iter().enumerate() {
        let copy = elsewhere.path().join(format!("{number}.db"));
        fs::write(&copy, case).unwrap();
        let refused = restore(&copy, folder.path()).unwrap_err();
        let is_told = match number {
            1 | 2 => matches!(refused, RestoreError::Damaged { .. }),
            5 | 6 => matches!(refused, RestoreError::Open(OpenError::Foreign(_))),
            _ => true,
        };
        assert!(is_told, "{number}: {refused:?}");
        assert_eq!(files(folder.path()), before, "{number}");
    }
    assert!(restore(&elsewhere.path().join("absent.db"), folder.path()).is_err());
    restore(&good, folder.path()).unwrap();
}

#[test]
fn damage_is_found() {
    let folder = tempdir().unwrap();
    let mut store = open(folder.path());
    append(&mut store, &mut AllCounters::new(), &rows(1..=100));
    drop(store);
    let connection = Connection::open(folder.path().join(FILE)).unwrap();
    assert!(connection.execute("UPDATE journal SET count = 1", []).is_err(), "append-only");
    connection
        .execute_batch(
            "DELETE FROM journal WHERE sequence IN (1, 7, 8); DELETE FROM counters; DELETE FROM blocks",
        )
        .unwrap();
    drop(connection);
    let problems = open(folder.path()).check().unwrap().problems;
    let texts: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        texts[..3],
        [
            "2 rows of the journal are missing",
            "the journal begins at 2, and was pruned up to 0",
            "97 rows can't be found by their time",
        ]
    );
    assert_eq!(texts.len(), 5, "{texts:?}");
}
