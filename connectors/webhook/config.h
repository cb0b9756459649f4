// The account's configuration as typed values, read once.
#pragma once

#include <chrono>
#include <string>
#include <variant>
#include <vector>

#include "base/crypto.h"
#include "base/json.h"
#include "base/result.h"
#include "base/secret.h"

namespace signalbox::webhook {

// standardwebhooks.com; Svix writes the same under other header names.
struct StandardWebhooks {
    std::vector<Secret> keys;              // raw bytes, for v1 (HMAC-SHA256)
    std::vector<std::string> public_keys;  // 32 raw bytes, for v1a (Ed25519)
    std::chrono::seconds tolerance{};
};

struct Hmac {
    std::string header, prefix, separator;
    HashAlgorithm algorithm = HashAlgorithm::Sha256;
    bool is_base64 = false;    // else hex
    std::vector<Secret> keys;  // raw bytes
    std::string signed_text;   // template with {body}, {ts}, {id}
    std::string timestamp_header, timestamp_prefix;
    std::chrono::seconds tolerance{};
    std::string id_header;
};

struct FixedSecret {
    std::string header, query;  // one of them is empty
    std::string prefix;
    std::vector<Secret> values;
};

struct NoProof {};

using Verifier = std::variant<StandardWebhooks, Hmac, FixedSecret, NoProof>;

// Where something stands in a request: at most one is set.
struct Place {
    std::string header, json_path;
    bool empty() const { return header.empty() && json_path.empty(); }
};

struct WebhookConfig {
    Verifier verifier;
    Place dedup;
    bool is_dedup_by_body = false;
    Place event_type;
    std::vector<std::string> kept_headers;  // lower case
};

// `config` has passed config.schema.json. Invalid: what the schema cannot tell is wrong, with what to do.
Result<WebhookConfig> readConfig(const Json& config);
Result<Verifier> readVerifier(const Json& verifier);

}  // namespace signalbox::webhook
