#include "daemon/api/inbox_api.h"

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
    const auto account = accounts.byName(call.caller.org, name);
    if (!account) return Error{ErrorKind::Invalid, "account: no account is named " + name};
    return account->id;
}

HttpResponse getMessages(Call& call, Store& store, const Accounts& accounts) {
    const auto page = readPage(call, kMessageId);
    if (!page) return refuse(page.error());
    const auto account = filterAccount(call, accounts);
    if (!account) return refuse(account.error());
    const auto conversation = filterId(call, "conversation_id", kConversationId);
    if (!conversation) return refuse(conversation.error());
    const auto person = filterId(call, "person_id", kPersonId);
    if (!person) return refuse(person.error());
    const MessageFilter filter{*account,
                               *conversation,
                               *person,
                               call.queryText("direction"),
                               call.queryText("channel"),
                               call.queryText("status"),
                               call.queryText("q"),
                               call.queryText("external_id")};
    return list(listMessages(store, accounts, Visibility(call.caller), filter, *page), kMessageId);
}

HttpResponse getConversations(Call& call, Store& store, const Accounts& accounts) {
    const auto page = readPage(call, kConversationId);
    if (!page) return refuse(page.error());
    const auto account = filterAccount(call, accounts);
    if (!account) return refuse(account.error());
    const auto person = filterId(call, "person_id", kPersonId);
    if (!person) return refuse(person.error());
    const ConversationFilter filter{*account, *person, call.queryText("status"), call.queryText("channel")};
    return list(listConversations(store, accounts, Visibility(call.caller), filter, *page), kConversationId);
}

HttpResponse getPeople(Call& call, Store& store) {
    const auto page = readPage(call, kPersonId);
    if (!page) return refuse(page.error());
    return list(listPeople(store, Visibility(call.caller), call.queryText("q"), *page), kPersonId);
}

template <class Find>
HttpResponse getOne(Call& call, std::string_view prefix, std::string_view what, Find find) {
    const auto id = readId(call, prefix);
    if (!id) return notFound(what);
    const auto found = find(*id);
    return found ? ok(*found) : notFound(what);
}

}  // namespace

void addInboxRoutes(Router& router, Store& store, const Accounts& accounts) {
    router.add(visible({"GET", "/api/v1/messages", "messages:read",
                        [&](Call& call) { return getMessages(call, store, accounts); }}));
    router.add(visible({"GET", "/api/v1/messages/{id}", "messages:read", [&](Call& call) {
                            return getOne(call, kMessageId, "message", [&](Id id) {
                                return findMessage(store, accounts, Visibility(call.caller), id);
                            });
                        }}));
    router.add(visible({"GET", "/api/v1/conversations", "conversations:read",
                        [&](Call& call) { return getConversations(call, store, accounts); }}));
    router.add(visible({"GET", "/api/v1/conversations/{id}", "conversations:read", [&](Call& call) {
                            return getOne(call, kConversationId, "conversation", [&](Id id) {
                                return findConversation(store, accounts, Visibility(call.caller), id);
                            });
                        }}));
    router.add(visible(
        {"GET", "/api/v1/people", "people:read", [&](Call& call) { return getPeople(call, store); }}));
    router.add(visible({"GET", "/api/v1/people/{id}", "people:read", [&](Call& call) {
                            return getOne(call, kPersonId, "person", [&](Id id) {
                                return findPerson(store, accounts, Visibility(call.caller), id);
                            });
                        }}));
}

}  // namespace signalbox::api
