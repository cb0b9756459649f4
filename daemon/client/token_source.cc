#include "daemon/client/token_source.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>

namespace signalbox::client {
namespace {

namespace fs = std::filesystem;

std::string trimmed(std::string text) {
    text.erase(text.find_last_not_of(" \t\r\n") + 1);
    text.erase(0, text.find_first_not_of(" \t\r\n"));
    return text;
}

bool isLocal(const std::string& url) {
    for (const char* host : {"http://127.0.0.1", "http://localhost", "http://[::1]"}) {
        if (!url.starts_with(host)) continue;
        const auto rest = url.substr(std::strlen(host));
        return rest.empty() || rest[0] == ':' || rest[0] == '/';
    }
    return false;
}

}  // namespace

std::optional<fs::path> ownTokenFile() {
    if (const char* config = std::getenv("XDG_CONFIG_HOME"); config != nullptr && *config != '\0')
        return fs::path(config) / "signalbox/token";
    if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0')
        return fs::path(home) / ".config/signalbox/token";
    return std::nullopt;
}

Result<std::string> readInput(const std::string& file) {
    if (file == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
    if (fs::is_directory(file)) return usageError(file + ": is a folder");
    std::ifstream in(file, std::ios::binary);
    if (!in) return usageError(file + ": cannot be read: " + std::strerror(errno));
    return std::string(std::istreambuf_iterator<char>(in), {});
}

Result<Secret> findToken(const GlobalValues& globals) {
    if (!globals.token.empty()) return Secret(trimmed(globals.token));
    if (!globals.token_file.empty()) {
        auto text = readInput(globals.token_file);
        if (!text) return text.error();
        return Secret(trimmed(*std::move(text)));
    }
    std::vector<fs::path> places;
    if (const auto own = ownTokenFile()) places.push_back(*own);
    if (isLocal(globals.url)) places.emplace_back("build/demo/token");
    for (const fs::path& place : places) {
        std::error_code ignored;
        if (!fs::is_regular_file(place, ignored)) continue;
        if (auto text = readInput(place.string())) return Secret(trimmed(*std::move(text)));
    }
    return Secret();
}

}  // namespace signalbox::client
