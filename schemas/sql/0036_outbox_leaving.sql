-- 1: the connector said that the next byte decides. A try that ends without an answer after that may have sent it; before, it has not.
ALTER TABLE outbox ADD COLUMN is_leaving SMALLINT NOT NULL DEFAULT 0;
