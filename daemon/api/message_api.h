// What is done with messages: answer, edit, delete, react, star, pin, tag, forward; who read them; drafts and
// messages for later; what each channel can.
#pragma once

#include "daemon/api/inbox_parts.h"
#include "hub/scheduled/scheduled.h"

namespace signalbox::api {

void addMessageRoutes(Router& router, const InboxParts& parts);
// `on_due` is told when there may be an earlier time to send something.
void addScheduledRoutes(Router& router, const InboxParts& parts, Scheduled& scheduled,
                        std::function<void()> on_due);

// An answer in a conversation: through its provider, or as a line of our own where there is none. Also for
// aliases.
HttpResponse answerInConversation(Call& call, const InboxParts& parts, Id conversation, const Json& request);

// The files of a line of our own: `attachments` of the body, each named by file_id (or what it has of a
// message, by sha256), and had only by who may download it.
void readFiles(Body& body, const Call& call, const InboxParts& parts, NewLine& line);

}  // namespace signalbox::api
