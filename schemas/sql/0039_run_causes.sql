-- Which run an event comes from, so that workflows that start one another without end are cut off. cause_key:
-- "event:<offset>" of an event that the run's changes wrote, "message:<id>" of a message that it sent, whose later
-- states are caused by it too. depth: how many runs are above that run. Kept for an hour.
CREATE TABLE run_causes (
    cause_key TEXT NOT NULL PRIMARY KEY,
    run BIGINT NOT NULL,
    depth BIGINT NOT NULL,
    created_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX run_causes_old ON run_causes (created_at);

-- root: the run at the top of those that start one another; 0: the run itself. How many there are below the root's own
-- children is counted beside it.
ALTER TABLE runs ADD COLUMN root BIGINT NOT NULL DEFAULT 0;
CREATE TABLE run_families (
    root BIGINT NOT NULL PRIMARY KEY,
    runs BIGINT NOT NULL
) WITHOUT ROWID;
