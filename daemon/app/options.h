// From the configuration to what the app is built from.
#pragma once

#include "daemon/app/app.h"
#include "daemon/config/config.h"

namespace signalbox {

AppOptions appOptions(const config::Config& config, const std::string& version);
// «HOST:PORT», also «[::1]:8080»; false when it is none.
bool listenOn(const std::string& text, http::ServerOptions& server);

}  // namespace signalbox
