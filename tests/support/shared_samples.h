// Recorded provider requests that lie beside the source tree (or in $SIGNALBOX_SHARED); tests that read them
// pass where the folder does not exist.
#pragma once

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>

#include "base/http_message.h"
#include "tests/build_places.h"

namespace signalbox::testing {

inline std::optional<std::string> readFile(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return std::nullopt;
    return std::string(std::istreambuf_iterator<char>(in), {});
}

// The body of `name` ("twilio/in-sms.txt") with the method, target and headers of its side file; nothing,
// with a line in the test's log, when the samples are not there.
inline std::optional<HttpRequest> sharedSample(const std::string& name) {
    const char* folder = std::getenv("SIGNALBOX_SHARED");
    const std::filesystem::path root = folder ? folder : SIGNALBOX_SOURCE_DIR "/../shared";
    auto body = readFile(root / "payloads" / name);
    const auto side = readFile(root / "payloads" / (name + ".headers"));
    if (!body || !side) {
        BOOST_TEST_MESSAGE("not there, skipped: " << (root / "payloads" / name).string());
        return std::nullopt;
    }
    HttpRequest request{"POST", "/"};
    std::istringstream lines(*side);
    for (std::string line; std::getline(lines, line);) {
        const auto colon = line.find(": ");
        if (colon != std::string::npos && line.find(' ') > colon) {
            if (!line.starts_with("I-Gw-"))
                request.headers.add(line.substr(0, colon), line.substr(colon + 2));
        } else if (const auto space = line.find(' '); space != std::string::npos) {
            request.method = line.substr(0, space);
            request.target = line.substr(space + 1, line.find(' ', space + 1) - space - 1);
        }
    }
    request.body = std::move(*body);
    return request;
}

}  // namespace signalbox::testing
