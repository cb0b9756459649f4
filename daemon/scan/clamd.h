// clamd over its socket (INSTREAM, clamd(8)): the bytes go there, a word comes back. Thread-safe, a
// connection for each call.
#pragma once

#include <chrono>
#include <memory>

#include "hub/files/scanner.h"

namespace signalbox {

// `address`: unix:/run/clamav/clamd.ctl or HOST:PORT (an IP address). Invalid: neither.
Result<std::unique_ptr<FileScanner>> makeClamdScanner(
    const std::string& address, std::chrono::seconds timeout = std::chrono::seconds(60));

}  // namespace signalbox
