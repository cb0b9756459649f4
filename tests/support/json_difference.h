// What differs between expected and actual JSON, line by line with its place.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"

namespace signalbox {

// Members that `expected` does not name are not compared; a member expected to be null must be null or
// absent.
std::vector<std::string> missingFrom(const Json& actual, const Json& expected, const std::string& place = "");

}  // namespace signalbox
