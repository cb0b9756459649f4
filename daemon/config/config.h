// The configuration of signalboxd, as values with types. Loaded at start and on SIGHUP; nobody touches the
// file's text after that.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/log.h"
#include "base/result.h"
#include "base/secret.h"
#include "connectors/sdk/http_client.h"
#include "daemon/http/server.h"

namespace signalbox::config {

struct AccountConfig {
    std::string name, type;
    std::string organization;  // whose it is; empty: Config::organization
    std::string region;        // the account's, else the organization's, else empty
    double rate_per_s = 0;     // 0: no limit
    // The connector's own keys and rate_per_s: checked, defaults filled in, secrets resolved.
    Json connector = Json::object();
};

struct DatabaseConfig {
    Secret url;  // it may hold a password; the path of an sqlite URL is absolute
    unsigned readers = 0;
    std::size_t max_group = 0;
};

struct WorkerConfig {
    unsigned requests = 0, workflow = 0, lua = 0;  // 0 in the file is one for each core here
};

struct S3Config {
    std::string endpoint, region, bucket, prefix, access_key;
    Secret secret_key;
    bool is_path_style = true;
};

struct FilesConfig {
    std::string clamd;             // empty: no virus scanner
    std::int64_t quota_bytes = 0;  // of an organization; 0: none
    bool encrypt = true;
    std::chrono::hours garbage_grace{24};
    std::vector<std::string> types;  // media types that may be uploaded; empty: all that are known
    std::string store = "disk";      // disk, s3
    S3Config s3;                     // for s3
};

struct LogConfig {
    log::Level level = log::Level::Info;
    log::Format format = log::Format::KeyValue;
};

// An OpenID provider; an empty issuer: none.
struct OidcConfig {
    std::string issuer, client_id, redirect_url, organization;
    Secret client_secret;
};

struct Config {
    http::ServerOptions server;
    std::string public_url;      // empty: not known
    std::filesystem::path data;  // absolute; not made yet
    OidcConfig oidc;
    std::filesystem::path vault_key_file;  // absolute; made when it is not there
    DatabaseConfig database;
    std::string organization;
    std::vector<AccountConfig> accounts;
    AddressPolicy egress;  // for the requests of workflows
    WorkerConfig workers;
    LogConfig log;
    FilesConfig files;
    std::chrono::hours outbox_retention{0};
    std::chrono::hours request_retention{0}, event_retention{0};  // zero: for ever
    Json env = Json::object();                                    // what workflows see as env.NAME
    std::vector<Secret> secrets;  // everything that must not appear in logs and histories
};

// Connector type → its config_schema.
using ConnectorSchemas = std::map<std::string, std::string>;
// Those of this build.
ConnectorSchemas installedSchemas();

// Reads and checks the file. The error (Invalid) lists all faults, a line each, with their place:
// «etc/signalbox.yaml:9:7 accounts[0].bot_tokn: unknown key (bot_token?)». `data`, when given, goes before
// the file's own `data` and is relative to the working folder.
Result<Config> loadConfig(const std::filesystem::path& file, const ConnectorSchemas& schemas,
                          const std::filesystem::path& data = {});

// The settled JSON of a file, which has passed its schemas, as values with types. `folder` is where the
// file's relative paths start.
Config readConfig(const Json& settled, const std::filesystem::path& folder,
                  const std::filesystem::path& data);

}  // namespace signalbox::config
