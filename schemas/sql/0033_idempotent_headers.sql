-- An answer given again names what it made as the first one did (Location, ETag).
ALTER TABLE idempotency_keys ADD COLUMN headers TEXT NOT NULL DEFAULT '';
