#include "connectors/http/config.h"

#include <algorithm>

#include "base/crypto.h"
#include "connectors/sdk/config_reader.h"

namespace signalbox::http_account {
namespace {

Error invalid(std::string message) {
    return {ErrorKind::Invalid, std::move(message), {}, "config"};
}

Status checkHeader(const char* key, const std::string& name, const Json& value) {
    if (isHeaderName(name) && value.is_string() && isHeaderValue(value.get<std::string>())) return Done{};
    return invalid(std::string(key) +
                   ": a header's name or value holds a character that headers cannot hold");
}

void addCredential(AccountConfig& out, std::string header, const std::string& value) {
    out.credentials.emplace_back(std::move(header), Secret(value));
}

Status addHeaders(AccountConfig& out, const Json& config) {
    for (const auto& [name, value] : memberAt(config, "headers").items()) {
        if (auto good = checkHeader("headers", name, value); !good) return good.error();
        out.headers.set(name, value.get<std::string>());
    }
    for (const auto& [name, value] : memberAt(config, "secret_headers").items()) {
        if (auto good = checkHeader("secret_headers", name, value); !good) return good.error();
        addCredential(out, name, value.get<std::string>());
        out.secrets.emplace_back(value.get<std::string>());
    }
    return Done{};
}

Status addAuthorization(AccountConfig& out, ConfigReader& read) {
    const std::string token = read.text("bearer_token");
    const std::string username = read.text("username"), password = read.text("password");
    if (!token.empty() && !username.empty())
        return invalid("bearer_token and username: only one of them can be sent");
    if (username.empty() && !password.empty()) return invalid("password: needs username");
    if (!isHeaderValue(token)) return invalid("bearer_token: holds a character that headers cannot hold");
    if (!token.empty()) {
        addCredential(out, "authorization", "Bearer " + token);
        out.secrets.emplace_back(token);
    }
    if (username.empty()) return Done{};
    const std::string basic = toBase64(username + ':' + password);
    addCredential(out, "authorization", "Basic " + basic);
    out.secrets.emplace_back(basic);
    if (!password.empty()) out.secrets.emplace_back(password);
    return Done{};
}

Status setBaseUrl(AccountConfig& out, std::string url) {
    while (url.ends_with('/')) url.pop_back();
    out.base_url = std::move(url);
    if (out.base_url.empty()) return Done{};
    auto base = parseUrl(out.base_url);
    if (!base) return withContext("base_url", base.error());
    out.base = std::move(*base);
    return Done{};
}

}  // namespace

bool isHeaderName(std::string_view name) {
    constexpr std::string_view kToken = "!#$%&'*+-.^_`|~";
    return !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               kToken.find(c) != std::string_view::npos;
    });
}

bool isHeaderValue(std::string_view value) {
    return std::none_of(value.begin(), value.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte < 0x20 && c != '\t') || byte == 0x7f;
    });
}

Result<AccountConfig> readConfig(const Json& config) {
    ConfigReader read(config);
    AccountConfig out;
    if (auto set = setBaseUrl(out, read.text("base_url")); !set) return set.error();
    if (auto added = addHeaders(out, config); !added) return added.error();
    if (auto added = addAuthorization(out, read); !added) return added.error();
    if (!out.credentials.empty() && !out.base)
        return invalid("base_url: needed with credentials, which go to that server only");
    for (const auto& network : memberAt(config, "allow_networks")) {
        if (network.is_string()) out.policy.allowed_networks.push_back(network.get<std::string>());
    }
    out.policy.any_port = read.flag("allow_any_port");
    out.request_timeout = read.seconds("request_timeout_s");
    out.is_idempotent = read.flag("idempotent");
    if (auto complete = read.status(); !complete) return complete.error();
    return out;
}

}  // namespace signalbox::http_account
