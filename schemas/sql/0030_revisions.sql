-- How often it was changed: ETag and If-Match.
ALTER TABLE files ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
ALTER TABLE teams ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
