-- Where an organization wants its events posted. events: JSON list of types and patterns. state: active, disabled; reason:
-- why. secrets: signing secret, the one before it and until when that counts, sealed by the vault. failing_since: the first
-- try that failed since the last one that went well.
CREATE TABLE webhook_subscriptions (
    id INTEGER PRIMARY KEY,
    org BIGINT NOT NULL,
    url TEXT NOT NULL,
    description TEXT NOT NULL,
    events TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    secrets BLOB NOT NULL,
    failing_since BIGINT,
    failures BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    changed_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);
CREATE INDEX webhook_subscriptions_org ON webhook_subscriptions (org, id);

-- Requests that go to one of them.
ALTER TABLE outbox ADD COLUMN subscription BIGINT;
CREATE INDEX outbox_subscription ON outbox (subscription, id) WHERE subscription IS NOT NULL;

-- What each try came to. outcome: delivered, retry, failed. status: what the receiver answered, 0: nothing.
CREATE TABLE webhook_attempts (
    id INTEGER PRIMARY KEY,
    outbox BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    status BIGINT NOT NULL,
    duration_ms BIGINT NOT NULL,
    error TEXT NOT NULL
);
CREATE INDEX webhook_attempts_outbox ON webhook_attempts (outbox, id);
