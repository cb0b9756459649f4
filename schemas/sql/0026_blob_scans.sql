-- What the virus scanner said of content that came with messages, whoever has it. scan: clean, infected.
CREATE TABLE blob_scans (
    sha256 TEXT PRIMARY KEY,
    scan TEXT NOT NULL,
    scanned_at BIGINT NOT NULL
) WITHOUT ROWID;
