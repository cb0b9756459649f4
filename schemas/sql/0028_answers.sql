-- Prepared texts, what is answered by itself, and how an organization has its inbox.

-- owner: 0 for everybody, else the user who alone has it. language, channel: empty for any. subject, html: for mail.
CREATE TABLE templates (
    id INTEGER PRIMARY KEY,
    org BIGINT NOT NULL,
    owner BIGINT NOT NULL,
    name TEXT NOT NULL,
    category TEXT NOT NULL,
    language TEXT NOT NULL,
    channel TEXT NOT NULL,
    subject TEXT NOT NULL,
    text TEXT NOT NULL,
    html TEXT NOT NULL,
    revision BIGINT NOT NULL,
    changed_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    UNIQUE (org, owner, name, language)
);

-- account: 0 for all of the organization. kind: greeting, away, received. template: a shared one's name, or empty: text.
-- calendar: whose closing hours «away» means.
CREATE TABLE automatic_answers (
    org BIGINT NOT NULL,
    account BIGINT NOT NULL,
    kind TEXT NOT NULL,
    is_enabled SMALLINT NOT NULL,
    text TEXT NOT NULL,
    template TEXT NOT NULL,
    calendar TEXT NOT NULL,
    period_s BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (org, account, kind)
) WITHOUT ROWID;

-- When a conversation was last answered by itself, and how often an address was on a day: the guard against loops.
CREATE TABLE automatic_answer_log (
    conversation BIGINT NOT NULL,
    kind TEXT NOT NULL,
    answered_at BIGINT NOT NULL,
    PRIMARY KEY (conversation, kind)
) WITHOUT ROWID;
CREATE TABLE automatic_answer_days (
    account BIGINT NOT NULL,
    peer TEXT NOT NULL,
    day BIGINT NOT NULL,
    answers BIGINT NOT NULL,
    PRIMARY KEY (account, peer, day)
) WITHOUT ROWID;

-- body: what hub/answers/inbox_settings reads.
CREATE TABLE inbox_settings (
    org BIGINT PRIMARY KEY,
    body TEXT NOT NULL,
    revision BIGINT NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at BIGINT NOT NULL
) WITHOUT ROWID;
