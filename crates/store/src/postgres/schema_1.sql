-- Version 1. Never change this file once it has been released: add the next step beside it.
-- {schema} stands for the journal's own schema.

-- Who writes: the lock tells that somebody does, this row sees to it that nobody else can. Each transaction changes it,
-- and only if it is as the last one left it.
CREATE TABLE {schema}.holder (
    only_row integer PRIMARY KEY CHECK (only_row = 1),
    -- Another one for each start of a host.
    opening uuid NOT NULL,
    -- Transactions so far; tells whether one of which the answer was lost is there.
    writes bigint NOT NULL,
    last_sequence bigint NOT NULL,
    last_event bigint NOT NULL,
    machine text NOT NULL,
    process bigint NOT NULL,
    since timestamptz NOT NULL
);
INSERT INTO {schema}.holder VALUES (1, '00000000-0000-0000-0000-000000000000', 0, 0, 0, '', 0, now());

-- Every processed request. The name in UTF-8: what a machine calls itself may hold what no text of PostgreSQL holds.
CREATE TABLE {schema}.journal (
    sequence bigint PRIMARY KEY,
    at bigint NOT NULL,
    hresult bigint NOT NULL,
    application_id uuid NOT NULL,
    cmid uuid NOT NULL,
    counted_n_policy bigint NOT NULL,
    count bigint NOT NULL,
    n_policy bigint NOT NULL,
    activation_id uuid NOT NULL,
    client_time bigint NOT NULL,
    vm_info bigint NOT NULL,
    license_status bigint NOT NULL,
    minutes_to_expiration bigint NOT NULL,
    machine_name bytea NOT NULL
);

CREATE FUNCTION {schema}.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the journal is append-only';
END $$;
CREATE TRIGGER journal_is_append_only BEFORE UPDATE ON {schema}.journal
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refuse_change();

-- The times that lie within each 4096 sequence numbers, so that a day is found without reading the year.
CREATE TABLE {schema}.blocks (
    block bigint PRIMARY KEY,
    first_at bigint NOT NULL,
    last_at bigint NOT NULL
);

-- Up to which sequence number the journal was pruned: numbers go on also when nothing is left.
CREATE TABLE {schema}.pruned (
    only_row integer PRIMARY KEY CHECK (only_row = 1),
    through bigint NOT NULL
);
INSERT INTO {schema}.pruned VALUES (1, 0);

CREATE TABLE {schema}.counters (
    application_id uuid PRIMARY KEY,
    total bigint NOT NULL,
    failed bigint NOT NULL,
    status_0 bigint NOT NULL,
    status_1 bigint NOT NULL,
    status_2 bigint NOT NULL,
    status_3 bigint NOT NULL,
    status_4 bigint NOT NULL,
    status_5 bigint NOT NULL,
    status_6 bigint NOT NULL
);

-- Events other than processed requests, and changes of settings (id 0).
CREATE TABLE {schema}.events (
    number bigint PRIMARY KEY,
    at bigint NOT NULL,
    id bigint NOT NULL,
    fields text NOT NULL
);

-- Settings and what else must be remembered in a word or two.
CREATE TABLE {schema}.meta (
    key text PRIMARY KEY,
    value text NOT NULL
);
