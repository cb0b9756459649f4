-- Accounts that users connect for themselves. owner: the user; 0: the account is the organization's. private_to: the only user who sees
-- what lies there (and those whom he grants a conversation); 0: everybody who sees conversations. scope: mails share threads and
-- copies within it, and people are known there; 0 for all accounts of the organization, the account's own number for one that a
-- user connected. It never changes, whoever the account is handed to.
ALTER TABLE accounts ADD COLUMN owner BIGINT NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN private_to BIGINT NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN scope BIGINT NOT NULL DEFAULT 0;
CREATE INDEX accounts_private ON accounts (private_to) WHERE private_to <> 0;

ALTER TABLE mails ADD COLUMN scope BIGINT NOT NULL DEFAULT 0;

CREATE TABLE mail_expected (
    org BIGINT NOT NULL,
    scope BIGINT NOT NULL,
    message_id TEXT NOT NULL,
    thread_key TEXT NOT NULL,
    conversation BIGINT NOT NULL,
    subject_base TEXT NOT NULL,
    PRIMARY KEY (org, scope, message_id)
) WITHOUT ROWID;
INSERT INTO mail_expected (org, scope, message_id, thread_key, conversation, subject_base)
    SELECT org, 0, message_id, thread_key, conversation, subject_base FROM mail_awaited;
DROP TABLE mail_awaited;
ALTER TABLE mail_expected RENAME TO mail_awaited;

-- People are known within a scope, too: whom a private mailbox writes with is another row than the organization's contact.
ALTER TABLE people ADD COLUMN scope BIGINT NOT NULL DEFAULT 0;
CREATE TABLE scoped_identities (
    org BIGINT NOT NULL,
    scope BIGINT NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    person BIGINT NOT NULL,
    value_raw TEXT NOT NULL,
    first_seen_at BIGINT NOT NULL,
    PRIMARY KEY (org, scope, kind, value)
) WITHOUT ROWID;
INSERT INTO scoped_identities (org, scope, kind, value, person, value_raw, first_seen_at)
    SELECT org, 0, kind, value, person, value_raw, first_seen_at FROM identities;
DROP TABLE identities;
ALTER TABLE scoped_identities RENAME TO identities;
CREATE INDEX identities_person ON identities (org, person);

-- access: also «own», for its owner alone.
CREATE INDEX files_own ON files (org) WHERE access = 'own';

-- By which account it leaves; 0: of before.
ALTER TABLE scheduled_messages ADD COLUMN account BIGINT NOT NULL DEFAULT 0;
