#include "daemon/api/posted_events_api.h"

#include "hub/access/visibility.h"
#include "workflow/event_types.h"

namespace signalbox::api {
namespace {

constexpr std::size_t kMaxKey = 200;

Result<Id> conversationIn(Store& store, const Caller& caller, const Json& text) {
    if (text.is_null()) return Id{0};
    const auto id = text.is_string() ? parseId(kConversationId, text.get<std::string>()) : std::nullopt;
    bool is_known = false;
    if (id) store.read([&](Reader& reader) { is_known = Visibility(caller).maySee(reader, *id); });
    if (is_known) return *id;
    return Error{ErrorKind::Invalid, "conversation_id: there is no such conversation", {}, "event_invalid"};
}

Result<PostedEvent> readEvent(Call& call, Store& store, const Accounts& accounts) {
    if (!call.body.is_object())
        return Error{
            ErrorKind::Invalid, "body: {type, data, key, account, conversation_id}", {}, "event_invalid"};
    for (const auto& [name, value] : call.body.items())
        if (name != "type" && name != "data" && name != "key" && name != "account" &&
            name != "conversation_id")
            return Error{
                ErrorKind::Invalid,
                name.substr(0, 100) + ": unknown; an event has type, data, key, account, conversation_id",
                {},
                "event_invalid"};
    PostedEvent event;
    event.org = call.caller.org;
    event.type = textAt(call.body, "type");
    const Json& data = memberAt(call.body, "data");
    if (auto checked = workflow::checkAppendable(event.type, data); !checked) return checked.error();
    const Json& key = memberAt(call.body, "key");
    if (!key.is_null() && !key.is_string())
        return Error{ErrorKind::Invalid, "key: a text", {}, "event_invalid"};
    event.key = key.is_null() ? "" : key.get<std::string>();
    if (event.key.size() > kMaxKey)
        return Error{ErrorKind::Invalid, "key: longer than 200 bytes", {}, "event_invalid"};
    if (const std::string name = textAt(call.body, "account"); !name.empty()) {
        const auto account = accounts.byName(event.org, name);
        if (!account || !Visibility(call.caller).mayUse(*account))
            return Error{ErrorKind::Invalid,
                         "account: there is no account " + name.substr(0, 100),
                         {},
                         "event_invalid"};
        event.account = account->id;
    }
    // An event about a conversation belongs to it, so that nodes act in it.
    const Json& named = memberAt(call.body, "conversation_id");
    const bool is_about = event.type.starts_with("conversation.");
    const auto conversation = conversationIn(
        store, call.caller, named.is_null() && is_about ? memberAt(data, "conversation_id") : named);
    if (!conversation) return conversation.error();
    event.conversation = *conversation;
    event.payload = dumpJson(data);
    return event;
}

HttpResponse postEvent(Call& call, Store& store, const Accounts& accounts, PostedEvents& events) {
    const auto event = readEvent(call, store, accounts);
    if (!event) return refuse(event.error());
    const auto appended = events.append(*event);
    if (!appended) return refuse(appended.error());
    return reply(appended->is_duplicate ? 200 : 201, {{"offset", appended->offset},
                                                      {"type", event->type},
                                                      {"key", event->key.empty() ? Json() : Json(event->key)},
                                                      {"duplicate", appended->is_duplicate}});
}

HttpResponse getTypes() {
    Json items = Json::array();
    for (const auto& type : workflow::eventTypes())
        items.push_back({{"type", type.name},
                         {"title", type.title()},
                         {"description", type.description()},
                         {"appendable", type.is_appendable},
                         {"schema", type.schema->json()}});
    return ok({{"items", std::move(items)}, {"next", nullptr}});
}

}  // namespace

void addPostedEventRoutes(Router& router, Store& store, const Accounts& accounts, PostedEvents& events) {
    router.add({"POST", "/api/v1/events", "events:write",
                [&](Call& call) { return postEvent(call, store, accounts, events); }});
    router.add({"GET", "/api/v1/event-types", "events:read", [](Call&) { return getTypes(); }});
}

}  // namespace signalbox::api
