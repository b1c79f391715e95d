-- Version 1. Never change this file once it has been released: add the next step beside it.

-- Every processed request. What a start has to read stands in front; no index but the sequence, so that a journal of
-- many millions takes a row as quickly as an empty one.
CREATE TABLE journal (
    sequence INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    hresult INTEGER NOT NULL,
    application_id BLOB NOT NULL,
    cmid BLOB NOT NULL,
    counted_n_policy INTEGER NOT NULL,
    count INTEGER NOT NULL,
    n_policy INTEGER NOT NULL,
    activation_id BLOB NOT NULL,
    client_time INTEGER NOT NULL,
    vm_info INTEGER NOT NULL,
    license_status INTEGER NOT NULL,
    minutes_to_expiration INTEGER NOT NULL,
    machine_name TEXT NOT NULL
) STRICT;

CREATE TRIGGER journal_is_append_only BEFORE UPDATE ON journal BEGIN
    SELECT RAISE(ABORT, 'the journal is append-only');
END;

-- The times that lie within each 4096 sequence numbers, so that a day is found without reading the year. One row for
-- thousands of requests, and right also when the clock was set back.
CREATE TABLE blocks (
    block INTEGER PRIMARY KEY,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL
) STRICT;

-- Up to which sequence number the journal was pruned: numbers go on also when nothing is left.
CREATE TABLE pruned (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    through INTEGER NOT NULL
) STRICT;
INSERT INTO pruned VALUES (1, 0);

CREATE TABLE counters (
    application_id BLOB PRIMARY KEY,
    total INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    status_0 INTEGER NOT NULL,
    status_1 INTEGER NOT NULL,
    status_2 INTEGER NOT NULL,
    status_3 INTEGER NOT NULL,
    status_4 INTEGER NOT NULL,
    status_5 INTEGER NOT NULL,
    status_6 INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Events other than processed requests, and changes of settings (id 0).
CREATE TABLE events (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    id INTEGER NOT NULL,
    fields TEXT NOT NULL
) STRICT;

-- Settings and what else must be remembered in a word or two.
CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
