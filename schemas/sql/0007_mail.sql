-- Mail beside the messages it became, where its copies lie, and how far each account has been fetched.

-- One row for each message that is a mail. ancestors: JSON list of Message-IDs, oldest first. content_key: in: or out: and
-- the hash that copies share; empty for a mail of ours whose copy was not seen yet. thread_key: the conversation's.
CREATE TABLE mails (
    message INTEGER PRIMARY KEY,
    org BIGINT NOT NULL,
    account BIGINT NOT NULL,
    conversation BIGINT NOT NULL,
    thread_key TEXT NOT NULL,
    message_id TEXT NOT NULL,
    ancestors TEXT NOT NULL,
    subject TEXT NOT NULL,
    subject_base TEXT NOT NULL,
    auto_kind TEXT NOT NULL,
    content_key TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX mails_message_id ON mails (org, message_id);
CREATE UNIQUE INDEX mails_content ON mails (org, content_key) WHERE content_key <> '';
CREATE INDEX mails_conversation ON mails (conversation, message);
CREATE INDEX mails_subject ON mails (account, subject_base, message);

-- Mails that were answered before they came: a late parent finds its thread here.
CREATE TABLE mail_awaited (
    org BIGINT NOT NULL,
    message_id TEXT NOT NULL,
    thread_key TEXT NOT NULL,
    conversation BIGINT NOT NULL,
    subject_base TEXT NOT NULL,
    PRIMARY KEY (org, message_id)
) WITHOUT ROWID;

-- A copy in a folder (RFC 9051, 2.3.1.1). One message may have many, also in several accounts.
CREATE TABLE mail_locations (
    account BIGINT NOT NULL,
    folder TEXT NOT NULL,
    uidvalidity BIGINT NOT NULL,
    uid BIGINT NOT NULL,
    message BIGINT NOT NULL,
    is_seen SMALLINT NOT NULL,
    PRIMARY KEY (account, folder, uidvalidity, uid)
) WITHOUT ROWID;
CREATE INDEX mail_locations_message ON mail_locations (message);

-- Who took part in a conversation by mail; our own addresses are left out.
CREATE TABLE mail_parties (
    conversation BIGINT NOT NULL,
    address TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    person BIGINT NOT NULL,
    PRIMARY KEY (conversation, address)
) WITHOUT ROWID;

-- kind: subject_changed. A conversation that began as an answer in another one.
CREATE TABLE conversation_links (
    conversation BIGINT NOT NULL,
    other BIGINT NOT NULL,
    kind TEXT NOT NULL,
    PRIMARY KEY (conversation, other)
) WITHOUT ROWID;

-- What the tokens in our Message-IDs are made with.
CREATE TABLE mail_keys (
    org INTEGER PRIMARY KEY,
    token_key TEXT NOT NULL
);

-- How far an account is fetched. state: connected, degraded, reauth. cursor belongs to the connector.
CREATE TABLE poll_states (
    account INTEGER PRIMARY KEY,
    poll_cursor TEXT NOT NULL,
    state TEXT NOT NULL,
    error TEXT NOT NULL,
    failures BIGINT NOT NULL,
    done BIGINT NOT NULL,
    total BIGINT NOT NULL,
    last_ok_at BIGINT,
    changed_at BIGINT NOT NULL
);
