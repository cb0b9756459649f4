// What Meta refuses in the body of a send, from its documentation.
#pragma once

#include <optional>
#include <string>

#include "base/http_message.h"
#include "base/json.h"

namespace signalbox {

struct MetaFault {
    int status, code;
    std::string message;
};

// Nothing when Meta would take it.
std::optional<MetaFault> faultOf(const Json& body);

// Meta's error answer.
HttpResponse metaError(const MetaFault& fault);

}  // namespace signalbox
