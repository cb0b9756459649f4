-- Who did and who read what, and when. Append-only: hub/audit sets triggers that refuse changes. hash: SHA-256 in hex of the
-- hash before and this row, so that a change, a gap or a swap shows. seq grows by one in each organization.
-- user_id: 0 for a bare API token. action: «GET /api/v1/messages/{id}». object: the ids and names of the path. details: the query.
-- objects: a JSON array of the ids that were read or made.
CREATE TABLE audit (
    org BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    token BIGINT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    details TEXT NOT NULL,
    objects TEXT NOT NULL,
    status BIGINT NOT NULL,
    address TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (org, seq)
) WITHOUT ROWID;
CREATE INDEX audit_user ON audit (org, user_id, seq);
CREATE INDEX audit_object ON audit (org, object, seq);

-- The newest row of each organization; locked while rows are appended.
CREATE TABLE audit_heads (
    org BIGINT PRIMARY KEY,
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL
) WITHOUT ROWID;
