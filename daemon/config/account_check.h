// One account's keys as they come through the API: the same schemas as those of the configuration, but ${…}
// is plain text, since what a caller writes must not read this machine's files or environment. Pure.
#pragma once

#include <string>

#include "daemon/config/config.h"

namespace signalbox::config {

// The keys that every account has (`common`: the items of `accounts` in config.schema.json) and those of its
// connector.
Json accountSchema(const Json& common, const std::string& connector_schema);

// `account` has name, type, region, rate_per_s and the connector's keys, as in the file. With its defaults,
// or Invalid with every fault in one line.
Result<Json> checkAccount(Json account, const ConnectorSchemas& schemas);
// Whoever may change an account does not thereby get to know its secrets: where `after` sends them elsewhere
// than `before` (keys that the schema marks with x-destination), Invalid unless `patch` gives each of them
// anew. True: they go elsewhere.
Result<bool> checkDestination(const Json& before, const Json& after, const Json& patch,
                              const ConnectorSchemas& schemas);
// *** for each secret of a checked account.
Json maskAccount(const Json& account, const ConnectorSchemas& schemas);

}  // namespace signalbox::config
