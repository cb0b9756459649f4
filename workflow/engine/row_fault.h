// A row of a file that cannot be read, in its place among the others, so that the loop decides what it means.
// Values only.
#pragma once

#include <optional>
#include <string>

#include "base/json.h"

namespace signalbox::workflow {

// No row of a file looks like it: their members are texts.
inline Json faultyRow(const std::string& why) {
    return {{"unreadable", Json::array({why})}};
}
inline std::optional<std::string> faultOfRow(const Json& row) {
    if (!row.is_object() || row.size() != 1 || !row.begin()->is_array()) return std::nullopt;
    return row.begin()->at(0).get<std::string>();
}

}  // namespace signalbox::workflow
