-- may_auto_reply: nothing in the mail says that machines must not answer it (RFC 3834, X-Auto-Response-Suppress, the
-- empty return path, lists).
ALTER TABLE mails ADD COLUMN may_auto_reply SMALLINT NOT NULL DEFAULT 1;
UPDATE mails SET may_auto_reply = 0 WHERE auto_kind <> 'none';

-- Addresses with which a machine of ours seemed to talk in a circle: told once a day.
CREATE TABLE loop_suspicions (
    org BIGINT NOT NULL,
    account BIGINT NOT NULL,
    address TEXT NOT NULL,
    told_at BIGINT NOT NULL,
    PRIMARY KEY (org, account, address)
) WITHOUT ROWID;

-- Links are shown from both sides.
CREATE INDEX conversation_links_other ON conversation_links (other);

-- Message-IDs are compared whatever their case; message_id stays as it was written, for what answers it.
ALTER TABLE mails ADD COLUMN message_key TEXT NOT NULL DEFAULT '';
UPDATE mails SET message_key = LOWER(message_id);
DROP INDEX mails_message_id;
CREATE INDEX mails_message_key ON mails (org, message_key);
UPDATE mail_awaited SET message_id = LOWER(message_id) WHERE message_id <> LOWER(message_id) AND NOT EXISTS (
    SELECT 1 FROM mail_awaited w WHERE w.org = mail_awaited.org AND w.scope = mail_awaited.scope
    AND w.message_id = LOWER(mail_awaited.message_id));
