-- When an organization is open. body: zone, hours by weekday and holidays as JSON (hub/calendars).
CREATE TABLE calendars (
    id INTEGER PRIMARY KEY,
    org BIGINT NOT NULL,
    name TEXT NOT NULL,
    body TEXT NOT NULL,
    revision BIGINT NOT NULL,
    changed_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    UNIQUE (org, name)
);
