// Reads an account's config, which has passed its schema with the defaults filled in, into a connector's own
// struct. A field that is missing or of another type all the same is noted instead of guessed.
//   ConfigReader read(context.config);
//   Config config{read.secret("access_token"), read.seconds("request_timeout_s")};
//   if (auto complete = read.status(); !complete) return complete.error();
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/secret.h"

namespace signalbox {

class ConfigReader {
public:
    // `config` outlives the reader.
    explicit ConfigReader(const Json& config) : config_(config) {}

    std::string text(std::string_view name) {
        return expect(name, &Json::is_string) ? textAt(config_, name) : std::string();
    }
    // Fields that the schema does not require and gives no default: empty when left out.
    std::string optionalText(std::string_view name) {
        return memberAt(config_, name).is_null() ? std::string() : text(name);
    }
    Secret secret(std::string_view name) { return Secret(text(name)); }
    Secret optionalSecret(std::string_view name) { return Secret(optionalText(name)); }
    std::int64_t number(std::string_view name) {
        return expect(name, &Json::is_number) ? numberAt(config_, name) : 0;
    }
    std::chrono::seconds seconds(std::string_view name) { return std::chrono::seconds(number(name)); }
    bool flag(std::string_view name) { return expect(name, &Json::is_boolean) && flagAt(config_, name); }

    // Invalid with the names of all fields that were wrong.
    Status status() const {
        if (missing_.empty()) return Done{};
        return Error{ErrorKind::Invalid, "config: missing or of the wrong type: " + missing_, {}, "config"};
    }

private:
    bool expect(std::string_view name, bool (Json::*is_right)() const noexcept) {
        if ((memberAt(config_, name).*is_right)()) return true;
        missing_ += (missing_.empty() ? "" : ", ") + std::string(name);
        return false;
    }

    const Json& config_;
    std::string missing_;
};

}  // namespace signalbox
