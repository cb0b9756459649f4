#include "connectors/email/config.h"

#include <array>

#include "connectors/email/mailbox_name.h"
#include "connectors/email/providers.h"
#include "connectors/sdk/config_reader.h"

namespace signalbox::email {
namespace {

Error invalid(std::string message) {
    return {ErrorKind::Invalid, std::move(message), {}, "config"};
}

std::string lower(std::string text) {
    for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    return text;
}

bool isLoopback(const std::string& host) {
    return host == "localhost" || host == "::1" || host.starts_with("127.");
}

Security securityOf(const std::string& word) {
    if (word == "starttls") return Security::StartTls;
    return word == "none" ? Security::None : Security::Tls;
}

// `ports`: for tls, starttls, none.
Server readServer(const Json& json, const std::array<std::uint16_t, 3>& ports) {
    Server server{lower(textAt(json, "host")), static_cast<std::uint16_t>(numberAt(json, "port")),
                  securityOf(textAt(json, "security", "tls"))};
    if (server.port == 0) server.port = ports[static_cast<std::size_t>(server.security)];
    return server;
}

Status checkServer(const char* key, const Server& server, bool is_plain_text_allowed) {
    if (server.security != Security::None || server.host.empty() || is_plain_text_allowed ||
        isLoopback(server.host))
        return Done{};
    return invalid(std::string(key) +
                   ".security: none is for servers on this machine only; use tls or starttls (or set "
                   "allow_plain_text)");
}

void fillServers(AccountConfig& out) {
    auto provider = findProvider(out.address.substr(out.address.rfind('@') + 1));
    if (provider && out.imap.host.empty() && out.smtp.host.empty()) {
        out.imap = provider->imap;
        out.smtp = provider->smtp;
    }
    if (!out.imap.host.empty()) provider = findProviderOfHost(out.imap.host);
    out.is_saved_by_provider = provider && provider->saves_sent;
}

Result<OAuthConfig> readOAuth(const Json& json) {
    OAuthConfig oauth{textAt(json, "provider"),
                      textAt(json, "client_id"),
                      Secret(textAt(json, "client_secret")),
                      Secret(textAt(json, "refresh_token")),
                      textAt(json, "authorize_url"),
                      textAt(json, "token_url"),
                      textAt(json, "scope")};
    if (oauth.provider.empty() && !textAt(json, "app_of").empty())
        return invalid("oauth.app_of: works for accounts that are made through the API only");
    if (oauth.provider.empty()) return oauth;
    fillEndpoints(oauth, textAt(json, "tenant", "common"), textAt(json, "region", "com"));
    if (oauth.client_id.empty()) return invalid("oauth.client_id: is missing");
    if (oauth.token_url.empty()) return invalid("oauth.token_url: is missing for provider other");
    return oauth;
}

Status readBackfill(AccountConfig& out, const std::string& text) {
    out.is_backfilled = !text.empty();
    if (text.empty() || text == "all") return Done{};
    out.backfill_from = parseRfc3339(text + "T00:00:00Z");
    if (!out.backfill_from) return invalid("backfill_from: no such day");
    return Done{};
}

}  // namespace

Result<AccountConfig> readConfig(const Json& config) {
    ConfigReader read(config);
    AccountConfig out;
    out.address = lower(read.text("address"));
    out.name = read.text("sender_name");
    out.username = read.text("username");
    if (out.username.empty()) out.username = out.address;
    out.password = read.secret("password");
    auto oauth = readOAuth(memberAt(config, "oauth"));
    if (!oauth) return oauth.error();
    out.oauth = std::move(*oauth);
    out.imap = readServer(memberAt(config, "imap"), {993, 143, 143});
    out.smtp = readServer(memberAt(config, "smtp"), {465, 587, 25});
    out.smtp_login = flagAt(memberAt(config, "smtp"), "login", true);
    for (const Json& folder : memberAt(config, "folders")) {
        if (folder.is_string()) out.folders.push_back(toMailboxName(folder.get<std::string>()));
    }
    out.sent_folder = toMailboxName(read.text("sent_folder"));
    const std::string save = read.text("save_sent");
    out.save_sent = save == "always" ? SaveSent::Always : save == "never" ? SaveSent::Never : SaveSent::Auto;
    if (auto done = readBackfill(out, read.text("backfill_from")); !done) return done.error();
    out.signature = read.text("signature");
    out.signature_html = read.text("signature_html");
    out.list_unsubscribe = read.text("list_unsubscribe");
    out.has_reply_token = read.flag("is_reply_tracked");
    out.has_body_mark = read.flag("is_body_marked");
    out.poll_interval = read.seconds("poll_interval_s");
    out.max_mail_bytes = static_cast<std::size_t>(read.number("max_mail_bytes"));
    out.is_plain_text_allowed = read.flag("allow_plain_text");
    out.ca_file = read.text("ca_file");
    out.timeout = read.seconds("request_timeout_s");
    if (auto complete = read.status(); !complete) return complete.error();
    fillServers(out);
    if (out.imap.host.empty() && out.smtp.host.empty())
        return invalid("imap.host: is missing; `signalbox mail discover ADDRESS` finds it");
    for (const auto& [key, server] : {std::pair{"imap", &out.imap}, {"smtp", &out.smtp}}) {
        if (auto good = checkServer(key, *server, out.is_plain_text_allowed); !good) return good.error();
    }
    const bool has_login = !out.imap.host.empty() || out.smtp_login;
    if (out.oauth.provider.empty() && has_login && out.password.empty())
        return invalid("password: is missing (or oauth: for Google, Microsoft and Zoho)");
    if (out.password.reveal().find_first_of("\r\n") != std::string::npos)
        return invalid("password: has a line break in it; was a whole line pasted?");
    return out;
}

}  // namespace signalbox::email
