// The account's configuration as typed values, read once. (The namespace signalbox::http is shared with the
// front door; only the connector's type is in it.)
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/http_message.h"
#include "base/json.h"
#include "base/result.h"
#include "base/secret.h"
#include "connectors/sdk/http_client.h"
#include "connectors/sdk/url.h"

namespace signalbox::http_account {

struct AccountConfig {
    std::string base_url;                                     // without a slash at its end; empty: none
    std::optional<Url> base;                                  // the same, taken apart
    Headers headers;                                          // for base_url only, like the credentials
    std::vector<std::pair<std::string, Secret>> credentials;  // header → value
    std::vector<Secret> secrets;                              // what must never show, in every spelling
    AddressPolicy policy;                                     // for every other server
    std::chrono::seconds request_timeout{};
    bool is_idempotent = false;
};

// `config` has passed config.schema.json. Invalid: what the schema cannot tell is wrong, with what to do.
Result<AccountConfig> readConfig(const Json& config);

// A header that could not smuggle another one: a token for a name, no control characters in the value.
bool isHeaderName(std::string_view name);
bool isHeaderValue(std::string_view value);

}  // namespace signalbox::http_account
