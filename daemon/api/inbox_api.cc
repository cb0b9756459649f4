#include "daemon/api/inbox_api.h"

#include "daemon/api/inbox_parts.h"
#include "hub/outbox/outbox_queries.h"

namespace signalbox::api {
namespace {

// An id given as a filter; Invalid when it is none of that kind, 0 when it is not given.
Result<Id> filterId(const Call& call, std::string_view name, std::string_view prefix) {
    const std::string text = call.queryText(name);
    if (text.empty()) return Id{0};
    const auto id = parseId(prefix, text);
    if (!id)
        return Error{ErrorKind::Invalid,
                     std::string(name) + ": not an id of that kind (" + std::string(prefix) + "_…)"};
    return *id;
}

Result<Id> filterAccount(const Call& call, const Accounts& accounts) {
    const std::string name = call.queryText("account");
    if (name.empty()) return Id{0};
    const auto account = accounts.everByName(call.caller.org, name);
    if (!account) return Error{ErrorKind::Invalid, "account: no account is named " + name};
    return account->id;
}

// ?object=project:42
Status readObject(const Call& call, std::string& kind, std::string& id) {
    const std::string text = call.queryText("object");
    if (text.empty()) return Done{};
    if (!call.caller.may("objects:read"))
        return Error{
            ErrorKind::Forbidden, "object: this filter takes the right objects:read", {}, "right_missing"};
    const auto colon = text.find(':');
    if (colon == 0 || colon == std::string::npos || colon + 1 == text.size())
        return Error{ErrorKind::Invalid, "object: give kind:id, like project:42"};
    kind = text.substr(0, colon);
    id = text.substr(colon + 1);
    return Done{};
}

Result<std::optional<bool>> filterFlag(const Call& call, const char* name) {
    const std::string text = call.queryText(name);
    if (text.empty()) return std::optional<bool>();
    if (text == "true" || text == "false") return std::optional<bool>(text == "true");
    return Error{ErrorKind::Invalid, std::string(name) + ": true or false"};
}

// usr_…, «me» or «none».
Result<Id> filterWho(const Call& call, std::string_view name, std::string_view prefix) {
    const std::string text = call.queryText(name);
    if (text == "none") return kNobody;
    if (text == "me") return actorOf(call.caller).id;
    return filterId(call, name, prefix);
}

// What a caller does not see of a conversation he must not find out by asking for it.
Status checkTeamFilters(const Call& call, std::initializer_list<const char*> names) {
    if (Visibility(call.caller).seesNotes()) return Done{};
    for (const char* name : names) {
        if (call.queryText(name).empty()) continue;
        return Error{ErrorKind::Forbidden,
                     std::string(name) + ": this filter takes the right notes:read",
                     {},
                     "right_missing"};
    }
    return Done{};
}

Status readDeskFilter(const Call& call, ConversationFilter& filter) {
    if (auto checked = checkTeamFilters(
            call, {"assignee", "team_id", "priority", "tag", "starred", "pinned", "archived", "mentions"});
        !checked)
        return checked;
    const auto assignee = filterWho(call, "assignee", kUserId);
    if (!assignee) return assignee.error();
    filter.assignee = *assignee;
    const auto team = filterWho(call, "team_id", kTeamId);
    if (!team) return team.error();
    filter.team = *team;
    filter.priority = call.queryText("priority");
    filter.tag = call.queryText("tag");
    filter.kind = call.queryText("kind");
    filter.text = call.queryText("q");
    for (const auto& [name, flag] : {std::pair{"starred", &filter.starred},
                                     {"pinned", &filter.pinned},
                                     {"archived", &filter.archived}}) {
        const auto read = filterFlag(call, name);
        if (!read) return read.error();
        *flag = *read;
    }
    const Id me = actorOf(call.caller).id;
    if (call.queryText("unread") == "true") filter.unread_by = me;
    if (call.queryText("member") == "me") filter.member = me;
    if (call.queryText("mentions") == "me") filter.mentioned = me;
    return readObject(call, filter.object_kind, filter.object_id);
}

// A cursor of another order holds what the last item was sorted by: «micros.cnv_…».
Status readOrder(const Call& call, const std::string& cursor, ConversationFilter& filter, PageRequest& page) {
    const std::string sort = call.queryText("sort");
    if (sort.empty() || sort == "newest") return Done{};
    if (sort != "activity" && sort != "priority")
        return Error{ErrorKind::Invalid, "sort: newest, activity or priority"};
    filter.order = sort == "activity" ? ConversationOrder::Activity : ConversationOrder::Priority;
    if (cursor.empty()) return Done{};
    const auto dot = cursor.find('.');
    const auto id = dot == std::string::npos
                        ? std::nullopt
                        : parseId(kConversationId, std::string_view(cursor).substr(dot + 1));
    const bool is_number =
        dot != std::string::npos && dot > 0 && dot < 18 && cursor.find_first_not_of("0123456789") == dot;
    if (!id || !is_number)
        return Error{ErrorKind::Invalid, "cursor: use the `next` of the page before as it is"};
    page.before = *id;
    page.before_value = std::stoll(cursor.substr(0, dot));
    return Done{};
}

HttpResponse getMessages(Call& call, Store& store, const Accounts& accounts) {
    const auto page = readPage(call, kMessageId);
    if (!page) return refuse(page.error());
    if (auto checked = checkTeamFilters(call, {"tag", "mentions"}); !checked) return refuse(checked.error());
    const auto account = filterAccount(call, accounts);
    if (!account) return refuse(account.error());
    const auto conversation = filterId(call, "conversation_id", kConversationId);
    if (!conversation) return refuse(conversation.error());
    const auto person = filterId(call, "person_id", kPersonId);
    if (!person) return refuse(person.error());
    MessageFilter filter{*account,
                         *conversation,
                         *person,
                         call.queryText("direction"),
                         call.queryText("channel"),
                         call.queryText("status"),
                         call.queryText("q"),
                         call.queryText("external_id")};
    filter.type = call.queryText("type");
    filter.urgency = call.queryText("urgency");
    filter.tag = call.queryText("tag");
    filter.reader = actorOf(call.caller).id;
    if (call.queryText("mentions") == "me") filter.mentioned = actorOf(call.caller).id;
    if (auto read = readObject(call, filter.object_kind, filter.object_id); !read)
        return refuse(read.error());
    PageOfItems found = listMessages(store, accounts, Visibility(call.caller), filter, *page);
    addNextAttempts(store, found.items);
    return list(found, kMessageId);
}

// The cursor of a list that is not by id; taken out, since it has a form of its own.
std::string takeCursor(Call& call) {
    const std::string sort = call.queryText("sort"), cursor = call.queryText("cursor");
    if (sort.empty() || sort == "newest") return "";
    std::erase_if(call.query, [](const auto& field) { return field.first == "cursor"; });
    return cursor;
}

HttpResponse getConversations(Call& call, Store& store, const Accounts& accounts) {
    const std::string cursor = takeCursor(call);
    const auto page = readPage(call, kConversationId);
    if (!page) return refuse(page.error());
    const auto account = filterAccount(call, accounts);
    if (!account) return refuse(account.error());
    const auto person = filterId(call, "person_id", kPersonId);
    if (!person) return refuse(person.error());
    ConversationFilter filter{*account, *person, call.queryText("status"), call.queryText("channel")};
    if (auto read = readDeskFilter(call, filter); !read) return refuse(read.error());
    PageRequest wanted = *page;
    if (auto read = readOrder(call, cursor, filter, wanted); !read) return refuse(read.error());
    const Visibility view(call.caller);
    PageOfItems found = listConversations(store, accounts, view, filter, wanted);
    addDeskDetailsToAll(store, view, actorOf(call.caller).id, found.items);
    Json next = found.next ? Json(idText(kConversationId, *found.next)) : Json(nullptr);
    if (found.next_value) next = std::to_string(*found.next_value) + '.' + next.get<std::string>();
    return ok({{"items", found.items}, {"next", next}});
}

HttpResponse getPeople(Call& call, Store& store) {
    const auto page = readPage(call, kPersonId);
    if (!page) return refuse(page.error());
    return list(listPeople(store, Visibility(call.caller), call.queryText("q"), *page), kPersonId);
}

// Everything with one person, on all channels, newest first.
HttpResponse getStream(Call& call, Store& store, const Accounts& accounts) {
    const auto page = readPage(call, kMessageId);
    if (!page) return refuse(page.error());
    const Visibility view(call.caller);
    const auto id = readId(call, kPersonId);
    const auto person = id ? findPerson(store, accounts, view, *id) : std::optional<Json>();
    if (!person) return notFound("person");
    MessageFilter filter;
    filter.person = parseId(kPersonId, textAt(*person, "id")).value_or(0);  // merged: the one it is now
    filter.channel = call.queryText("channel");
    filter.direction = call.queryText("direction");
    filter.type = call.queryText("type");
    filter.reader = actorOf(call.caller).id;
    return list(listMessages(store, accounts, view, filter, *page), kMessageId);
}

}  // namespace

void addInboxRoutes(Router& router, Store& store, const Accounts& accounts) {
    router.add(visible({"GET", "/api/v1/messages", "messages:read",
                        [&](Call& call) { return getMessages(call, store, accounts); }}));
    router.add(visible({"GET", "/api/v1/conversations", "conversations:read",
                        [&](Call& call) { return getConversations(call, store, accounts); }}));
    router.add(visible(
        {"GET", "/api/v1/people", "people:read", [&](Call& call) { return getPeople(call, store); }}));
    router.add(visible({"GET", "/api/v1/people/{id}/stream", "messages:read",
                        [&](Call& call) { return getStream(call, store, accounts); }}));
}

}  // namespace signalbox::api
