-- Results of loops that are too long to be kept with their run. loop: the loop's node with the loops around it
-- ("outer[1]/rows"); results: a JSON array, its first element being that of the item `first_index`.
CREATE TABLE run_items (
    run BIGINT NOT NULL,
    loop TEXT NOT NULL,
    first_index BIGINT NOT NULL,
    results TEXT NOT NULL,
    PRIMARY KEY (run, loop, first_index)
) WITHOUT ROWID;

-- What a run answered to the request that started it, when several daemons share the database: the one that holds the
-- connection reads it here. log_offset: of the event that the request became. Kept for an hour.
CREATE TABLE run_responses (
    log_offset BIGINT NOT NULL PRIMARY KEY,
    response TEXT NOT NULL,
    created_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX run_responses_old ON run_responses (created_at);
