#include "daemon/api/object_api.h"

#include "hub/inbox/object_links.h"
#include "hub/people/profiles.h"

namespace signalbox::api {
namespace {

Result<ObjectName> objectOf(const Call& call) {
    const ObjectName object{call.capture("kind"), call.capture("id")};
    if (auto checked = checkObject(object); !checked) return checked.error();
    return object;
}

HttpResponse getLinks(const Call& call, const InboxParts& parts) {
    const auto object = objectOf(call);
    if (!object) return refuse(object.error());
    return ok({{"items", listLinks(parts.store, Visibility(call.caller), *object)}, {"next", nullptr}});
}

HttpResponse changeLink(Call& call, const InboxParts& parts, bool is_added) {
    Body body(call.body, {"subject_id"});
    const std::string text = body.requiredText("subject_id");
    const auto subject = readLinked(text);
    if (!text.empty() && !subject)
        body.fault("subject_id", "the id of a conversation, person, message, ticket, task, lead or call");
    if (!body.status()) return refuse(body.status().error());
    const auto object = objectOf(call);
    if (!object) return refuse(object.error());
    const Actor by = actorOf(call.caller);
    const Visibility view(call.caller);
    const auto refused = runChange(parts.store, [&](Tx& tx) -> Status {
        if (!maySeeLinked(tx, view, *subject))
            return Error{ErrorKind::NotFound, "subject_id: no such " + subject->kind, {}, "not_found"};
        return is_added ? linkObject(tx, parts.log, by, *object, *subject, parts.clock.now())
                        : unlinkObject(tx, parts.log, by, *object, *subject);
    });
    return refused ? *refused : getLinks(call, parts);
}

HttpResponse getTimeline(const Call& call, const InboxParts& parts) {
    const auto object = objectOf(call);
    if (!object) return refuse(object.error());
    const auto page = readPage(call, kMessageId);
    if (!page) return refuse(page.error());
    const std::string visibility = call.queryText("visibility");
    if (!visibility.empty() && visibility != "client" && visibility != "internal")
        return refuse({ErrorKind::Invalid, "visibility: client or internal"});
    const Visibility view(call.caller);
    const bool is_for_clients = visibility == "client" || !view.seesNotes();
    return list(listTimeline(parts.store, parts.accounts, view, *object, is_for_clients, *page), kMessageId);
}

HttpResponse getObjects(const Call& call, const InboxParts& parts) {
    const auto id = readId(call, kConversationId);
    if (!id || !findConversation(parts.store, parts.accounts, Visibility(call.caller), *id))
        return notFound("conversation");
    Json items;
    parts.store.read([&](Reader& reader) {
        items = objectsOf(reader, call.caller.org, {"conversation", *id});
    });
    return ok({{"items", items}, {"next", nullptr}});
}

HttpResponse postMerge(Call& call, const InboxParts& parts, Merging& merging) {
    Body body(call.body, {"with"});
    const Id gone = body.requiredId("with", kConversationId);
    if (!body.status()) return refuse(body.status().error());
    const auto kept = readId(call, kConversationId);
    if (!kept) return notFound("conversation");
    const Id merge = parts.ids.next();
    const Visibility view(call.caller);
    const auto refused = runChange(parts.store, [&](Tx& tx) -> Status {
        if (!view.maySee(tx, *kept) || !view.maySee(tx, gone))
            return Error{ErrorKind::NotFound, "no such conversation", {}, "not_found"};
        return merging.merge(tx, actorOf(call.caller), merge, *kept, gone);
    });
    if (refused) return *refused;
    return ok({{"merge_id", idText(kMergeId, merge)},
               {"conversation_id", idText(kConversationId, *kept)},
               {"merged_id", idText(kConversationId, gone)}});
}

HttpResponse postUnmerge(Call& call, const InboxParts& parts, Merging& merging) {
    Body body(call.body, {"merge_id"});
    const Id merge = body.requiredId("merge_id", kMergeId);
    if (!body.status()) return refuse(body.status().error());
    const auto id = readId(call, kConversationId);
    if (!id) return notFound("conversation");
    const Visibility view(call.caller);
    const auto refused = runChange(parts.store, [&](Tx& tx) -> Status {
        const Json merges = listConversationMerges(tx, call.caller.org, *id);
        const bool is_its = std::any_of(merges.begin(), merges.end(), [&](const Json& one) {
            return textAt(one, "id") == idText(kMergeId, merge);
        });
        if (!is_its || !view.maySee(tx, *id))
            return Error{ErrorKind::NotFound, "no such merge", {}, "not_found"};
        return merging.unmerge(tx, actorOf(call.caller), merge);
    });
    return refused ? *refused : ok({{"merge_id", idText(kMergeId, merge)}, {"undone", true}});
}

HttpResponse getMerges(const Call& call, const InboxParts& parts) {
    const auto id = readId(call, kConversationId);
    if (!id || !findConversation(parts.store, parts.accounts, Visibility(call.caller), *id))
        return notFound("conversation");
    Json items;
    parts.store.read([&](Reader& reader) { items = listConversationMerges(reader, call.caller.org, *id); });
    return ok({{"items", items}, {"next", nullptr}});
}

}  // namespace

void addObjectRoutes(Router& router, const InboxParts& parts) {
    const std::string one = "/api/v1/objects/{kind}/{id}", links = one + "/links";
    router.add(visible({"GET", links, "objects:read", [&](Call& call) { return getLinks(call, parts); }}));
    router.add({"POST", links, "objects:write", [&](Call& call) { return changeLink(call, parts, true); }});
    router.add(
        {"DELETE", links, "objects:write", [&](Call& call) { return changeLink(call, parts, false); }});
    router.add(visible(
        {"GET", one + "/timeline", "objects:read", [&](Call& call) { return getTimeline(call, parts); }}));
    router.add(visible({"GET", "/api/v1/conversations/{id}/objects", "objects:read",
                        [&](Call& call) { return getObjects(call, parts); }}));
}

void addMergeRoutes(Router& router, const InboxParts& parts, Merging& merging) {
    const std::string one = "/api/v1/conversations/{id}";
    router.add({"POST", one + "/merge", "conversations:manage",
                [&](Call& call) { return postMerge(call, parts, merging); }});
    router.add({"POST", one + "/unmerge", "conversations:manage",
                [&](Call& call) { return postUnmerge(call, parts, merging); }});
    router.add(
        {"GET", one + "/merges", "conversations:read", [&](Call& call) { return getMerges(call, parts); }});
}

}  // namespace signalbox::api
