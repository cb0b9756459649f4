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
std::string clientTokenOf(Call& call);

// The conversation as the caller sees it, with its ETag; 404 when he does not.
HttpResponse conversationAnswer(const Call& call, const InboxParts& parts, Id conversation, int status = 200);
HttpResponse messageAnswer(const Call& call, const InboxParts& parts, Id message, int status = 200);

// One change that is done as a whole or not at all: when it refuses after it wrote, the store takes back what
// it wrote. Runs inside Writes, where it may be repeated; asked for its outcome after that.
class Attempt {
public:
    using Change = std::function<Status(Tx&)>;
    void run(Tx& tx, const Change& change);
    // The change's own word, or the store's where `written` says that nothing of it came about.
    Status outcome(const Status& written) const;

private:
    Status outcome_ = Done{};
    bool is_taken_back_ = false;
};

// Runs `change(tx)` → Status inside Writes. Nothing: it is done; otherwise what to answer, and nothing is
// changed.
template <class Change>
std::optional<HttpResponse> runChange(Store& store, Change change) {
    Attempt attempt;
    const auto written = store.writeAndWait([&](Tx& tx) { attempt.run(tx, change); });
    if (const Status done = attempt.outcome(written); !done) return refuseEdit(done.error());
    return std::nullopt;
}

}  // namespace signalbox::api
