-- Of a message to several recipients that are not all served yet, as JSON. progress: who was taken, who failed, who waits for the next try.
ALTER TABLE outbox ADD COLUMN progress TEXT NOT NULL DEFAULT '';
-- What each was told by the try that is leaving; it counts when the message turns out to have arrived.
ALTER TABLE outbox ADD COLUMN leaving TEXT NOT NULL DEFAULT '';
