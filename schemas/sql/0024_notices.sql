-- What users are told in the application, and what is told to one after the other until somebody takes it.

CREATE TABLE notices (
    id INTEGER PRIMARY KEY,
    org BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    link TEXT NOT NULL,
    source TEXT NOT NULL,
    conversation BIGINT,
    escalation BIGINT,
    created_at BIGINT NOT NULL,
    read_at BIGINT
);
CREATE INDEX notices_of ON notices (user_id, id);
CREATE INDEX notices_unread ON notices (user_id, id) WHERE read_at IS NULL;

-- steps: who is told when, as JSON. step: the last one that was told. state: open, acknowledged, over. path: of the loops
-- around the node.
CREATE TABLE escalations (
    id INTEGER PRIMARY KEY,
    org BIGINT NOT NULL,
    run BIGINT NOT NULL,
    workflow TEXT NOT NULL,
    node TEXT NOT NULL,
    path TEXT NOT NULL,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    link TEXT NOT NULL,
    conversation BIGINT,
    steps TEXT NOT NULL,
    step BIGINT NOT NULL,
    state TEXT NOT NULL,
    taken_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);
CREATE INDEX escalations_run ON escalations (run, node, path, id);
CREATE INDEX escalations_list ON escalations (org, state, id);

-- Records of CRMs and other systems, by their own ids; what workflows put there is told as crm.record_changed.
CREATE TABLE crm_records (
    id INTEGER PRIMARY KEY,
    org BIGINT NOT NULL,
    system TEXT NOT NULL,
    object TEXT NOT NULL,
    external_id TEXT NOT NULL,
    fields TEXT NOT NULL,
    person BIGINT,
    revision BIGINT NOT NULL,
    changed_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    UNIQUE (org, system, object, external_id)
);
CREATE INDEX crm_records_person ON crm_records (org, person, id) WHERE person IS NOT NULL;
