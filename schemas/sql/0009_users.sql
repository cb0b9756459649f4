-- People who sign in: users of an organization, their roles and teams, and what proves who they are.

-- email: in small letters. role: a built-in one or one of `roles`. person: whom a customer or a crew member is in the
-- inbox. state: active, disabled. password: Argon2id in its encoded form, empty while there is none (only OIDC).
CREATE TABLE users (
    id INTEGER PRIMARY KEY,
    org BIGINT NOT NULL REFERENCES orgs(id),
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    person BIGINT,
    state TEXT NOT NULL,
    password TEXT NOT NULL,
    oidc_subject TEXT,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    last_login_at BIGINT,
    UNIQUE (org, email)
);
CREATE UNIQUE INDEX users_oidc ON users (org, oidc_subject) WHERE oidc_subject IS NOT NULL;
CREATE INDEX users_person ON users (org, person) WHERE person IS NOT NULL;

-- Roles that an organization made. sees: everything, assigned, own. rights: a JSON array of rights.
CREATE TABLE roles (
    org BIGINT NOT NULL,
    name TEXT NOT NULL,
    sees TEXT NOT NULL,
    rights TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (org, name)
) WITHOUT ROWID;

CREATE TABLE teams (
    id INTEGER PRIMARY KEY,
    org BIGINT NOT NULL,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (org, name)
);

CREATE TABLE team_members (
    team BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    org BIGINT NOT NULL,
    PRIMARY KEY (team, user_id)
) WITHOUT ROWID;
CREATE INDEX team_members_user ON team_members (user_id);

-- hash: SHA-256 of the token in hex; the token itself is given out once.
CREATE TABLE sessions (
    id INTEGER PRIMARY KEY,
    org BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    address TEXT NOT NULL,
    agent TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);

CREATE TABLE invitations (
    id INTEGER PRIMARY KEY,
    org BIGINT NOT NULL,
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    person BIGINT,
    hash TEXT NOT NULL UNIQUE,
    invited_by BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    accepted_at BIGINT
);
CREATE INDEX invitations_open ON invitations (org, id) WHERE accepted_at IS NULL;

CREATE TABLE password_resets (
    hash TEXT PRIMARY KEY,
    org BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL
) WITHOUT ROWID;

-- The second factor. secret: sealed by hub/vault. last_step: the newest time step whose code was taken; none is taken
-- twice.
CREATE TABLE totp (
    user_id BIGINT PRIMARY KEY,
    org BIGINT NOT NULL,
    secret BLOB NOT NULL,
    confirmed_at BIGINT,
    last_step BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE recovery_codes (
    user_id BIGINT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (user_id, hash)
) WITHOUT ROWID;

-- Single things that someone may see beyond what the role shows. subject_kind: user, team, role (subject is then the
-- name). object_kind: conversation, person, file … verb: read, write.
CREATE TABLE grants (
    org BIGINT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object BIGINT NOT NULL,
    verb TEXT NOT NULL,
    granted_by BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (org, object_kind, object, subject_kind, subject, verb)
) WITHOUT ROWID;
CREATE INDEX grants_subject ON grants (org, subject_kind, subject, object_kind);
