// What a message becomes when it is forwarded by mail: «Fwd: …», our words, and the original below the lines
// that mail programs put before it, with its HTML, pictures and files. Pure.
#pragma once

#include <string>

#include "base/json.h"

namespace signalbox::api {

struct ForwardComment {
    std::string text, html;  // html: instead of the text, where the mail has HTML
};

// The files of a message that are here, by their content; hub/files asks whether the caller may have them.
Json forwardedFiles(const Json& message);
// `message` in the shape of hub/inbox. {"type", "subject", "text", "html", "attachments"} for the outbox.
Json forwardedMail(const Json& message, const ForwardComment& comment);

}  // namespace signalbox::api
