// What came back from the outbox ("outbox.finished"), as nodes that send read it. Pure.
#pragma once

#include <string>

#include "base/json.h"
#include "base/result.h"

namespace signalbox::workflow {

// Ok when it was taken, queued, or would be sent in a run that is not dry. Else the outbox's error with
// `what` in front: kind, message and the provider's code; Uncertain when nobody knows.
Status readReceipt(const std::string& what, const Json& answer);

}  // namespace signalbox::workflow
