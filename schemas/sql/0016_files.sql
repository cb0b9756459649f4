-- Files that people upload, what is said about them, and who may have them without an account. The bytes are in the
-- file store under their sha256.

-- access: private (the owner and whoever sees everything), restricted (whoever may read files in what it belongs to),
-- public. scan: clean, unscanned (no scanner is set up), pending (it did not answer), infected. A version has the id of
-- the first one as its series. kind: image, video, audio, document.
CREATE TABLE files (
    id INTEGER PRIMARY KEY,
    org BIGINT NOT NULL,
    series BIGINT NOT NULL,
    version BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    size BIGINT NOT NULL,
    name TEXT NOT NULL,
    mime TEXT NOT NULL,
    kind TEXT NOT NULL,
    access TEXT NOT NULL,
    project TEXT NOT NULL,
    owner_user BIGINT NOT NULL,
    owner_token BIGINT NOT NULL,
    scan TEXT NOT NULL,
    text TEXT NOT NULL,
    deleted_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX files_versions ON files (org, series, version);
CREATE INDEX files_recent ON files (org, id);
CREATE INDEX files_project ON files (org, project, id) WHERE project <> '';
CREATE INDEX files_blob ON files (sha256);

CREATE TABLE file_tags (
    file BIGINT NOT NULL,
    tag TEXT NOT NULL,
    PRIMARY KEY (file, tag)
) WITHOUT ROWID;

CREATE TABLE file_comments (
    id INTEGER PRIMARY KEY,
    org BIGINT NOT NULL,
    file BIGINT NOT NULL,
    author_user BIGINT NOT NULL,
    author_token BIGINT NOT NULL,
    text TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX file_comments_file ON file_comments (file, id);

-- hash: SHA-256 of the link's secret in hex; the secret itself is shown once.
CREATE TABLE file_links (
    hash TEXT PRIMARY KEY,
    org BIGINT NOT NULL,
    file BIGINT NOT NULL,
    expires_at BIGINT,
    created_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX file_links_file ON file_links (file);

-- Uploads that are under way; their bytes are in the data folder, whose length is how far they are.
CREATE TABLE uploads (
    id INTEGER PRIMARY KEY,
    org BIGINT NOT NULL,
    owner_user BIGINT NOT NULL,
    owner_token BIGINT NOT NULL,
    name TEXT NOT NULL,
    size BIGINT NOT NULL,
    access TEXT NOT NULL,
    project TEXT NOT NULL,
    file BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
