-- What a team does with conversations and messages: whose they are, how urgent, what is said behind the scenes.

-- priority: normal, high, urgent. status has two more words: snoozed (until snoozed_until), spam; only a closed one is not
-- open (is_open = 0): the next message of its thread begins a new conversation, all others are woken by it.
-- kind: external (with a person), or among users: direct, group, department, project, public. revision: grows with each
-- change that people make; the ETag of the API. merged_into: where its messages went, and its thread's next ones go.
ALTER TABLE conversations ADD COLUMN kind TEXT NOT NULL DEFAULT 'external';
ALTER TABLE conversations ADD COLUMN priority TEXT NOT NULL DEFAULT 'normal';
ALTER TABLE conversations ADD COLUMN assignee BIGINT;
ALTER TABLE conversations ADD COLUMN team BIGINT;
ALTER TABLE conversations ADD COLUMN snoozed_until BIGINT;
ALTER TABLE conversations ADD COLUMN starred SMALLINT NOT NULL DEFAULT 0;
ALTER TABLE conversations ADD COLUMN pinned SMALLINT NOT NULL DEFAULT 0;
ALTER TABLE conversations ADD COLUMN archived SMALLINT NOT NULL DEFAULT 0;
ALTER TABLE conversations ADD COLUMN merged_into BIGINT;
ALTER TABLE conversations ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
CREATE INDEX conversations_status ON conversations (org, status, id);
CREATE INDEX conversations_assignee ON conversations (org, assignee, id) WHERE assignee IS NOT NULL;
CREATE INDEX conversations_team ON conversations (org, team, id) WHERE team IS NOT NULL;
CREATE INDEX conversations_snoozed ON conversations (snoozed_until) WHERE snoozed_until IS NOT NULL;
CREATE INDEX conversations_merged ON conversations (account, thread_key) WHERE merged_into IS NOT NULL;

-- urgency: normal, high, urgent. visibility: client, internal. reply_to: our message that is answered, where no provider's
-- id says it. deleted_scope: everyone, or empty (the provider told us).
ALTER TABLE messages ADD COLUMN urgency TEXT NOT NULL DEFAULT 'normal';
ALTER TABLE messages ADD COLUMN visibility TEXT NOT NULL DEFAULT 'client';
ALTER TABLE messages ADD COLUMN reply_to BIGINT;
ALTER TABLE messages ADD COLUMN forwarded_from BIGINT;
ALTER TABLE messages ADD COLUMN starred SMALLINT NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN pinned SMALLINT NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN deleted_scope TEXT NOT NULL DEFAULT '';
-- actor_kind: person, user (or a token, which has a number of the same kind).
ALTER TABLE reactions ADD COLUMN actor_kind TEXT NOT NULL DEFAULT 'person';
ALTER TABLE edits ADD COLUMN edited_by TEXT NOT NULL DEFAULT 'contact';

CREATE TABLE tags (
    id INTEGER PRIMARY KEY,
    org BIGINT NOT NULL,
    name TEXT NOT NULL,
    color TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (org, name)
);

-- object_kind: conversation, message, person, ticket, lead.
CREATE TABLE taggings (
    object_kind TEXT NOT NULL,
    object BIGINT NOT NULL,
    tag BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (object_kind, object, tag)
) WITHOUT ROWID;
CREATE INDEX taggings_tag ON taggings (tag, object_kind, object);

-- kind: user, person. role: participant, watcher.
CREATE TABLE members (
    conversation BIGINT NOT NULL,
    kind TEXT NOT NULL,
    member BIGINT NOT NULL,
    role TEXT NOT NULL,
    added_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (conversation, kind, member, role)
) WITHOUT ROWID;
CREATE INDEX members_of ON members (kind, member, conversation);

-- Whose turn it was last when a team's conversations are dealt out.
CREATE TABLE rotations (
    team BIGINT PRIMARY KEY,
    last_user BIGINT NOT NULL
) WITHOUT ROWID;

-- reader: a user, or an API token where there is none.
CREATE TABLE read_marks (
    reader BIGINT NOT NULL,
    conversation BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    read_at BIGINT NOT NULL,
    PRIMARY KEY (reader, conversation)
) WITHOUT ROWID;
CREATE TABLE message_reads (
    message BIGINT NOT NULL,
    reader BIGINT NOT NULL,
    reader_name TEXT NOT NULL,
    read_at BIGINT NOT NULL,
    PRIMARY KEY (message, reader)
) WITHOUT ROWID;

-- Deleted for one reader only.
CREATE TABLE hidden_messages (
    reader BIGINT NOT NULL,
    message BIGINT NOT NULL,
    hidden_at BIGINT NOT NULL,
    PRIMARY KEY (reader, message)
) WITHOUT ROWID;

CREATE TABLE mentions (
    user_id BIGINT NOT NULL,
    message BIGINT NOT NULL,
    conversation BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, message)
) WITHOUT ROWID;
CREATE INDEX mentions_message ON mentions (message);

-- One unsent text for each writer and conversation.
CREATE TABLE drafts (
    writer BIGINT NOT NULL,
    conversation BIGINT NOT NULL,
    org BIGINT NOT NULL,
    body TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (writer, conversation)
) WITHOUT ROWID;

-- state: pending, sent, cancelled, failed. request: what hub/outbox reads.
CREATE TABLE scheduled_messages (
    id INTEGER PRIMARY KEY,
    org BIGINT NOT NULL,
    author TEXT NOT NULL,
    conversation BIGINT,
    request TEXT NOT NULL,
    send_at BIGINT NOT NULL,
    state TEXT NOT NULL,
    message BIGINT,
    error TEXT NOT NULL,
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);
CREATE INDEX scheduled_due ON scheduled_messages (send_at) WHERE state = 'pending';
CREATE INDEX scheduled_of ON scheduled_messages (org, id);

-- What a conversation or a person is about: a project, a job, any {kind, id} of another system. subject_kind:
-- conversation, person, message, ticket, lead.
CREATE TABLE object_links (
    org BIGINT NOT NULL,
    object_kind TEXT NOT NULL,
    object_id TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject BIGINT NOT NULL,
    linked_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (org, object_kind, object_id, subject_kind, subject)
) WITHOUT ROWID;
CREATE INDEX object_links_subject ON object_links (subject_kind, subject);

-- What was made one, and every row that moved for it, so that it can be taken apart again. kind: person, conversation.
CREATE TABLE merges (
    id INTEGER PRIMARY KEY,
    org BIGINT NOT NULL,
    kind TEXT NOT NULL,
    kept BIGINT NOT NULL,
    gone BIGINT NOT NULL,
    was TEXT NOT NULL,
    merged_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    undone_at BIGINT
);
CREATE INDEX merges_recent ON merges (org, kind, id);
-- row_kind: identity (name: «kind value»), conversation, message (was: its sequence number), person.
CREATE TABLE merge_moves (
    merge BIGINT NOT NULL,
    row_kind TEXT NOT NULL,
    row_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    was BIGINT NOT NULL,
    PRIMARY KEY (merge, row_kind, row_id, name)
) WITHOUT ROWID;

ALTER TABLE people ADD COLUMN custom TEXT NOT NULL DEFAULT '{}';
ALTER TABLE people ADD COLUMN kind TEXT NOT NULL DEFAULT 'contact';
ALTER TABLE people ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
