// What a watcher of the live feed wants to hear of. Pure, but for `matching`.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/http_message.h"
#include "base/json.h"
#include "base/result.h"
#include "hub/log/event_log.h"

namespace signalbox {

inline constexpr std::size_t kMostSubscriptions = 50;

// All of it must hold; what is empty or 0 leaves everything.
struct Subscription {
    std::vector<std::string> types;  // with * at the end: all that begin so
    std::vector<Id> conversations;
    std::vector<std::string> accounts;  // by name
    Id person = 0;
    std::string object_kind, object_id;  // of another system: a project, a job

    bool wantsType(std::string_view type) const;
    bool wantsConversation(Id conversation) const;
    // All but person and object.
    bool mayWant(const LogRecord& record, std::string_view account) const;
    bool asksDatabase() const { return person != 0 || !object_kind.empty(); }
    // Those of `conversations` that are with the person and about the object. Throws StoreError.
    std::vector<Id> matching(Reader& reader, Id org, std::span<const Id> conversations) const;
    // Events without a conversation: the person stands in them.
    bool isNamedIn(const LogRecord& record) const;
};

// {"types": ["message.*"], "conversation_id", "person_id", "account", "object": {"kind", "id"}}; types,
// conversation_id and account take one or a list. Invalid: what is wrong with which member.
Result<Subscription> readSubscription(const Json& members);
// The same of a URL: ?types=a,b&conversation_id=…&person_id=…&account=…&object_kind=…&object_id=…
Result<Subscription> readSubscription(const FormFields& query);

}  // namespace signalbox
