// schemas/openapi.yaml as a judge of real answers: status, content type, each member. For tests.
#pragma once

#include <string>
#include <vector>

#include "base/http_message.h"
#include "base/json.h"

namespace signalbox::testing {

// The whole description as JSON.
const Json& apiDescription();
// A schema with every reference written out, as the validator of this project takes it.
Json writtenOut(const Json& schema);
// "#/components/schemas/Message", or anything that has such a $ref, → what it stands for.
const Json& resolved(const Json& value);

// What `response` to METHOD `target` has that the description does not say, or says otherwise; empty: it is
// as described. Members that nobody described are faults too: a reader of /docs would not know of them.
std::vector<std::string> notAsDescribed(const std::string& method, const std::string& target,
                                        const HttpResponse& response);

}  // namespace signalbox::testing
