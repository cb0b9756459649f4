-- Everything that leaves. One lane is sent in order, one at a time.
-- kind: message, media (fetch an attachment), http (a workflow's request). state: pending, leased, sent, uncertain,
-- blocked, dead, cancelled. run_key: the workflow's node run that waits for the receipt, or empty.
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY,
    org BIGINT NOT NULL,
    account BIGINT NOT NULL,
    lane TEXT NOT NULL,
    kind TEXT NOT NULL,
    message BIGINT,
    request TEXT NOT NULL,
    idempotency_key TEXT NOT NULL UNIQUE,
    run_key TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    lease_token BIGINT NOT NULL,
    lease_until BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    error TEXT NOT NULL,
    receipt TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);
CREATE INDEX outbox_due ON outbox (next_at, id) WHERE state IN ('pending', 'leased');
CREATE INDEX outbox_lane ON outbox (account, lane, id) WHERE state IN ('pending', 'leased', 'blocked');
CREATE INDEX outbox_dead ON outbox (org, id) WHERE state IN ('dead', 'uncertain', 'blocked');

-- The circuit breaker of each account.
CREATE TABLE breakers (
    account INTEGER PRIMARY KEY,
    state TEXT NOT NULL,
    failures BIGINT NOT NULL,
    open_until BIGINT NOT NULL,
    opened_times BIGINT NOT NULL
);
