-- Secrets that workflows name and never see. secrets: all members of its type as JSON, sealed by the vault. hosts: where it
-- may be sent, as JSON. revision: grows with each change, so that tokens got with an older one are dropped.
CREATE TABLE credentials (
    id INTEGER PRIMARY KEY,
    org BIGINT NOT NULL,
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    hosts TEXT NOT NULL,
    secrets BLOB NOT NULL,
    revision BIGINT NOT NULL,
    changed_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    UNIQUE (org, name)
);
