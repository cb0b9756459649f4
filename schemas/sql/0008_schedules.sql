-- When schedule triggers of published workflows are due next. spec: what the trigger asks for, as JSON; anchor_at: when
-- that was first published (intervals count from it); due_at: null when it is never due again.
CREATE TABLE schedules (
    workflow BIGINT NOT NULL,
    node TEXT NOT NULL,
    org BIGINT NOT NULL,
    name TEXT NOT NULL,
    spec TEXT NOT NULL,
    anchor_at BIGINT NOT NULL,
    due_at BIGINT,
    PRIMARY KEY (workflow, node)
) WITHOUT ROWID;
CREATE INDEX schedules_due ON schedules (due_at) WHERE due_at IS NOT NULL;
