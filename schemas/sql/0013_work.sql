-- Tickets, tasks, leads and calls: what a team has to do, and what it keeps about its business. One row each; `status` is one
-- of its kind's words (hub/work/work_kind). number: counted by kind, for people. source, source_reference: where it
-- comes from, each reference once. fields: what the organization keeps besides, a JSON object. revision: grows with
-- each change.
CREATE TABLE work_items (
    id INTEGER PRIMARY KEY,
    org BIGINT NOT NULL,
    kind TEXT NOT NULL,
    number BIGINT NOT NULL,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    status TEXT NOT NULL,
    priority TEXT NOT NULL,
    assignee BIGINT,
    person BIGINT,
    conversation BIGINT,
    due_at BIGINT,
    source TEXT NOT NULL,
    source_reference TEXT,
    fields TEXT NOT NULL,
    revision BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    closed_at BIGINT
);
CREATE UNIQUE INDEX work_items_number ON work_items (org, kind, number);
CREATE UNIQUE INDEX work_items_source ON work_items (org, kind, source, source_reference) WHERE source_reference IS NOT NULL;
CREATE INDEX work_items_newest ON work_items (org, kind, id);
CREATE INDEX work_items_person ON work_items (org, person, id) WHERE person IS NOT NULL;
CREATE INDEX work_items_conversation ON work_items (org, conversation, id) WHERE conversation IS NOT NULL;

CREATE TABLE work_numbers (
    org BIGINT NOT NULL,
    kind TEXT NOT NULL,
    last BIGINT NOT NULL,
    PRIMARY KEY (org, kind)
) WITHOUT ROWID;
