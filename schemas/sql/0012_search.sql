-- What search finds: one row for each message, person and file, kept by the log's consumer «search» and made again by
-- `signalboxd search rebuild`. terms: the words as hub/search/tokens folds them, in their order. scope: what never
-- changes about the row, as words of their own (organization, kind, channel …), so that one index answers both.

CREATE TABLE search_documents (
    id INTEGER PRIMARY KEY,
    org BIGINT NOT NULL,
    kind TEXT NOT NULL,
    conversation BIGINT NOT NULL,
    message BIGINT NOT NULL,
    scope TEXT NOT NULL,
    terms TEXT NOT NULL
);
CREATE INDEX search_documents_conversation ON search_documents (conversation) WHERE conversation <> 0;

ONLY SQLITE CREATE VIRTUAL TABLE search_index USING fts5(
    scope, terms, content='search_documents', content_rowid='id', tokenize='ascii', columnsize=0, prefix='3'
);

ONLY POSTGRESQL ALTER TABLE search_documents ADD COLUMN vector TSVECTOR;
ONLY POSTGRESQL CREATE INDEX search_documents_vector ON search_documents USING GIN (vector);
