-- Up to which event a run's waits have been answered, by the wait's key: an event answers a run once, and one that came
-- before the node waited is still found.
CREATE TABLE run_heard (
    run BIGINT NOT NULL,
    wait_key TEXT NOT NULL,
    log_offset BIGINT NOT NULL,
    PRIMARY KEY (run, wait_key)
) WITHOUT ROWID;

-- What workflows ask people to decide. token_hash: SHA-256 of the link's token, which is kept nowhere else. decision:
-- empty until someone has decided.
CREATE TABLE approvals (
    id INTEGER PRIMARY KEY,
    org BIGINT NOT NULL,
    run BIGINT NOT NULL,
    workflow TEXT NOT NULL,
    node TEXT NOT NULL,
    title TEXT NOT NULL,
    details TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    decision TEXT NOT NULL,
    comment TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    decided_at BIGINT
);
CREATE UNIQUE INDEX approvals_token ON approvals (token_hash);
CREATE INDEX approvals_list ON approvals (org, id);
