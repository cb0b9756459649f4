-- Which daemon fetches an account where several work on one database: one row for each account, `holder` is a number that
-- a daemon makes when it starts, and who does not renew it loses it.
CREATE TABLE poll_leases (
    account INTEGER PRIMARY KEY,
    holder BIGINT NOT NULL,
    held_until BIGINT NOT NULL
);

-- The conversation part of Thread-Index (22 bytes in hex), for mail of Outlook whose References a relay dropped.
ALTER TABLE mails ADD COLUMN thread_index TEXT NOT NULL DEFAULT '';
CREATE INDEX mails_thread_index ON mails (org, thread_index) WHERE thread_index <> '';
