// From the configuration to what the app is built from, and the one thing that works without a daemon: making
// a token.
#pragma once

#include "daemon/app/app.h"
#include "daemon/config/config.h"

namespace signalbox {

AppOptions appOptions(const config::Config& config, const std::string& version);
// «HOST:PORT», also «[::1]:8080»; false when it is none.
bool listenOn(const std::string& text, http::ServerOptions& server);
// Opens (and migrates) the database; refused while a daemon holds an SQLite one: then `signalbox token
// create` does it.
Result<NewToken> makeToken(const AppOptions& options, Role role, const std::string& name);

}  // namespace signalbox
