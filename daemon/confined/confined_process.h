// A program that reads bytes of strangers, run where it can do no harm: it sees itself, the system's
// programs and libraries and one folder (Landlock), opens no socket (seccomp), gains no rights, inherits no
// descriptor and no environment, and is ended at its limits of memory, time and file size. Any thread.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/result.h"

namespace signalbox {

struct ProcessLimits {
    std::size_t memory_bytes = 1024u * 1024 * 1024;
    std::size_t file_bytes = 16u * 1024 * 1024;
    std::chrono::seconds time{20};
};

// Runs `program` (an absolute path) in `folder` and waits for it. Done: it ended with 0. Rejected «failed»:
// it ended otherwise. Unavailable «timeout»; Unavailable: it could not be started.
Status runConfined(const std::string& program, const std::vector<std::string>& arguments,
                   const std::string& folder, const ProcessLimits& limits = {});

}  // namespace signalbox
