// What the inbox's routes work with, and what they share: who calls, what he sees, one change with its
// answer.
#pragma once

#include "daemon/api/body.h"
#include "daemon/api/router.h"
#include "hub/access/visibility.h"
#include "hub/inbox/desk.h"
#include "hub/inbox/desk_queries.h"
#include "hub/inbox/lines.h"
#include "hub/inbox/message_care.h"
#include "hub/outbox/outbox.h"

namespace signalbox::api {

struct InboxParts {
    Store& store;
    const Accounts& accounts;
    Ids& ids;
    const Clock& clock;
    EventLog& log;
    Inbox& inbox;
    People& people;
    Outbox& outbox;
    Desk& desk;
    Lines& lines;
    MessageCare& care;
};

// user:usr_… for users, api:tok_… for bare tokens.
Actor actorOf(const Caller& caller);
// With the revision of If-Match; Invalid when the header is no ETag of ours.
Result<Edit> editOf(const Call& call);
// 412 for a revision that is over; what other errors say.
HttpResponse refuseEdit(const Error& error);
// {"ETag"} for what has a revision.
HttpResponse withRevision(HttpResponse response, std::int64_t revision);
// The caller's own key, hashed, so that a repeated POST is one message even when the first answer was lost in
// a crash.
std::string clientTokenOf(const Call& call);

// The conversation as the caller sees it, with its ETag; 404 when he does not.
HttpResponse conversationAnswer(const Call& call, const InboxParts& parts, Id conversation, int status = 200);
HttpResponse messageAnswer(const Call& call, const InboxParts& parts, Id message, int status = 200);

// Runs `change(tx)` → Status inside Writes. Nothing: it is done; otherwise what to answer.
template <class Change>
std::optional<HttpResponse> runChange(Store& store, Change change) {
    Status outcome = Done{};
    const auto written = store.writeAndWait([&](Tx& tx) { outcome = change(tx); });
    if (!written) return refuse(written.error());
    if (!outcome) return refuseEdit(outcome.error());
    return std::nullopt;
}

}  // namespace signalbox::api
