// Where the API token comes from. Reads files and the environment; at start, one thread.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "daemon/client/command_line.h"

namespace signalbox::client {

// --token, then --token-file, then ~/.config/signalbox/token, then (for a daemon on this machine only)
// build/demo/token below the working folder. Nothing found: an empty one. A file that was named but cannot be
// read is an error.
Result<Secret> findToken(const GlobalValues& globals);

// ~/.config/signalbox/token; nothing when the environment does not say where.
std::optional<std::filesystem::path> ownTokenFile();

// The content of a file that the caller named; "-" is standard input. Error: usage.
Result<std::string> readInput(const std::string& file);

}  // namespace signalbox::client
