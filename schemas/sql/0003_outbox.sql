-- Everything that leaves, and the files that are fetched. One lane is worked on in order, one row at a time.
-- kind: message, mark (read mark, reaction), http (a workflow's request), media (fetch an attachment).
-- endpoint: what shares a circuit breaker and a limit of requests in flight: send, media, «http host».
-- state: pending, leased, blocked, sent, dead, uncertain, cancelled.
-- turn: 2 it is this row's turn in its lane, 1 it waits behind another, 0 finished.
-- attempts: tries that count; deferrals: those that do not (429 …); crashes: times the process died during a try.
-- reply_to: our message that is answered or marked, 0 for the newest one that came in; its provider's id is looked up
-- when it is sent. run_key: the workflow's node run that waits for the receipt, or empty.
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY,
    org BIGINT NOT NULL,
    account BIGINT NOT NULL,
    endpoint TEXT NOT NULL,
    lane TEXT NOT NULL,
    turn SMALLINT NOT NULL,
    kind TEXT NOT NULL,
    message BIGINT,
    ordinal BIGINT NOT NULL,
    conversation BIGINT,
    reply_to BIGINT,
    request TEXT NOT NULL,
    idempotency_key TEXT NOT NULL UNIQUE,
    run_key TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    deferrals BIGINT NOT NULL,
    crashes BIGINT NOT NULL,
    lease_token BIGINT NOT NULL,
    lease_until BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    external_id TEXT NOT NULL,
    error TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);
-- The lock that keeps a lane in order: two rows of it never have the turn.
CREATE UNIQUE INDEX outbox_turn ON outbox (account, lane) WHERE turn = 2;
CREATE INDEX outbox_behind ON outbox (account, lane, id) WHERE turn = 1;
CREATE INDEX outbox_due ON outbox (account, endpoint, next_at, id) WHERE turn = 2 AND state = 'pending';
CREATE INDEX outbox_leased ON outbox (lease_until) WHERE state = 'leased';
CREATE INDEX outbox_unfinished ON outbox (expires_at) WHERE turn > 0;
CREATE INDEX outbox_troubled ON outbox (org, id) WHERE state IN ('dead', 'uncertain', 'blocked');

-- The circuit breakers that are not closed.
CREATE TABLE breakers (
    account BIGINT NOT NULL,
    endpoint TEXT NOT NULL,
    open_until BIGINT NOT NULL,
    opened_times BIGINT NOT NULL,
    PRIMARY KEY (account, endpoint)
) WITHOUT ROWID;
