-- Which stored content is named where, so that what nobody names any more can go.

-- The content of a large mail in the file store; empty: the bytes are in `body`.
ALTER TABLE raw_requests ADD COLUMN blob TEXT NOT NULL DEFAULT '';
UPDATE raw_requests SET blob = substr(headers, 17, 64) WHERE headers LIKE '[["x-raw-blob",%';
CREATE INDEX raw_requests_blob ON raw_requests (blob) WHERE blob <> '';
CREATE INDEX attachments_blob ON attachments (blob) WHERE blob <> '';

-- Content that nobody named when it was last looked at. state: marked, deleting.
CREATE TABLE blob_marks (
    sha256 TEXT PRIMARY KEY,
    since BIGINT NOT NULL,
    state TEXT NOT NULL
) WITHOUT ROWID;

-- Small pictures of files. blob is empty where none can be made of this content.
CREATE TABLE thumbnails (
    sha256 TEXT NOT NULL,
    variant TEXT NOT NULL,
    blob TEXT NOT NULL,
    size BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (sha256, variant)
) WITHOUT ROWID;
CREATE INDEX thumbnails_blob ON thumbnails (blob) WHERE blob <> '';

-- Keys of stored content, sealed by the vault. The newest one encrypts.
CREATE TABLE blob_keys (
    id INTEGER PRIMARY KEY,
    org BIGINT NOT NULL,
    sealed BLOB NOT NULL,
    created_at BIGINT NOT NULL
);

ALTER TABLE uploads ADD COLUMN tags TEXT NOT NULL DEFAULT '';
ALTER TABLE uploads ADD COLUMN version_of BIGINT NOT NULL DEFAULT 0;
ALTER TABLE uploads ADD COLUMN sha256 TEXT NOT NULL DEFAULT '';
ALTER TABLE uploads ADD COLUMN expires_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX uploads_org ON uploads (org, id);
