#include <algorithm>
#include <thread>

#include "daemon/config/config.h"

namespace signalbox::config {
namespace {

constexpr std::string_view kSqlite = "sqlite://";

template <class Number>
Number number(const Json& json, const char* key) {
    return json.at(key).get<Number>();
}

std::chrono::seconds seconds(const Json& json, const char* key) {
    return std::chrono::seconds(number<std::int64_t>(json, key));
}

// 0 is one for each core.
unsigned threads(const Json& workers, const char* key) {
    const auto wanted = number<unsigned>(workers, key);
    return wanted != 0 ? wanted : std::max(1u, std::thread::hardware_concurrency());
}

http::ServerOptions readServer(const Json& listen, const Json& workers, const std::filesystem::path& folder) {
    http::ServerOptions server;
    server.host = textAt(listen, "host");
    server.port = number<std::uint16_t>(listen, "port");
    for (const Json& one : memberAt(listen, "trusted_proxies")) server.trusted_proxies.push_back(one);
    if (const Json& tls = memberAt(listen, "tls"); tls.is_object()) {
        server.tls_certificate_file = folder / textAt(tls, "certificate_file");
        server.tls_key_file = folder / textAt(tls, "key_file");
    }
    server.threads = threads(workers, "network");
    const Json& limits = listen.at("limits");
    server.max_body_bytes = number<std::size_t>(limits, "max_body_bytes");
    server.max_header_bytes = number<std::size_t>(limits, "max_header_bytes");
    server.max_connections = number<std::size_t>(limits, "max_connections");
    server.max_connections_per_address = number<std::size_t>(limits, "max_connections_per_address");
    server.header_timeout = seconds(limits, "header_timeout_s");
    server.body_timeout = seconds(limits, "body_timeout_s");
    server.idle_timeout = seconds(limits, "idle_timeout_s");
    return server;
}

DatabaseConfig readDatabase(const Json& database, const std::filesystem::path& data) {
    std::string url = textAt(database, "url");
    const bool is_relative = url.starts_with(kSqlite) && !url.substr(kSqlite.size()).starts_with('/');
    if (is_relative) url = std::string(kSqlite) + (data / url.substr(kSqlite.size())).string();
    return {Secret(url), number<unsigned>(database, "readers"), number<std::size_t>(database, "max_group")};
}

LogConfig readLog(const Json& json) {
    LogConfig log;
    const std::string level = textAt(json, "level");
    if (level == "debug") log.level = log::Level::Debug;
    if (level == "warn") log.level = log::Level::Warn;
    if (level == "error") log.level = log::Level::Error;
    if (textAt(json, "format") == "json") log.format = log::Format::JsonLines;
    return log;
}

AccountConfig readAccount(const Json& json, const std::string& region) {
    AccountConfig account{textAt(json, "name"),
                          textAt(json, "type"),
                          textAt(json, "organization"),
                          textAt(json, "region", region),
                          number<double>(json, "rate_per_s"),
                          json};
    for (const char* key : {"name", "type", "organization", "region"}) account.connector.erase(key);
    return account;
}

}  // namespace

Config readConfig(const Json& settled, const std::filesystem::path& folder,
                  const std::filesystem::path& data) {
    Config config;
    config.data = data.empty() ? folder / textAt(settled, "data") : std::filesystem::absolute(data);
    config.data = config.data.lexically_normal();
    if (const Json& oidc = memberAt(settled, "oidc"); oidc.is_object()) {
        config.oidc = {textAt(oidc, "issuer"), textAt(oidc, "client_id"), textAt(oidc, "redirect_url"),
                       textAt(oidc, "organization"), Secret(textAt(oidc, "client_secret"))};
    }
    config.vault_key_file = (config.data / textAt(settled.at("vault"), "key_file")).lexically_normal();
    const Json& workers = settled.at("workers");
    const Json& organization = settled.at("organization");
    config.server = readServer(settled.at("listen"), workers, folder);
    config.public_url = textAt(settled.at("listen"), "public_url");
    config.database = readDatabase(settled.at("database"), config.data);
    config.organization = textAt(organization, "name");
    for (const Json& account : settled.at("accounts"))
        config.accounts.push_back(readAccount(account, textAt(organization, "region")));
    const Json& egress = settled.at("egress");
    config.egress.allowed_networks = egress.at("allow_networks").get<std::vector<std::string>>();
    config.egress.any_port = flagAt(egress, "any_port");
    config.workers = {number<unsigned>(workers, "requests"), threads(workers, "workflow"),
                      threads(workers, "lua")};
    config.log = readLog(settled.at("log"));
    const Json& retention = settled.at("retention");
    config.outbox_retention = std::chrono::hours(24 * number<int>(retention, "outbox_days"));
    config.request_retention = std::chrono::hours(24 * numberAt(retention, "requests_days"));
    config.event_retention = std::chrono::hours(24 * numberAt(retention, "events_days"));
    const Json& files = settled.at("files");
    config.files = {textAt(files, "clamd"),
                    number<std::int64_t>(files, "quota_mib") * 1024 * 1024,
                    flagAt(files, "encrypt"),
                    std::chrono::hours(number<int>(files, "garbage_grace_h")),
                    files.at("types").get<std::vector<std::string>>(),
                    textAt(files, "store")};
    if (const Json& s3 = memberAt(files, "s3"); s3.is_object()) {
        config.files.s3 = {textAt(s3, "endpoint"),   textAt(s3, "region"),
                           textAt(s3, "bucket"),     textAt(s3, "prefix"),
                           textAt(s3, "access_key"), Secret(textAt(s3, "secret_key")),
                           flagAt(s3, "path_style")};
    }
    config.env = settled.at("env");
    return config;
}

}  // namespace signalbox::config
