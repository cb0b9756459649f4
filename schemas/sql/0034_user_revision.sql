-- Two admins who change one user at the same time: the second is told (ETag, If-Match).
ALTER TABLE users ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
