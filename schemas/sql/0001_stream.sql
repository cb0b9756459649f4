-- The durable stream: what came in, what became of it, and how far each consumer has read.
-- One text for SQLite and PostgreSQL; the few differences (BLOB, INTEGER PRIMARY KEY, WITHOUT ROWID) are rewritten in
-- hub/store/dialect. Columns that end in _at are UTC microseconds. Ids are made by base/ids.

CREATE TABLE orgs (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL
);

-- Accounts of the configuration file, so that rows can refer to them by number. The configuration stays in the file.
CREATE TABLE accounts (
    id INTEGER PRIMARY KEY,
    org BIGINT NOT NULL REFERENCES orgs(id),
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    channel TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'connected',
    state_reason TEXT NOT NULL DEFAULT '',
    changed_at BIGINT NOT NULL,
    UNIQUE (org, name)
);

-- Callbacks as they came, byte for byte. state: 0 done, 1 quarantine, 2 replayed.
CREATE TABLE raw_requests (
    id INTEGER PRIMARY KEY,
    org BIGINT NOT NULL,
    account BIGINT NOT NULL,
    method TEXT NOT NULL,
    target TEXT NOT NULL,
    headers TEXT NOT NULL,
    body BLOB NOT NULL,
    state SMALLINT NOT NULL,
    reason TEXT NOT NULL,
    received_at BIGINT NOT NULL
);
CREATE INDEX raw_requests_quarantine ON raw_requests (org, id) WHERE state = 1;

-- Each happening of an account once, however often it is delivered.
CREATE TABLE inbound_keys (
    account BIGINT NOT NULL,
    dedup_key TEXT NOT NULL,
    request BIGINT NOT NULL,
    PRIMARY KEY (account, dedup_key)
) WITHOUT ROWID;

-- The event log. Offsets are given in commit order without gaps (Tx::nextOffset).
CREATE TABLE log_head (
    id INTEGER PRIMARY KEY,
    next_offset BIGINT NOT NULL
);
INSERT INTO log_head (id, next_offset) VALUES (1, 1);

CREATE TABLE events (
    log_offset INTEGER PRIMARY KEY,
    org BIGINT NOT NULL,
    type TEXT NOT NULL,
    account BIGINT NOT NULL,
    conversation BIGINT NOT NULL,
    payload TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE cursors (
    consumer TEXT PRIMARY KEY,
    log_offset BIGINT NOT NULL,
    moved_at BIGINT NOT NULL
) WITHOUT ROWID;
