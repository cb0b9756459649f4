// An account's configuration as values, with what is known of well-known providers filled in.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"
#include "base/secret.h"

namespace signalbox::email {

enum class Security { Tls, StartTls, None };

struct Server {
    std::string host;  // empty: not configured
    std::uint16_t port = 0;
    Security security = Security::Tls;
};

struct OAuthConfig {
    std::string provider;  // empty: a password is used
    std::string client_id;
    Secret client_secret, refresh_token;
    std::string authorize_url, token_url, scope;
};

enum class SaveSent { Auto, Always, Never };

struct AccountConfig {
    std::string address, name, username;
    Secret password;
    OAuthConfig oauth;
    Server imap, smtp;
    bool smtp_login = true;
    std::vector<std::string> folders;
    std::string sent_folder;
    SaveSent save_sent = SaveSent::Auto;
    bool is_saved_by_provider = false;  // what is sent appears in its Sent folder by itself
    bool is_backfilled = false;         // with a date, or all of it:
    std::optional<TimePoint> backfill_from;
    std::string signature, signature_html;
    std::string list_unsubscribe;
    bool has_reply_token = false, has_body_mark = false;
    std::chrono::seconds poll_interval{300}, timeout{20};
    std::size_t max_mail_bytes = 0;
    bool is_plain_text_allowed = false;
    std::string ca_file;
};

// Invalid names the key that is wrong.
Result<AccountConfig> readConfig(const Json& config);

}  // namespace signalbox::email
