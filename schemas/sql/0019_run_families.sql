-- Runs that belong together. parent, parent_key: the run and its node that wait for this run's end; 0 and '' when nobody
-- does. depth: how many runs are above it. lane: what a workflow's concurrency is counted by, '' without a limit;
-- is_queued: it waits for its turn in the lane, oldest first.
ALTER TABLE runs ADD COLUMN parent BIGINT NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN parent_key TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN depth BIGINT NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN lane TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN lane_limit BIGINT NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN is_queued SMALLINT NOT NULL DEFAULT 0;
CREATE INDEX runs_parent ON runs (parent) WHERE parent <> 0;
CREATE INDEX runs_lane ON runs (workflow, lane, id) WHERE lane <> '' AND status IN ('running', 'waiting');

-- What runs claim from one another: the key of a dedupe node until its window ends, the next free slot of a throttle
-- node, and a run's own slot until it has looked at it. owner: the node run that has it.
CREATE TABLE run_claims (
    org BIGINT NOT NULL,
    claim_key TEXT NOT NULL,
    owner TEXT NOT NULL,
    until_at BIGINT NOT NULL,
    PRIMARY KEY (org, claim_key)
) WITHOUT ROWID;
CREATE INDEX run_claims_old ON run_claims (org, until_at);
