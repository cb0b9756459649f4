-- Addresses that machines no longer write to, and how the daemon's own mails leave.

-- reason: hard_bounce, complaint, manual. detail: the other server's words. message: the mail it was about, 0: none.
CREATE TABLE mail_suppressions (
    id INTEGER PRIMARY KEY,
    org BIGINT NOT NULL,
    address TEXT NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT NOT NULL,
    message BIGINT NOT NULL,
    added_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (org, address)
);

-- account: the name of the organization's account that invitations and new passwords leave through; empty: none.
-- invitation_url, reset_url: a page of the organization's own, with {token} in it.
CREATE TABLE own_mail_settings (
    org BIGINT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL,
    invitation_url TEXT NOT NULL,
    reset_url TEXT NOT NULL,
    revision BIGINT NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at BIGINT NOT NULL
) WITHOUT ROWID;
