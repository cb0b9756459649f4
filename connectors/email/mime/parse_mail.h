// A mail's bytes become a Mail. Never fails and never throws for what is in them: there is always a sender,
// a subject, a text and a list of attachments, perhaps empty, and `warnings` says what was cut or guessed.
// Pure, linear in the size of the mail, thread-safe.
#pragma once

#include <string_view>

#include "base/json.h"
#include "hub/model/mail.h"

namespace signalbox::mime {

Mail parseMail(std::string_view bytes);

// What `signalbox mail parse` prints. Contents of attachments are not in it, their SHA-256 is.
Json mailToJson(const Mail& mail);

}  // namespace signalbox::mime
