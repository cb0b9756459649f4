-- Changes whose row of the audit log is not written yet; see hub/audit/audit_intents.h.
CREATE TABLE audit_intents (
    id INTEGER PRIMARY KEY,
    org BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    token BIGINT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    details TEXT NOT NULL,
    address TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
