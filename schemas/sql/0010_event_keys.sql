-- Keys under which other systems appended events, so that an event that is sent again is not appended again. sha256: of
-- what was sent under the key.
CREATE TABLE event_keys (
    org BIGINT NOT NULL,
    event_key TEXT NOT NULL,
    log_offset BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (org, event_key)
) WITHOUT ROWID;
CREATE INDEX event_keys_created ON event_keys (created_at);
