-- What providers gave to accounts by OAuth 2: sealed by the vault, one refresh token for each account.
CREATE TABLE account_tokens (
    account INTEGER PRIMARY KEY,
    org BIGINT NOT NULL,
    refresh_token BLOB NOT NULL,
    changed_at BIGINT NOT NULL
);
