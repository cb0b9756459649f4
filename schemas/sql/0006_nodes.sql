-- Each daemon that starts takes the next node number (0 to 1023), so that the ids of several daemons on one database
-- never meet: hub/store/node_number.
CREATE TABLE node_numbers (
    id INTEGER PRIMARY KEY,
    last BIGINT NOT NULL
);
INSERT INTO node_numbers (id, last) VALUES (1, 0);
