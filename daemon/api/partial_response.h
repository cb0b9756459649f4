// ?fields=id,status,person.name: of an answer, or of each item of a list, only these members. Pure.
#pragma once

#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace signalbox::api {

// A list keeps its `next`. A member that is not there is left out. Invalid: more than 50 names, or one that
// is none.
Result<Json> onlyFields(const Json& answer, std::string_view fields);

}  // namespace signalbox::api
