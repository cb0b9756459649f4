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

-- Immutable once written; a run keeps the version it began with.
CREATE TABLE workflow_versions (
    workflow BIGINT NOT NULL,
    version BIGINT NOT NULL,
    graph TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    published_at BIGINT NOT NULL,
    published_by TEXT NOT NULL,
    PRIMARY KEY (workflow, version)
) WITHOUT ROWID;

-- status: running, waiting, succeeded, failed, cancelled, quarantined. state: the engine's tokens and outputs, empty when
-- the run is over. trigger_key: "event:<offset>", "manual:<key>" … makes a replayed trigger harmless.
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
CREATE INDEX runs_wake ON runs (wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX runs_open ON runs (id) WHERE status IN ('running', 'waiting');

-- What each walk of a run did: a JSON array of node entries with input, output, port, error, times.
CREATE TABLE run_walks (
    run BIGINT NOT NULL,
    walk BIGINT NOT NULL,
    steps TEXT NOT NULL,
    PRIMARY KEY (run, walk)
) WITHOUT ROWID;

-- What waiting nodes wait for. The row is taken by whoever comes first, event or time-out.
CREATE TABLE run_waits (
    wait_key TEXT NOT NULL,
    run BIGINT NOT NULL,
    node TEXT NOT NULL,
    deadline_at BIGINT,
    PRIMARY KEY (wait_key, run, node)
) WITHOUT ROWID;
CREATE INDEX run_waits_run ON run_waits (run);
