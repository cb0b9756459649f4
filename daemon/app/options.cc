#include "daemon/app/options.h"

#include <charconv>

namespace signalbox {

AppOptions appOptions(const config::Config& config, const std::string& version) {
    AppOptions options;
    options.store.url = config.database.url.reveal();
    options.store.readers = config.database.readers;
    options.store.max_group = config.database.max_group;
    options.data = config.data.string();
    options.organization = config.organization;
    options.oidc = {config.oidc.issuer, config.oidc.client_id, config.oidc.redirect_url,
                    config.oidc.organization.empty() ? config.organization : config.oidc.organization,
                    config.oidc.client_secret};
    options.vault_key_file = config.vault_key_file.string();
    options.public_url = config.public_url;
    options.server = config.server;
    for (const auto& account : config.accounts) {
        options.accounts.push_back(
            {account.name, account.type, account.region, account.connector, account.organization});
    }
    options.egress = config.egress;
    options.request_workers = config.workers.requests;
    options.workflow_workers = config.workers.workflow;
    options.lua_workers = config.workers.lua;
    options.env = config.env;
    options.outbox_retention = config.outbox_retention;
    options.stream_retention = {config.request_retention, config.event_retention};
    options.secrets = config.secrets;
    options.files = config.files;
    options.version = version;
    return options;
}

bool listenOn(const std::string& text, http::ServerOptions& server) {
    const auto colon = text.rfind(':');
    if (colon == std::string::npos || colon == 0) return false;
    std::uint16_t port = 0;
    const char* end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data() + colon + 1, end, port);
    if (error != std::errc() || at != end) return false;
    server.host = text.substr(0, colon);
    if (server.host.starts_with('[') && server.host.ends_with(']')) {
        server.host = server.host.substr(1, server.host.size() - 2);
    }
    server.port = port;
    return true;
}

}  // namespace signalbox
