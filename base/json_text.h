// JSON written straight as text: what goes out for each message need not be a Json value first. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"

namespace signalbox {

// Appends `text` with its quotes; bytes that are no UTF-8 become U+FFFD.
void appendJsonString(std::string& out, std::string_view text);
// What dumpJson gives.
void appendJson(std::string& out, const Json& value);

// The members of one object in the order they are put; each name once, which the caller sees to.
class JsonMembers {
public:
    void put(std::string_view name, std::string_view text);
    void putIfAny(std::string_view name, std::string_view text);  // not when it is empty
    void putJson(std::string_view name, const Json& value);
    void putText(std::string_view name, std::string_view json);  // that is JSON already

    // Without braces.
    std::string take() { return std::move(out_); }

private:
    void begin(std::string_view name);

    std::string out_;
};

}  // namespace signalbox
