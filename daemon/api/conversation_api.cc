#include "daemon/api/conversation_api.h"

#include <future>
#include <map>

#include "daemon/api/message_api.h"
#include "hub/inbox/field_kinds.h"
#include "hub/inbox/tags.h"
#include "hub/outbox/outbox_queries.h"

namespace signalbox::api {
namespace {

constexpr std::size_t kMaxText = 64 * 1024;
constexpr std::size_t kMostTags = 50;

// One change of the conversation in the path; answers with the conversation.
template <class Change>
HttpResponse change(Call& call, const InboxParts& parts, Change make) {
    const auto id = readId(call, kConversationId);
    if (!id) return notFound("conversation");
    const auto edit = editOf(call);
    if (!edit) return refuse(edit.error());
    const Visibility view(call.caller);
    const auto refused = runChange(parts.store, [&](Tx& tx) -> Status {
        if (!view.maySee(tx, *id)) return Error{ErrorKind::NotFound, "no such conversation", {}, "not_found"};
        return make(tx, *edit, *id);
    });
    return refused ? *refused : conversationAnswer(call, parts, *id);
}

Result<std::vector<std::string>> tagNames(Body& body, std::initializer_list<std::string_view> fields) {
    std::vector<std::string> names;
    for (const auto& field : fields) {
        for (const std::string& name : body.texts(field, kMostTags)) {
            auto tag = normalizeTag(name);
            if (!tag) return tag.error();
            names.push_back(std::move(*tag));
        }
    }
    return names;
}

struct TagRequest {
    std::vector<std::string> add, remove;
};
Result<TagRequest> readTags(Body& body) {
    TagRequest request;
    auto add = tagNames(body, {"tags", "add"});
    if (!add) return add.error();
    auto remove = tagNames(body, {"remove"});
    if (!remove) return remove.error();
    request = {std::move(*add), std::move(*remove)};
    if (const std::string one = body.text("tag"); !one.empty()) {
        auto tag = normalizeTag(one);
        if (!tag) return tag.error();
        request.add.push_back(std::move(*tag));
    }
    if (!body.status()) return body.status().error();
    if (request.add.empty() && request.remove.empty())
        return Error{ErrorKind::Invalid, "tags: give tags to add, or remove", {}, "invalid_request"};
    return request;
}

StatusChange readStatus(Body& body) {
    StatusChange wanted;
    wanted.status = body.requiredText("status");
    wanted.until = body.time("until");
    if (!wanted.status.empty() && !isConversationStatus(wanted.status))
        body.fault("status", "must be open, pending, resolved, closed, snoozed or spam");
    return wanted;
}

Assignment readAssignment(Body& body, const Caller& caller) {
    Assignment wanted;
    if (body.text("user_id") == "me") {
        if (caller.user == 0) body.fault("user_id", "this token belongs to no user; name one");
        wanted.user = caller.user;
    } else {
        wanted.user = body.id("user_id", kUserId);
    }
    wanted.team = body.id("team_id", kTeamId);
    if (body.has("strategy")) wanted.strategy = body.word("strategy", {"round_robin", "least_busy"});
    if (!wanted.user && !wanted.team && wanted.strategy.empty())
        body.fault("user_id", "give user_id, team_id (null takes it away) or strategy");
    return wanted;
}

HttpResponse postStatus(Call& call, const InboxParts& parts, const std::function<void()>& on_due) {
    Body body(call.body, {"status", "until"});
    const StatusChange wanted = readStatus(body);
    if (!body.status()) return refuse(body.status().error());
    auto response = change(call, parts, [&](Tx& tx, const Edit& edit, Id id) {
        return parts.desk.setStatus(tx, edit, id, wanted);
    });
    if (wanted.status == "snoozed") on_due();
    return response;
}

HttpResponse postSnooze(Call& call, const InboxParts& parts, const std::function<void()>& on_due) {
    Body body(call.body, {"until", "seconds"});
    StatusChange wanted{"snoozed", body.time("until")};
    if (const auto seconds = body.number("seconds", 1, 366LL * 86'400))
        wanted.until = parts.clock.now() + std::chrono::seconds{*seconds};
    if (!wanted.until) body.fault("until", "is missing (or give seconds)");
    if (!body.status()) return refuse(body.status().error());
    auto response = change(call, parts, [&](Tx& tx, const Edit& edit, Id id) {
        return parts.desk.setStatus(tx, edit, id, wanted);
    });
    on_due();
    return response;
}

Error mayNotShare() {
    return {ErrorKind::Forbidden,
            "this conversation lies in a private mailbox: only its user shows it to others",
            {},
            "account_private"};
}

// Another one takes over; the words that go with it become a note in the same commit.
HttpResponse postAssign(Call& call, const InboxParts& parts) {
    Body body(call.body, {"user_id", "team_id", "strategy", "note"});
    const Assignment wanted = readAssignment(body, call.caller);
    NewLine note{parts.ids.next(), "internal", "text", body.text("note", kMaxText)};
    note.traits.visibility = "internal";
    if (!body.status()) return refuse(body.status().error());
    const Visibility view(call.caller);
    return change(call, parts, [&](Tx& tx, const Edit& edit, Id id) -> Status {
        if (!view.mayShare(tx, id)) return mayNotShare();
        if (auto done = parts.desk.assign(tx, edit, id, wanted); !done || note.text.empty()) return done;
        if (auto added = parts.lines.add(tx, edit.by, id, note); !added) return added.error();
        return Done{};
    });
}

HttpResponse postTags(Call& call, const InboxParts& parts) {
    Body body(call.body, {"tag", "tags", "add", "remove"});
    const auto wanted = readTags(body);
    if (!wanted) return refuse(wanted.error());
    return change(call, parts, [&](Tx& tx, const Edit& edit, Id id) {
        return parts.desk.changeTags(tx, edit, id, wanted->add, wanted->remove);
    });
}

HttpResponse postPriority(Call& call, const InboxParts& parts) {
    Body body(call.body, {"priority"});
    const std::string priority = body.requiredText("priority");
    if (!priority.empty() && !isPriority(priority)) body.fault("priority", "must be normal, high or urgent");
    if (!body.status()) return refuse(body.status().error());
    return change(call, parts, [&](Tx& tx, const Edit& edit, Id id) {
        return parts.desk.setPriority(tx, edit, id, priority);
    });
}

// {"starred": false} takes it back; without a body it is set.
HttpResponse postFlag(Call& call, const InboxParts& parts, const char* name,
                      std::optional<bool> ConversationFlags::*flag) {
    Body body(call.body, {name});
    ConversationFlags flags;
    flags.*flag = body.flag(name).value_or(true);
    if (!body.status()) return refuse(body.status().error());
    return change(call, parts,
                  [&](Tx& tx, const Edit& edit, Id id) { return parts.desk.setFlags(tx, edit, id, flags); });
}

HttpResponse putConversation(Call& call, const InboxParts& parts) {
    Body body(call.body, {"subject", "priority", "starred", "pinned", "archived"});
    const std::string subject = body.text("subject", 1'000), priority = body.text("priority");
    const ConversationFlags flags{body.flag("starred"), body.flag("pinned"), body.flag("archived")};
    if (!priority.empty() && !isPriority(priority)) body.fault("priority", "must be normal, high or urgent");
    if (!body.status()) return refuse(body.status().error());
    return change(call, parts, [&](Tx& tx, const Edit& edit, Id id) -> Status {
        Edit next = edit;
        Status done = Done{};
        if (body.has("subject")) {
            done = parts.desk.setSubject(tx, next, id, subject);
            next.revision.reset();
        }
        if (done && !priority.empty()) {
            done = parts.desk.setPriority(tx, next, id, priority);
            next.revision.reset();
        }
        if (done && (flags.starred || flags.pinned || flags.archived))
            done = parts.desk.setFlags(tx, next, id, flags);
        return done;
    });
}

HttpResponse postRead(Call& call, const InboxParts& parts) {
    Body body(call.body, {"seq", "unread", "tell_sender"});
    const auto seq = body.number("seq", 0, std::numeric_limits<std::int64_t>::max() / 2);
    const bool is_unread_again = body.flag("unread").value_or(false);
    const bool tells = body.flag("tell_sender").value_or(false);
    if (!body.status()) return refuse(body.status().error());
    const auto id = readId(call, kConversationId);
    if (!id) return notFound("conversation");
    const bool may_send = call.caller.may("messages:send");
    if (tells && !may_send)
        return refuse({ErrorKind::Forbidden,
                       "tell_sender: a read mark is sent to the other side; it takes the right messages:send",
                       {},
                       "right_missing"});
    const Visibility view(call.caller);
    std::optional<PreparedRequest> mark;
    if (tells) {
        if (!findConversation(parts.store, parts.accounts, view, *id)) return notFound("conversation");
        RequestSource source{call.caller.org, actorOf(call.caller).name};
        source.user = call.caller.user;
        auto prepared = parts.outbox.prepare(
            {{"conversation_id", idText(kConversationId, *id)}, {"type", "mark_read"}}, source);
        if (!prepared) return refuse(prepared.error());
        mark = std::move(*prepared);
    }
    // A mailbox is the team's: what customers, crews and those who only look on read there stays unread for
    // the team.
    std::vector<SeenMails> seen;
    if (view.seesNotes() && may_send && !is_unread_again)
        seen = parts.outbox.prepareSeen(call.caller.org, call.caller.user, *id, seq.value_or(0));
    ReadMark done;
    const auto refused = runChange(parts.store, [&](Tx& tx) -> Status {
        if (!view.maySee(tx, *id)) return Error{ErrorKind::NotFound, "no such conversation", {}, "not_found"};
        auto marked = parts.care.markRead(tx, actorOf(call.caller), *id, seq.value_or(0), is_unread_again);
        if (!marked) return marked.error();
        done = *marked;
        if (mark && seen.empty() && done.newly_read > 0) parts.outbox.enqueue(tx, *mark);
        for (const SeenMails& mails : seen) parts.outbox.enqueueSeen(tx, mails);
        return Done{};
    });
    if (refused) return *refused;
    auto found = findConversation(parts.store, parts.accounts, view, *id);
    if (!found) return notFound("conversation");
    addDeskDetails(parts.store, view, actorOf(call.caller).id, *found);
    (*found)["read_seq"] = done.seq;
    (*found)["newly_read"] = done.newly_read;
    return ok(*found);
}

HttpResponse postNote(Call& call, const InboxParts& parts) {
    Body body(call.body, {"text", "type", "content", "attachments", "reply_to", "urgency"});
    NewLine line{parts.ids.next(), "internal"};
    readFiles(body, call, parts, line);
    line.text = line.files.empty() ? body.requiredText("text", kMaxText) : body.text("text", kMaxText);
    line.type = body.word("type", {"text", "equipment_request", "incident_report", "time_log", "location"});
    line.content = body.object("content");
    if (const auto checked = checkFieldContent(line.type, line.content); !checked)
        body.refuse(checked.error());
    line.traits.visibility = "internal";
    line.traits.urgency = body.word("urgency", {"normal", "high", "urgent"});
    line.traits.reply_to = body.id("reply_to", kMessageId).value_or(0);
    line.client_token = clientTokenOf(call);
    if (!body.status()) return refuse(body.status().error());
    const auto id = readId(call, kConversationId);
    if (!id) return notFound("conversation");
    const Visibility view(call.caller);
    const auto refused = runChange(parts.store, [&](Tx& tx) -> Status {
        if (!view.maySee(tx, *id)) return Error{ErrorKind::NotFound, "no such conversation", {}, "not_found"};
        const auto added = parts.lines.add(tx, actorOf(call.caller), *id, line);
        return added ? Status(Done{}) : Status(added.error());
    });
    return refused ? *refused : messageAnswer(call, parts, line.id, 201);
}

HttpResponse getMembers(Call& call, const InboxParts& parts) {
    const auto id = readId(call, kConversationId);
    if (!id || !findConversation(parts.store, parts.accounts, Visibility(call.caller), *id))
        return notFound("conversation");
    return ok({{"items", listMembers(parts.store, *id)}, {"next", nullptr}});
}

HttpResponse changeMember(Call& call, const InboxParts& parts, bool is_added) {
    Body body(call.body, {"user_id", "person_id", "role"});
    const Id user = body.id("user_id", kUserId).value_or(0),
             person = body.id("person_id", kPersonId).value_or(0);
    Member member{user != 0 ? "user" : "person", user != 0 ? user : person,
                  body.word("role", {"participant", "watcher"})};
    if (!is_added && !body.has("role")) member.role.clear();
    if ((user == 0) == (person == 0)) body.fault("user_id", "give either user_id or person_id");
    if (!body.status()) return refuse(body.status().error());
    const Visibility view(call.caller);
    return change(call, parts, [&](Tx& tx, const Edit& edit, Id id) -> Status {
        if (!view.mayShare(tx, id)) return mayNotShare();
        return is_added ? parts.desk.addMember(tx, edit, id, member)
                        : parts.desk.removeMember(tx, edit, id, member);
    });
}

HttpResponse postRoom(Call& call, const InboxParts& parts) {
    Body body(call.body, {"kind", "subject", "user_ids"});
    const Room room{body.word("kind", {"group", "direct", "department", "project", "public"}),
                    body.text("subject", 1'000), body.ids("user_ids", kUserId)};
    if (!body.status()) return refuse(body.status().error());
    const Id id = parts.ids.next();
    const auto refused = runChange(
        parts.store, [&](Tx& tx) { return parts.lines.openRoom(tx, actorOf(call.caller), id, room); });
    return refused ? *refused : conversationAnswer(call, parts, id, 201);
}

// Each conversation is a change of its own, done as a whole or not at all; all are queued before the first is
// waited for, so that they share commits. In the order of `ids`.
std::vector<Status> changeEach(Store& store, const std::vector<Id>& ids,
                               const std::function<Status(Tx&, Id)>& change) {
    std::vector<Attempt> attempts(ids.size());
    std::vector<std::promise<Status>> written(ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) {
        store.write([&, i](Tx& tx) { attempts[i].run(tx, [&](Tx& inner) { return change(inner, ids[i]); }); },
                    [&, i](const Status& status) { written[i].set_value(status); });
    }
    std::vector<Status> outcomes;
    for (std::size_t i = 0; i < ids.size(); ++i)
        outcomes.push_back(attempts[i].outcome(written[i].get_future().get()));
    return outcomes;
}

// The same change for many; each for itself, so that one that is gone does not hold up the others.
HttpResponse postBulk(Call& call, const InboxParts& parts, const std::function<void()>& on_due) {
    Body body(call.body, {"ids", "status", "until", "user_id", "team_id", "strategy", "priority", "tags",
                          "add", "remove", "starred", "pinned", "archived", "read"});
    const auto ids = body.ids("ids", kConversationId);
    if (ids.empty()) body.fault("ids", "is missing: 1 to 500 conversations");
    std::optional<StatusChange> status;
    if (body.has("status")) status = readStatus(body);
    std::optional<Assignment> assignment;
    if (body.has("user_id") || body.has("team_id") || body.has("strategy"))
        assignment = readAssignment(body, call.caller);
    const std::string priority = body.text("priority");
    if (!priority.empty() && !isPriority(priority)) body.fault("priority", "must be normal, high or urgent");
    const ConversationFlags flags{body.flag("starred"), body.flag("pinned"), body.flag("archived")};
    const bool has_flags = flags.starred || flags.pinned || flags.archived;
    const bool is_read = body.flag("read").value_or(false);
    std::optional<TagRequest> tags;
    if (body.has("tags") || body.has("add") || body.has("remove")) {
        const auto read = readTags(body);
        if (!read) return refuse(read.error());
        tags = *read;
    }
    if (!body.status()) return refuse(body.status().error());

    const Edit edit{actorOf(call.caller), {}};
    Json results = Json::array();
    std::size_t changed = 0;
    const Visibility view(call.caller);
    std::map<Id, std::vector<SeenMails>> seen;
    for (const Id id : ids) {
        if (is_read && view.seesNotes())
            seen[id] = parts.outbox.prepareSeen(call.caller.org, call.caller.user, id, 0);
    }
    const auto one = [&](Tx& tx, Id id) -> Status {
        if (!view.maySee(tx, id)) return Error{ErrorKind::NotFound, "no such conversation", {}, "not_found"};
        Status done = Done{};
        if (status) done = parts.desk.setStatus(tx, edit, id, *status);
        if (done && assignment && !view.mayShare(tx, id)) done = mayNotShare();
        if (done && assignment) done = parts.desk.assign(tx, edit, id, *assignment);
        if (done && !priority.empty()) done = parts.desk.setPriority(tx, edit, id, priority);
        if (done && tags) done = parts.desk.changeTags(tx, edit, id, tags->add, tags->remove);
        if (done && has_flags) done = parts.desk.setFlags(tx, edit, id, flags);
        if (done && is_read) {
            const auto marked = parts.care.markRead(tx, edit.by, id, 0, false);
            if (!marked) done = marked.error();
            if (marked)
                for (const SeenMails& mails : seen[id]) parts.outbox.enqueueSeen(tx, mails);
        }
        return done;
    };
    const auto outcomes = changeEach(parts.store, ids, one);
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const Status& done = outcomes[i];
        Json entry = {{"id", idText(kConversationId, ids[i])}, {"ok", done.ok()}};
        if (!done) entry["error"] = {{"code", done.error().code}, {"message", done.error().message}};
        if (done) ++changed;
        results.push_back(std::move(entry));
    }
    on_due();
    return ok({{"changed", changed}, {"results", results}});
}

HttpResponse getConversationMessages(Call& call, const InboxParts& parts) {
    const auto id = readId(call, kConversationId);
    const auto page = readPage(call, kMessageId);
    if (!page) return refuse(page.error());
    const Visibility view(call.caller);
    if (!id || !findConversation(parts.store, parts.accounts, view, *id)) return notFound("conversation");
    MessageFilter filter;
    filter.conversation = *id;
    filter.reader = actorOf(call.caller).id;
    filter.direction = call.queryText("direction");
    filter.text = call.queryText("q");
    PageOfItems found = listMessages(parts.store, parts.accounts, view, filter, *page);
    addNextAttempts(parts.store, found.items);
    return list(found, kMessageId);
}

HttpResponse getTags(Call& call, const InboxParts& parts) {
    Json items;
    parts.store.read([&](Reader& reader) { items = listTags(reader, Visibility(call.caller)); });
    return ok({{"items", items}, {"next", nullptr}});
}

}  // namespace

void addConversationRoutes(Router& router, const InboxParts& parts, std::function<void()> on_due) {
    const std::string one = "/api/v1/conversations/{id}";
    const auto post = [&](const char* what, const char* right, Handler handler) {
        router.add({"POST", one + what, right, std::move(handler)});
    };
    router.add({"GET", "/api/v1/conversations/counts", "conversations:read", [&](Call& call) {
                    return ok(countWaiting(parts.store, Visibility(call.caller), call.caller.user,
                                           actorOf(call.caller).id));
                }});
    router.add(visible({"GET", one, "conversations:read", [&](Call& call) {
                            const auto id = readId(call, kConversationId);
                            return id ? conversationAnswer(call, parts, *id) : notFound("conversation");
                        }}));
    router.add(visible({"GET", one + "/messages", "messages:read",
                        [&](Call& call) { return getConversationMessages(call, parts); }}));
    router.add(visible(
        {"POST", one + "/read", "conversations:read", [&](Call& call) { return postRead(call, parts); }}));
    post("/status", "conversations:manage",
         [&, on_due](Call& call) { return postStatus(call, parts, on_due); });
    post("/snooze", "conversations:manage",
         [&, on_due](Call& call) { return postSnooze(call, parts, on_due); });
    post("/assign", "conversations:manage", [&](Call& call) { return postAssign(call, parts); });
    post("/tags", "tags:manage", [&](Call& call) { return postTags(call, parts); });
    post("/notes", "notes:write", [&](Call& call) { return postNote(call, parts); });
    post("/priority", "conversations:manage", [&](Call& call) { return postPriority(call, parts); });
    post("/star", "conversations:manage",
         [&](Call& call) { return postFlag(call, parts, "starred", &ConversationFlags::starred); });
    post("/pin", "conversations:manage",
         [&](Call& call) { return postFlag(call, parts, "pinned", &ConversationFlags::pinned); });
    post("/archive", "conversations:manage",
         [&](Call& call) { return postFlag(call, parts, "archived", &ConversationFlags::archived); });
    router.add(
        {"PUT", one, "conversations:manage", [&](Call& call) { return putConversation(call, parts); }});
    router.add(
        {"GET", one + "/members", "conversations:read", [&](Call& call) { return getMembers(call, parts); }});
    post("/members", "conversations:manage", [&](Call& call) { return changeMember(call, parts, true); });
    router.add({"DELETE", one + "/members", "conversations:manage",
                [&](Call& call) { return changeMember(call, parts, false); }});
    router.add({"POST", "/api/v1/conversations", "conversations:manage",
                [&](Call& call) { return postRoom(call, parts); }});
    router.add({"POST", "/api/v1/conversations/bulk", "conversations:manage",
                [&, on_due](Call& call) { return postBulk(call, parts, on_due); }});
    router.add({"GET", "/api/v1/tags", "tags:read", [&](Call& call) { return getTags(call, parts); }});
}

}  // namespace signalbox::api
