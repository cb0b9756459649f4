#include "workflow/engine/redactor.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

namespace signalbox::workflow {
namespace {

constexpr std::size_t kShortestSecret = 8;
constexpr std::size_t kPreview = 1000;
constexpr std::array<std::string_view, 15> kTellingNames = {
    "password",      "passwd",     "secret",      "token",         "access_token",
    "refresh_token", "api_key",    "apikey",      "authorization", "client_secret",
    "cookie",        "set-cookie", "private_key", "x-api-key",     "proxy-authorization"};

bool isTelling(std::string_view name) {
    const auto equal = [&](std::string_view telling) {
        return telling.size() == name.size() &&
               std::equal(name.begin(), name.end(), telling.begin(),
                          [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; });
    };
    return std::any_of(kTellingNames.begin(), kTellingNames.end(), equal);
}

bool holdsTellingName(const Json& value) {
    if (value.is_object()) {
        for (auto at = value.begin(); at != value.end(); ++at) {
            if ((isTelling(at.key()) && !at->is_null()) || holdsTellingName(*at)) return true;
        }
    }
    return value.is_array() && std::any_of(value.begin(), value.end(), holdsTellingName);
}

void mask(Json& value) {
    if (value.is_object()) {
        for (auto at = value.begin(); at != value.end(); ++at) {
            if (isTelling(at.key()) && !at->is_null()) {
                *at = "***";
            } else {
                mask(*at);
            }
        }
    }
    if (value.is_array()) {
        for (auto& item : value) mask(item);
    }
}

}  // namespace

Redactor::Redactor(std::vector<Secret> secrets) {
    for (auto& secret : secrets) {
        if (secret.reveal().size() >= kShortestSecret) secrets_.push_back(std::move(secret));
    }
}

std::string Redactor::hide(std::string text) const {
    for (const auto& secret : secrets_) {
        const std::string& hidden = secret.reveal();
        for (auto at = text.find(hidden); at != std::string::npos; at = text.find(hidden, at + 3)) {
            text.replace(at, hidden.size(), "***");
        }
    }
    return text;
}

std::string Redactor::toText(const Json& value, std::size_t max_bytes) const {
    std::string text;
    if (holdsTellingName(value)) {
        Json masked = value;
        mask(masked);
        text = hide(dumpJson(masked));
    } else {
        text = hide(dumpJson(value));
    }
    if (text.size() <= max_bytes) return text;
    return dumpJson({{"truncated", true}, {"bytes", text.size()}, {"preview", text.substr(0, kPreview)}});
}

}  // namespace signalbox::workflow
