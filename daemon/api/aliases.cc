#include "daemon/api/aliases.h"

#include <stdexcept>

#include "daemon/api/message_api.h"
#include "hub/people/profiles.h"

namespace signalbox::api {
namespace {

struct Alias {
    const char *method, *pattern, *target_method, *target;
};
// The first that matches answers: search stands before the organization.
constexpr Alias kAliases[] = {
    {"GET", "/api/communications/thread/{id}", "GET", "/api/v1/conversations/{id}/messages"},
    {"POST", "/api/communications/upload", "POST", "/api/v1/files"},
    {"GET", "/api/communications/file/{id}", "GET", "/api/v1/files/{id}/content"},
    {"GET", "/api/messages/search", "GET", "/api/v1/search"},
    {"POST", "/api/messages/{id}/tag", "POST", "/api/v1/messages/{id}/tags"},
    {"GET", "/api/tickets", "GET", "/api/v1/tickets"},
    {"POST", "/api/tickets", "POST", "/api/v1/tickets"},
    {"GET", "/api/communication/messages", "GET", "/api/v1/messages"},
    {"POST", "/api/communication/messages", "POST", "/api/v1/messages"},
    {"GET", "/api/communication/conversations", "GET", "/api/v1/conversations"},
};

Route findRoute(const Router& router, std::string_view method, std::string_view pattern) {
    for (const Route& route : router.routes()) {
        if (route.method == method && route.pattern == pattern) return route;
    }
    throw std::logic_error("aliases: no route " + std::string(method) + ' ' + std::string(pattern));
}

// {"conversation_id", …} answers there; {"account", "to", …} writes to somebody; a customer's {"text"} goes
// to the team.
HttpResponse postSend(Call& call, const InboxParts& parts, const Handler& send) {
    if (!call.body.is_object())
        return refuse({ErrorKind::Invalid, "body: must be a JSON object", {}, "invalid_request"});
    const std::string conversation = textAt(call.body, "conversation_id");
    if (!conversation.empty()) {
        const auto id = parseId(kConversationId, conversation);
        if (!id) return notFound("conversation");
        Json request = call.body;
        request.erase("conversation_id");
        return answerInConversation(call, parts, *id, request);
    }
    if (call.caller.person != 0 && !call.caller.seesEverything()) {
        Id portal = 0;
        const auto refused = runChange(parts.store, [&](Tx& tx) -> Status {
            const Id person = presentPerson(tx, call.caller.org, call.caller.person);
            if (person == 0) return Error{ErrorKind::NotFound, "no such person", {}, "not_found"};
            portal = parts.lines.openPortal(tx, call.caller.org, person);
            return Done{};
        });
        return refused ? *refused : answerInConversation(call, parts, portal, call.body);
    }
    if (!call.caller.seesEverything())
        return refuse({ErrorKind::Invalid, "conversation_id: is missing", {}, "invalid_request"});
    return send(call);
}

// The conversation stands in the body instead of the path.
HttpResponse postMarkRead(Call& call, const Handler& read) {
    if (!call.body.is_object())
        return refuse({ErrorKind::Invalid, "body: must be a JSON object", {}, "invalid_request"});
    const std::string conversation = textAt(call.body, "conversation_id");
    if (!parseId(kConversationId, conversation)) return notFound("conversation");
    call.captures["id"] = conversation;
    call.body.erase("conversation_id");
    return read(call);
}

}  // namespace

void addAliases(Router& router, const InboxParts& parts) {
    for (const Alias& alias : kAliases) {
        Route route = findRoute(router, alias.target_method, alias.target);
        route.method = alias.method;
        route.pattern = alias.pattern;
        router.add(std::move(route));
    }
    const Handler send = findRoute(router, "POST", "/api/v1/messages").handler;
    router.add(visible({"POST", "/api/communications/send", "messages:send",
                        [&, send](Call& call) { return postSend(call, parts, send); }}));
    const Route read = findRoute(router, "POST", "/api/v1/conversations/{id}/read");
    router.add(visible({"POST", "/api/communications/mark-read", read.right,
                        [read](Call& call) { return postMarkRead(call, read.handler); }}));
    const Route messages = findRoute(router, "GET", "/api/v1/messages");
    router.add(visible({"GET", "/api/messages/{org}", messages.right, [messages](Call& call) {
                            if (call.capture("org") != idText(kOrgId, call.caller.org))
                                return notFound("organization");
                            return messages.handler(call);
                        }}));
}

}  // namespace signalbox::api
