// The path of a door that a workflow opens itself (trigger.webhook, trigger.form). Pure.
#pragma once

#include <string_view>

#include "base/result.h"

namespace signalbox::workflow {

// Segments of a–z A–Z 0–9 . _ ~ - between slashes, or with `may_capture` ":name". Invalid, beginning with
// "path: ".
Status checkOwnPath(std::string_view path, bool may_capture);

}  // namespace signalbox::workflow
