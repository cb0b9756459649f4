-- People, their identities, and the conversations and messages with them.

CREATE TABLE people (
    id INTEGER PRIMARY KEY,
    org BIGINT NOT NULL,
    display_name TEXT NOT NULL,
    merged_into BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX people_recent ON people (org, id);

-- kind: phone, email, wa_user_id, slack_user, webchat_key, external. value: normalized (E.164 for phone).
CREATE TABLE identities (
    org BIGINT NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    person BIGINT NOT NULL,
    value_raw TEXT NOT NULL,
    first_seen_at BIGINT NOT NULL,
    PRIMARY KEY (org, kind, value)
) WITHOUT ROWID;
CREATE INDEX identities_person ON identities (org, person);

-- status: open, pending, resolved, closed. The partial index is the lock against two open twins.
CREATE TABLE conversations (
    id INTEGER PRIMARY KEY,
    org BIGINT NOT NULL,
    account BIGINT NOT NULL,
    channel TEXT NOT NULL,
    thread_key TEXT NOT NULL,
    person BIGINT NOT NULL,
    peer_kind TEXT NOT NULL,
    peer_value TEXT NOT NULL,
    subject TEXT NOT NULL,
    status TEXT NOT NULL,
    is_open SMALLINT NOT NULL,
    last_seq BIGINT NOT NULL,
    last_inbound_at BIGINT,
    last_message_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX conversations_open ON conversations (account, thread_key) WHERE is_open = 1;
CREATE INDEX conversations_recent ON conversations (org, id);
CREATE INDEX conversations_person ON conversations (org, person);

CREATE TABLE messages (
    id INTEGER PRIMARY KEY,
    org BIGINT NOT NULL,
    account BIGINT NOT NULL,
    conversation BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    person BIGINT NOT NULL,
    direction TEXT NOT NULL,
    author TEXT NOT NULL,
    type TEXT NOT NULL,
    text TEXT NOT NULL,
    content TEXT NOT NULL,
    external_id TEXT,
    in_reply_to TEXT NOT NULL,
    client_token TEXT,
    status TEXT NOT NULL,
    error TEXT NOT NULL,
    request BIGINT,
    provider_at BIGINT,
    edited_at BIGINT,
    deleted_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX messages_seq ON messages (conversation, seq);
CREATE UNIQUE INDEX messages_external ON messages (account, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX messages_person ON messages (person, id);
CREATE UNIQUE INDEX messages_client_token ON messages (org, author, client_token) WHERE client_token IS NOT NULL;

-- Where each recipient's copy stands, and how it got there. Updated only when the new rank is higher.
CREATE TABLE deliveries (
    message BIGINT NOT NULL,
    recipient TEXT NOT NULL,
    state TEXT NOT NULL,
    code TEXT NOT NULL,
    text TEXT NOT NULL,
    provider_at BIGINT,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (message, recipient)
) WITHOUT ROWID;

CREATE TABLE delivery_history (
    message BIGINT NOT NULL,
    recipient TEXT NOT NULL,
    state TEXT NOT NULL,
    provider_at BIGINT NOT NULL,
    code TEXT NOT NULL,
    text TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (message, recipient, state, provider_at)
) WITHOUT ROWID;

CREATE TABLE reactions (
    message BIGINT NOT NULL,
    actor BIGINT NOT NULL,
    emoji TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (message, actor)
) WITHOUT ROWID;

CREATE TABLE edits (
    message BIGINT NOT NULL,
    version BIGINT NOT NULL,
    text TEXT NOT NULL,
    edited_at BIGINT NOT NULL,
    PRIMARY KEY (message, version)
) WITHOUT ROWID;

-- Statuses, reactions, edits and deletes whose target has not arrived yet; taken out when it does.
CREATE TABLE parked (
    account BIGINT NOT NULL,
    target TEXT NOT NULL,
    dedup_key TEXT NOT NULL,
    envelope TEXT NOT NULL,
    parked_at BIGINT NOT NULL,
    PRIMARY KEY (account, target, dedup_key)
) WITHOUT ROWID;

-- Files of messages. state: wanted, fetched, failed. blob: sha256 in hex of the content in the file store.
CREATE TABLE attachments (
    message BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    mime TEXT NOT NULL,
    filename TEXT NOT NULL,
    blob TEXT NOT NULL,
    size BIGINT NOT NULL,
    state TEXT NOT NULL,
    error TEXT NOT NULL,
    PRIMARY KEY (message, ordinal)
) WITHOUT ROWID;
