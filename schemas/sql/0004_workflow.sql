-- Workflows, their published versions, and their runs.

CREATE TABLE workflows (
    id INTEGER PRIMARY KEY,
    org BIGINT NOT NULL,
    name TEXT NOT NULL,
    draft TEXT NOT NULL,
    draft_changed_at BIGINT NOT NULL,
    published_version BIGINT,
    created_at BIGINT NOT NULL,
    UNIQUE (org, name)
);

-- Immutable once written; a run keeps the version it began with. scripts: a JSON object of the named scripts that the
-- version uses, as they were when it was published.
CREATE TABLE workflow_versions (
    workflow BIGINT NOT NULL,
    version BIGINT NOT NULL,
    graph TEXT NOT NULL,
    scripts TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    published_at BIGINT NOT NULL,
    published_by TEXT NOT NULL,
    PRIMARY KEY (workflow, version)
) WITHOUT ROWID;

-- status: running, waiting, succeeded, failed, cancelled, quarantined; the last four are final. state: the engine's marks
-- and outputs, kept for waiting runs and for failed ones (a retry goes on from there). trigger_key: "event:<offset>",
-- "manual:<key>" … makes a replayed trigger harmless. revision: grows with each walk; a walk that was overtaken is
-- thrown away.
CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    org BIGINT NOT NULL,
    workflow BIGINT NOT NULL,
    version BIGINT NOT NULL,
    trigger_key TEXT NOT NULL,
    status TEXT NOT NULL,
    is_dry SMALLINT NOT NULL,
    revision BIGINT NOT NULL,
    input TEXT NOT NULL,
    state TEXT NOT NULL,
    result TEXT NOT NULL,
    error TEXT NOT NULL,
    conversation BIGINT NOT NULL,
    recoveries BIGINT NOT NULL,
    deadline_at BIGINT NOT NULL,
    wake_at BIGINT,
    started_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE UNIQUE INDEX runs_trigger ON runs (workflow, trigger_key);
CREATE INDEX runs_wake ON runs (wake_at, id) WHERE wake_at IS NOT NULL;
CREATE INDEX runs_workflow ON runs (workflow, id);
CREATE INDEX runs_running ON runs (id) WHERE status = 'running';

-- What each walk of a run did: a JSON array of node entries with input, output, port, error, times; written compactly by
-- workflow/engine/journal. walk: the run's revision that it led to.
CREATE TABLE run_walks (
    run BIGINT NOT NULL,
    walk BIGINT NOT NULL,
    steps TEXT NOT NULL,
    PRIMARY KEY (run, walk)
) WITHOUT ROWID;

-- What waiting nodes wait for, beside a time or a receipt. seq: the wait within the run.
CREATE TABLE run_waits (
    org BIGINT NOT NULL,
    wait_key TEXT NOT NULL,
    run BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (org, wait_key, run, seq)
) WITHOUT ROWID;
CREATE INDEX run_waits_run ON run_waits (run);
