-- Conversations among users are few beside those with the outside.
CREATE INDEX conversations_rooms ON conversations (org, id) WHERE kind <> 'external';
