#include "daemon/api/presence_api.h"

namespace signalbox::api {
namespace {

std::optional<Id> seenConversation(const Call& call, const InboxParts& parts) {
    const auto id = readId(call, kConversationId);
    bool may_see = false;
    if (id) parts.store.read([&](Reader& reader) { may_see = Visibility(call.caller).maySee(reader, *id); });
    return may_see ? std::optional<Id>(*id) : std::nullopt;
}

HttpResponse getTyping(const Call& call, const InboxParts& parts, const Presence& presence) {
    const auto id = seenConversation(call, parts);
    if (!id) return notFound("conversation");
    return ok({{"items", presence.typing(call.caller.org, *id)}, {"next", nullptr}});
}

HttpResponse postTyping(Call& call, const InboxParts& parts, Presence& presence) {
    Body body(call.body, {"is_typing"});
    const bool is_typing = body.flag("is_typing").value_or(true);
    if (!body.status()) return refuse(body.status().error());
    const auto id = seenConversation(call, parts);
    if (!id) return notFound("conversation");
    if (call.caller.user == 0)
        return refuse({ErrorKind::Forbidden, "this token belongs to no user", {}, "right_missing"});
    presence.type(call.caller.org, call.caller.user, *id, is_typing);
    return getTyping(call, parts, presence);
}

}  // namespace

void addPresenceRoutes(Router& router, const InboxParts& parts, Presence& presence) {
    router.add({"GET", "/api/v1/presence", "presence:read", [&](Call& call) {
                    return ok({{"items", presence.list(call.caller.org)}, {"next", nullptr}});
                }});
    const std::string typing = "/api/v1/conversations/{id}/typing";
    router.add(
        {"GET", typing, "presence:read", [&](Call& call) { return getTyping(call, parts, presence); }});
    router.add(visible(
        {"POST", typing, "presence:write", [&](Call& call) { return postTyping(call, parts, presence); }}));
}

}  // namespace signalbox::api
