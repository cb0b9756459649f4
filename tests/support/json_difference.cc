#include "tests/support/json_difference.h"

namespace signalbox {
namespace {

void compare(const Json& actual, const Json& expected, const std::string& place,
             std::vector<std::string>& lines) {
    if (expected.is_object() && actual.is_object()) {
        for (const auto& [key, value] : expected.items())
            compare(memberAt(actual, key), value, place + '.' + key, lines);
        return;
    }
    if (expected.is_array() && actual.is_array() && expected.size() == actual.size()) {
        for (std::size_t i = 0; i < expected.size(); ++i)
            compare(actual[i], expected[i], place + '[' + std::to_string(i) + ']', lines);
        return;
    }
    if (actual == expected) return;
    lines.push_back(place + ": expected " + dumpJson(expected) + ", got " + dumpJson(actual));
}

}  // namespace

std::vector<std::string> missingFrom(const Json& actual, const Json& expected, const std::string& place) {
    std::vector<std::string> lines;
    compare(actual, expected, place, lines);
    return lines;
}

}  // namespace signalbox
