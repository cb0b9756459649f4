-- Who changed what of a workflow, and how past runs are found.

-- deleted_at: the name is free again; the row stays for as long as its runs are kept. retention_days: of the published
-- graph's settings, 0: runs are kept.
ALTER TABLE workflows ADD COLUMN draft_changed_by TEXT NOT NULL DEFAULT '';
ALTER TABLE workflows ADD COLUMN deleted_at BIGINT;
ALTER TABLE workflows ADD COLUMN retention_days BIGINT NOT NULL DEFAULT 0;

-- action: published, rolled_back, unpublished, renamed, deleted.
CREATE TABLE workflow_history (
    id INTEGER PRIMARY KEY,
    org BIGINT NOT NULL,
    workflow BIGINT NOT NULL,
    action TEXT NOT NULL,
    version BIGINT,
    detail TEXT NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);
CREATE INDEX workflow_history_newest ON workflow_history (workflow, id);

-- Runs of a conversation (and so of a person or a message), failed ones, and those that retention looks at.
CREATE INDEX runs_conversation ON runs (conversation, id) WHERE conversation <> 0;
CREATE INDEX runs_failed ON runs (org, id) WHERE status IN ('failed', 'quarantined');
