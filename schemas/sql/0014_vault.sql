-- What is kept sealed (hub/vault), and accounts that were made through the API.

-- The keys that something is sealed with; check_value opens with the right key only.
CREATE TABLE vault_keys (
    kid BIGINT PRIMARY KEY,
    check_value BLOB NOT NULL,
    created_at BIGINT NOT NULL
) WITHOUT ROWID;

-- Accounts of the API. hook: the unguessable end of their callbacks' path. secrets: all their keys as JSON, sealed.
CREATE TABLE stored_accounts (
    account BIGINT PRIMARY KEY,
    org BIGINT NOT NULL,
    hook TEXT NOT NULL UNIQUE,
    secrets BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
) WITHOUT ROWID;
