#include "daemon/api/message_api.h"

#include "connectors/email/mime/html_sanitize.h"
#include "daemon/api/files_api.h"
#include "daemon/api/forwarding.h"
#include "daemon/api/template_api.h"
#include "hub/accounts/built_in.h"
#include "hub/inbox/field_kinds.h"
#include "hub/inbox/tags.h"
#include "hub/model/channel_traits.h"
#include "hub/people/profiles.h"

namespace signalbox::api {
namespace {

constexpr std::size_t kMaxText = 64 * 1024;

struct Where {
    Id account = 0;
    bool is_callers = false;  // the conversation is with the person that the caller is: he is the customer
    std::string channel, kind;
};
std::optional<Where> whereIs(const InboxParts& parts, const Caller& caller, Id conversation) {
    const Visibility view(caller);
    std::optional<Where> found;
    parts.store.read([&](Reader& reader) {
        if (!view.maySee(reader, conversation)) return;
        const Rows rows = reader.query(
            "SELECT account, person, channel, kind FROM conversations WHERE id = $1", {conversation});
        if (rows.empty()) return;
        const Id person = caller.person != 0 ? presentPerson(reader, caller.org, caller.person) : 0;
        found = Where{rows[0].integer(0), person != 0 && person == rows[0].integer(1), rows[0].text(2),
                      rows[0].text(3)};
    });
    return found;
}

// The conversation of a message that the caller sees.
std::optional<Id> conversationOf(const InboxParts& parts, const Visibility& view, Id message) {
    const auto found = findMessage(parts.store, parts.accounts, view, message);
    return found ? parseId(kConversationId, textAt(*found, "conversation_id")) : std::nullopt;
}

Attachment attachmentOf(const Json& item, const std::string& prefix, Body& body) {
    for (const auto& [name, value] : item.items()) {
        const bool is_known = name == "kind" || name == "mime" || name == "filename" || name == "caption" ||
                              name == "sha256" || name == "media_id";
        if (!is_known || !value.is_string()) body.fault(prefix + name, "unknown field, or no text");
    }
    Attachment attachment;
    attachment.kind = textAt(item, "kind").empty() ? "document" : textAt(item, "kind");
    attachment.mime = textAt(item, "mime");
    attachment.filename = textAt(item, "filename");
    attachment.caption = textAt(item, "caption");
    attachment.sha256 = textAt(item, "sha256");
    return attachment;
}

// Reads what makes a line of our own; `direction` and the id are set.
NewLine readLine(Body& body, Call& call, const InboxParts& parts, const std::string& direction) {
    NewLine line{parts.ids.next(), direction};
    line.type = body.word("type", {"text", "location", "equipment_request", "incident_report", "time_log"});
    line.text = body.text("text", kMaxText);
    line.content = body.object("content");
    if (memberAt(line.content, "html").is_string())
        line.content["html"] = mime::sanitizeHtml(line.content["html"].get_ref<const std::string&>()).html;
    readFiles(body, call, parts, line);
    if (line.text.empty() && line.content.empty() && line.files.empty()) body.fault("text", "is missing");
    if (const auto checked = checkFieldContent(line.type, line.content); !checked)
        body.refuse(checked.error());
    line.traits.urgency = body.word("urgency", {"normal", "high", "urgent"});
    line.traits.visibility = body.word("visibility", {"client", "internal"});
    line.traits.reply_to = body.id("reply_to", kMessageId).value_or(0);
    line.client_token = clientTokenOf(call);
    return line;
}

HttpResponse addOwnLine(Call& call, const InboxParts& parts, Id conversation, const NewLine& line) {
    const auto refused = runChange(parts.store, [&](Tx& tx) -> Status {
        const auto added = parts.lines.add(tx, actorOf(call.caller), conversation, line);
        if (!added) return added.error();
        removeDraft(tx, actorOf(call.caller).id, conversation);
        return Done{};
    });
    return refused ? *refused : messageAnswer(call, parts, line.id, 201);
}

// Urgency and visibility are ours; the rest is what the outbox reads. `conversation` 0: it begins one.
HttpResponse sendThroughProvider(Call& call, const InboxParts& parts, Id conversation, Json request,
                                 const LineTraits& traits) {
    for (const char* ours : {"urgency", "visibility"}) request.erase(ours);
    if (conversation != 0) request["conversation_id"] = idText(kConversationId, conversation);
    RequestSource source{call.caller.org, actorOf(call.caller).name, clientTokenOf(call)};
    source.user = call.caller.user;
    source.viewer = viewerOf(call.caller);
    const auto prepared = parts.outbox.prepare(request, source);
    if (!prepared) return refuse(prepared.error());
    Queued queued;
    const auto written = parts.store.writeAndWait([&](Tx& tx) {
        queued = parts.outbox.enqueue(tx, *prepared);
        if (queued.is_new && queued.message != 0 && !traits.isDefault())
            parts.inbox.setTraits(tx, queued.message, traits);
        if (conversation != 0) removeDraft(tx, actorOf(call.caller).id, conversation);
    });
    if (!written) return refuse(written.error());
    return messageAnswer(call, parts, queued.message, 202);
}

HttpResponse putMessage(Call& call, const InboxParts& parts) {
    Body body(call.body, {"text"});
    const std::string text = body.requiredText("text", kMaxText);
    if (!body.status()) return refuse(body.status().error());
    const auto id = readId(call, kMessageId);
    if (!id || !conversationOf(parts, Visibility(call.caller), *id)) return notFound("message");
    const auto edit = editOf(call);
    if (!edit) return refuse(edit.error());
    const auto refused =
        runChange(parts.store, [&](Tx& tx) { return parts.care.edit(tx, *edit, *id, text); });
    return refused ? *refused : messageAnswer(call, parts, *id);
}

HttpResponse deleteMessage(Call& call, const InboxParts& parts) {
    const std::string scope = call.queryText("scope");
    if (!scope.empty() && scope != "self" && scope != "everyone")
        return refuse({ErrorKind::Invalid, "scope: self or everyone"});
    const auto id = readId(call, kMessageId);
    if (!id || !conversationOf(parts, Visibility(call.caller), *id)) return notFound("message");
    const bool is_admin = call.caller.role != nullptr && call.caller.role->name == "admin";
    const auto refused = runChange(parts.store, [&](Tx& tx) {
        const Actor by = actorOf(call.caller);
        if (scope != "everyone") return parts.care.hide(tx, by, *id);
        Status removed = parts.care.remove(tx, by, *id, is_admin);
        if (removed) parts.outbox.discardOf(tx, *id);
        return removed;
    });
    return refused ? *refused : HttpResponse{204, {}, ""};
}

HttpResponse postReaction(Call& call, const InboxParts& parts) {
    Body body(call.body, {"emoji"});
    const std::string emoji = body.text("emoji", 64);
    if (!body.status()) return refuse(body.status().error());
    const Visibility view(call.caller);
    const auto id = readId(call, kMessageId);
    const auto conversation = id ? conversationOf(parts, view, *id) : std::nullopt;
    if (!conversation) return notFound("message");
    const auto where = whereIs(parts, call.caller, *conversation);
    const bool is_client = where && where->is_callers;
    const ChannelTraits* traits = where ? channelTraits(where->channel) : nullptr;
    std::optional<PreparedRequest> mark;
    // The other side sees it where the channel can show it.
    if (where && where->account != 0 && !is_client && traits != nullptr && traits->reactions) {
        auto prepared =
            parts.outbox.prepare({{"conversation_id", idText(kConversationId, *conversation)},
                                  {"type", "reaction"},
                                  {"text", emoji},
                                  {"reply_to", idText(kMessageId, *id)}},
                                 {call.caller.org, actorOf(call.caller).name, clientTokenOf(call)});
        if (!prepared) return refuse(prepared.error());
        mark = std::move(*prepared);
    }
    const auto refused = runChange(parts.store, [&](Tx& tx) -> Status {
        auto done = parts.care.react(tx, actorOf(call.caller), *id, emoji);
        if (done && mark) parts.outbox.enqueue(tx, *mark);
        return done;
    });
    return refused ? *refused : messageAnswer(call, parts, *id);
}

HttpResponse flagMessage(Call& call, const InboxParts& parts, const char* name,
                         std::optional<bool> MessageFlags::*flag) {
    Body body(call.body, {name});
    MessageFlags flags;
    flags.*flag = body.flag(name).value_or(true);
    if (!body.status()) return refuse(body.status().error());
    const auto id = readId(call, kMessageId);
    if (!id || !conversationOf(parts, Visibility(call.caller), *id)) return notFound("message");
    const auto refused = runChange(
        parts.store, [&](Tx& tx) { return parts.care.setFlags(tx, actorOf(call.caller), *id, flags); });
    return refused ? *refused : messageAnswer(call, parts, *id);
}

HttpResponse postUrgency(Call& call, const InboxParts& parts) {
    Body body(call.body, {"urgency"});
    MessageFlags flags;
    flags.urgency = body.requiredText("urgency");
    if (!flags.urgency.empty() && !isPriority(flags.urgency))
        body.fault("urgency", "must be normal, high or urgent");
    if (!body.status()) return refuse(body.status().error());
    const auto id = readId(call, kMessageId);
    if (!id || !conversationOf(parts, Visibility(call.caller), *id)) return notFound("message");
    const auto refused = runChange(
        parts.store, [&](Tx& tx) { return parts.care.setFlags(tx, actorOf(call.caller), *id, flags); });
    return refused ? *refused : messageAnswer(call, parts, *id);
}

HttpResponse postTags(Call& call, const InboxParts& parts) {
    Body body(call.body, {"tag", "tags", "add", "remove"});
    std::vector<std::string> add = body.texts("tags"), remove = body.texts("remove");
    for (std::string& name : body.texts("add")) add.push_back(std::move(name));
    if (const std::string one = body.text("tag"); !one.empty()) add.push_back(one);
    if (add.empty() && remove.empty()) body.fault("tags", "give tags to add, or remove");
    for (auto* names : {&add, &remove}) {
        for (std::string& name : *names) {
            auto tag = normalizeTag(name);
            if (!tag) return refuse(tag.error());
            name = std::move(*tag);
        }
    }
    if (!body.status()) return refuse(body.status().error());
    const auto id = readId(call, kMessageId);
    if (!id || !conversationOf(parts, Visibility(call.caller), *id)) return notFound("message");
    const auto refused = runChange(parts.store, [&](Tx& tx) {
        return parts.care.changeTags(tx, actorOf(call.caller), *id, add, remove);
    });
    return refused ? *refused : messageAnswer(call, parts, *id);
}

// Who sees all conversations begins any; others by an account of their own.
Status mayBegin(const Call& call, const Accounts& accounts, const std::string& name) {
    const auto account = accounts.byName(call.caller.org, name);
    const bool is_own = account && account->owner != 0 && account->owner == call.caller.user;
    if (account && !isBuiltIn(*account) && (call.caller.seesEverything() || is_own)) return Done{};
    return Error{ErrorKind::NotFound, "account: there is none of this name", {}, "not_found"};
}

// Whether a mail leaves with it.
bool becomesMail(const Call& call, const InboxParts& parts, const std::optional<Where>& where,
                 const std::string& account_name) {
    if (where) return where->account != 0 && where->channel == "email";
    const auto account = parts.accounts.byName(call.caller.org, account_name);
    return account && account->channel == "email";
}

HttpResponse forwardInside(Call& call, const InboxParts& parts, Id target, const std::string& text,
                           const Json& files, const LineTraits& traits) {
    NewLine line{parts.ids.next(), "out", "text", text};
    line.traits = traits;
    line.client_token = clientTokenOf(call);
    const Json carried = {{"attachments", files}};
    Body forwarded(carried, {"attachments"});
    readFiles(forwarded, call, parts, line);
    if (!forwarded.status()) return refuse(forwarded.status().error());
    return addOwnLine(call, parts, target, line);
}

// Into a conversation, or to somebody new.
HttpResponse postForward(Call& call, const InboxParts& parts) {
    Body body(call.body, {"conversation_id", "account", "to", "cc", "bcc", "subject", "text", "html"});
    const auto target = body.id("conversation_id", kConversationId);
    const ForwardComment comment{body.text("text", kMaxText / 2), body.text("html", kMaxText)};
    std::string account = body.text("account");
    if (!target && !body.has("to")) body.fault("conversation_id", "is missing (or give to)");
    if (!body.status()) return refuse(body.status().error());
    const Visibility view(call.caller);
    const auto id = readId(call, kMessageId);
    const auto original = id ? findMessage(parts.store, parts.accounts, view, *id) : std::optional<Json>();
    if (!original) return notFound("message");
    if (original->contains("deleted_for"))
        return refuse({ErrorKind::Conflict, "the message was deleted", {}, "message_deleted"});
    std::optional<Where> where;
    if (target) {
        where = whereIs(parts, call.caller, *target);
        if (!where) return notFound("conversation");
    } else {
        if (account.empty()) account = textAt(*original, "account");
        if (const auto may = mayBegin(call, parts.accounts, account); !may) return refuse(may.error());
    }
    // A note stays behind the scenes: it must not leave by being forwarded to a customer.
    if (textAt(*original, "direction") == "internal" && (!where || where->kind == "external")) {
        return refuse({ErrorKind::Forbidden,
                       "an internal note cannot be forwarded to a conversation with a customer",
                       {},
                       "note_stays_inside"});
    }
    LineTraits traits;
    traits.forwarded_from = *id;
    const Json files = forwardedFiles(*original);
    const std::string words = textAt(*original, "text");
    if (comment.text.empty() && comment.html.empty() && words.empty() && files.empty() &&
        textAt(memberAt(*original, "content"), "html").empty())
        return refuse({ErrorKind::Invalid, "the message has nothing to forward", {}, "nothing_to_forward"});
    const std::string text = comment.text.empty() ? words : comment.text + "\n\n" + words;
    if (where && where->account == 0) return forwardInside(call, parts, *target, text, files, traits);
    Json request = Json::object();
    if (becomesMail(call, parts, where, account)) {
        request = forwardedMail(*original, comment);
    } else {
        if (!text.empty()) request["text"] = text;
        if (!files.empty()) request["attachments"] = files;
    }
    for (const char* field : {"to", "cc", "bcc", "subject"})
        if (body.has(field)) request[field] = call.body[field];
    if (!target) request["account"] = account;
    return sendThroughProvider(call, parts, target.value_or(0), std::move(request), traits);
}

HttpResponse getReads(Call& call, const InboxParts& parts) {
    const auto id = readId(call, kMessageId);
    if (!id || !conversationOf(parts, Visibility(call.caller), *id)) return notFound("message");
    return ok({{"items", listReads(parts.store, *id)}, {"next", nullptr}});
}

HttpResponse getDraft(Call& call, const InboxParts& parts) {
    const auto id = readId(call, kConversationId);
    const auto draft = id ? findDraft(parts.store, actorOf(call.caller).id, *id) : std::nullopt;
    if (!draft) return notFound("draft");
    return ok({{"conversation_id", idText(kConversationId, *id)},
               {"body", draft->body},
               {"changed_at", toRfc3339(draft->changed_at)}});
}

HttpResponse putDraft(Call& call, const InboxParts& parts) {
    const auto id = readId(call, kConversationId);
    if (!call.body.is_object())
        return refuse({ErrorKind::Invalid, "body: must be a JSON object", {}, "invalid_request"});
    const std::string text = dumpJson(call.body);
    if (text.size() > kMaxText)
        return refuse({ErrorKind::Invalid, "body: longer than 65536 bytes", {}, "invalid_request"});
    if (!id || !whereIs(parts, call.caller, *id)) return notFound("conversation");
    const auto refused = runChange(parts.store, [&](Tx& tx) -> Status {
        saveDraft(tx, call.caller.org, actorOf(call.caller).id, *id, text, parts.clock.now());
        return Done{};
    });
    return refused ? *refused : getDraft(call, parts);
}

HttpResponse deleteDraft(Call& call, const InboxParts& parts) {
    const auto id = readId(call, kConversationId);
    if (!id || !whereIs(parts, call.caller, *id)) return notFound("conversation");
    const auto refused = runChange(parts.store, [&](Tx& tx) -> Status {
        removeDraft(tx, actorOf(call.caller).id, *id);
        return Done{};
    });
    return refused ? *refused : HttpResponse{204, {}, ""};
}

// ---- messages for later -----------------------------------------------------------------------------------

// What is wrong with it is said now, not when it is due.
Result<PreparedRequest> prepareForLater(const Call& call, const InboxParts& parts, const Json& message) {
    if (const auto named = parseId(kConversationId, textAt(message, "conversation_id"));
        named && !whereIs(parts, call.caller, *named))
        return Error{
            ErrorKind::NotFound, "message.conversation_id: there is no such conversation", {}, "not_found"};
    RequestSource source{call.caller.org, actorOf(call.caller).name};
    source.user = call.caller.user;
    source.viewer = viewerOf(call.caller);
    auto prepared = parts.outbox.prepare(message, source);
    if (prepared && prepared->kind != OutboxKind::Message)
        return Error{
            ErrorKind::Invalid, "message.type: only messages can be sent later", {}, "invalid_request"};
    return prepared;
}

// A mail that was answered now is answered then, whoever writes meanwhile; and others read the HTML until it
// leaves.
Json keptForLater(Json message, const PreparedRequest& prepared) {
    if (prepared.answers != 0 && prepared.conversation && !message.contains("in_reply_to"))
        message["reply_to"] = idText(kMessageId, prepared.answers);
    if (memberAt(message, "html").is_string())
        message["html"] = mime::htmlToSend(message["html"].get_ref<const std::string&>());
    if (memberAt(memberAt(message, "content"), "html").is_string())
        message["content"]["html"] =
            mime::htmlToSend(message["content"]["html"].get_ref<const std::string&>());
    return message;
}

HttpResponse scheduledAnswer(const Call& call, const Scheduled& scheduled, const Result<Id>& id,
                             int status = 200) {
    const auto found = id ? scheduled.find(Visibility(call.caller), *id) : std::nullopt;
    return found ? withRevision(reply(status, *found), numberAt(*found, "revision"))
                 : notFound("scheduled message");
}

HttpResponse postScheduled(Call& call, const InboxParts& parts, Scheduled& scheduled) {
    Body body(call.body, {"send_at", "message"});
    const auto send_at = body.time("send_at");
    const Json message = body.object("message");
    if (!send_at) body.fault("send_at", "is missing");
    if (send_at && *send_at <= parts.clock.now()) body.fault("send_at", "must be in the future");
    if (!body.status()) return refuse(body.status().error());
    const auto prepared = prepareForLater(call, parts, message);
    if (!prepared) return refuse(prepared.error());
    const NewScheduled row{parts.ids.next(), prepared->conversation.value_or(0),
                           dumpJson(keptForLater(message, *prepared)), *send_at, prepared->account->id};
    const auto refused = runChange(parts.store, [&](Tx& tx) -> Status {
        scheduled.add(tx, actorOf(call.caller), row);
        return Done{};
    });
    if (refused) return *refused;
    return scheduledAnswer(call, scheduled, row.id, 201);
}

HttpResponse getScheduled(Call& call, Scheduled& scheduled) {
    const auto page = readPage(call, kScheduledId);
    if (!page) return refuse(page.error());
    const std::string conversation = call.queryText("conversation_id");
    const auto id = parseId(kConversationId, conversation);
    if (!conversation.empty() && !id)
        return refuse({ErrorKind::Invalid, "conversation_id: not an id of that kind (cnv_…)"});
    return list(scheduled.list(Visibility(call.caller), id.value_or(0), call.queryText("state"), *page),
                kScheduledId);
}

template <class Change>
HttpResponse changeScheduled(Call& call, const InboxParts& parts, Scheduled& scheduled, Change make) {
    const auto id = readId(call, kScheduledId);
    if (!id || !scheduled.find(Visibility(call.caller), *id)) return notFound("scheduled message");
    const auto edit = editOf(call);
    if (!edit) return refuse(edit.error());
    if (const auto refused = runChange(parts.store, [&](Tx& tx) { return make(tx, *edit, *id); }))
        return *refused;
    return scheduledAnswer(call, scheduled, id);
}

HttpResponse putScheduled(Call& call, const InboxParts& parts, Scheduled& scheduled) {
    Body body(call.body, {"send_at", "message"});
    ScheduledChange change;
    change.send_at = body.time("send_at");
    if (!change.send_at && !body.has("message")) body.fault("send_at", "is missing, and so is message");
    if (change.send_at && *change.send_at <= parts.clock.now())
        body.fault("send_at", "must be in the future");
    const Json message = body.has("message") ? body.object("message") : Json();
    if (!body.status()) return refuse(body.status().error());
    if (!message.is_null()) {
        const auto prepared = prepareForLater(call, parts, message);
        if (!prepared) return refuse(prepared.error());
        change.request = dumpJson(keptForLater(message, *prepared));
        change.conversation = prepared->conversation.value_or(0);
        change.account = prepared->account->id;
    }
    return changeScheduled(call, parts, scheduled, [&](Tx& tx, const Edit& edit, Id id) {
        return scheduled.change(tx, edit, id, change);
    });
}

}  // namespace

// Only what lies here: no provider will fetch the rest for us.
void readFiles(Body& body, const Call& call, const InboxParts& parts, NewLine& line) {
    if (!body.has("attachments")) return;
    Json asked = {{"attachments", body.list("attachments")}};
    if (!body.status()) return;
    Result<std::vector<NamedFile>> named = std::vector<NamedFile>();
    parts.store.read([&](Reader& reader) { named = nameFiles(reader, viewerOf(call.caller), asked); });
    if (!named) return body.refuse(named.error());
    const Json& items = asked["attachments"];
    if (named->size() != items.size())
        return body.fault("attachments", "in this conversation each is a file of ours: {\"file_id\"}");
    for (std::size_t i = 0; i < items.size(); ++i)
        line.attachments.push_back(attachmentOf(items[i], "attachments[" + std::to_string(i) + "].", body));
    line.files = *std::move(named);
}

HttpResponse answerInConversation(Call& call, const InboxParts& parts, Id conversation, const Json& asked) {
    const auto where = whereIs(parts, call.caller, conversation);
    if (!where) return notFound("conversation");
    const auto filled = withTemplate(call, parts.store, parts.clock, conversation, "", asked);
    if (!filled) return refuse(filled.error());
    const Json& request = *filled;
    const bool is_client = where->is_callers;
    const bool is_note = textAt(request, "visibility") == "internal";
    if (where->account != 0 && !is_client && !is_note) {
        Body body(request, {"type",         "text",     "template",    "content",   "interactive",
                            "location",     "contacts", "attachments", "reply_to",  "in_reply_to",
                            "expires_in_s", "urgency",  "visibility",  "subject",   "html",
                            "to",           "cc",       "bcc",         "reply_all", "request_receipt"});
        LineTraits traits;
        traits.urgency = body.word("urgency", {"normal", "high", "urgent"});
        if (!body.status()) return refuse(body.status().error());
        return sendThroughProvider(call, parts, conversation, request.is_null() ? Json::object() : request,
                                   traits);
    }
    if (is_note && where->kind == "external" && !call.caller.may("notes:write")) {
        return refuse(
            {ErrorKind::Forbidden, "an internal line takes the right notes:write", {}, "right_missing"});
    }
    Body body(request, {"type", "text", "content", "attachments", "reply_to", "urgency", "visibility"});
    const bool is_inside = is_note && where->kind == "external";
    const NewLine line = readLine(body, call, parts, is_inside ? "internal" : is_client ? "in" : "out");
    if (!body.status()) return refuse(body.status().error());
    return addOwnLine(call, parts, conversation, line);
}

void addMessageRoutes(Router& router, const InboxParts& parts) {
    const std::string one = "/api/v1/messages/{id}", conversation = "/api/v1/conversations/{id}";
    const auto add = [&](const char* method, const std::string& path, const char* right, Handler handler) {
        router.add({method, path, right, std::move(handler)});
    };
    router.add(visible({"POST", conversation + "/messages", "conversations:reply", [&](Call& call) {
                            const auto id = readId(call, kConversationId);
                            if (!id) return notFound("conversation");
                            return answerInConversation(call, parts, *id, call.body);
                        }}));
    router.add(visible({"GET", one, "messages:read", [&](Call& call) {
                            const auto id = readId(call, kMessageId);
                            return id ? messageAnswer(call, parts, *id) : notFound("message");
                        }}));
    router.add(visible({"PUT", one, "messages:send", [&](Call& call) { return putMessage(call, parts); }}));
    router.add(
        visible({"DELETE", one, "messages:send", [&](Call& call) { return deleteMessage(call, parts); }}));
    router.add(visible({"POST", one + "/reactions", "messages:react",
                        [&](Call& call) { return postReaction(call, parts); }}));
    add("POST", one + "/star", "messages:flag",
        [&](Call& call) { return flagMessage(call, parts, "starred", &MessageFlags::starred); });
    add("POST", one + "/pin", "messages:flag",
        [&](Call& call) { return flagMessage(call, parts, "pinned", &MessageFlags::pinned); });
    add("POST", one + "/urgency", "messages:flag", [&](Call& call) { return postUrgency(call, parts); });
    add("POST", one + "/tags", "tags:manage", [&](Call& call) { return postTags(call, parts); });
    add("POST", one + "/forward", "messages:send", [&](Call& call) { return postForward(call, parts); });
    add("GET", one + "/reads", "messages:read", [&](Call& call) { return getReads(call, parts); });
    add("GET", conversation + "/draft", "drafts:read", [&](Call& call) { return getDraft(call, parts); });
    add("PUT", conversation + "/draft", "drafts:write", [&](Call& call) { return putDraft(call, parts); });
    add("DELETE", conversation + "/draft", "drafts:write",
        [&](Call& call) { return deleteDraft(call, parts); });
    add("GET", "/api/v1/drafts", "drafts:read", [&](Call& call) {
        return ok({{"items", listDrafts(parts.store, call.caller.org, actorOf(call.caller).id)},
                   {"next", nullptr}});
    });
    router.add(visible({"GET", "/api/v1/channels", "channels:read", [](Call&) {
                            return ok({{"items", channelsJson()}, {"next", nullptr}});
                        }}));
}

void addScheduledRoutes(Router& router, const InboxParts& parts, Scheduled& scheduled,
                        std::function<void()> on_due) {
    const std::string all = "/api/v1/scheduled", one = all + "/{id}";
    router.add({"POST", all, "scheduled:write", [&, on_due](Call& call) {
                    auto response = postScheduled(call, parts, scheduled);
                    on_due();
                    return response;
                }});
    router.add({"GET", all, "scheduled:read", [&](Call& call) { return getScheduled(call, scheduled); }});
    router.add({"GET", one, "scheduled:read",
                [&](Call& call) { return scheduledAnswer(call, scheduled, readId(call, kScheduledId)); }});
    router.add({"PUT", one, "scheduled:write", [&, on_due](Call& call) {
                    auto response = putScheduled(call, parts, scheduled);
                    on_due();
                    return response;
                }});
    router.add({"DELETE", one, "scheduled:write", [&](Call& call) {
                    return changeScheduled(call, parts, scheduled, [&](Tx& tx, const Edit& edit, Id id) {
                        return scheduled.cancel(tx, edit, id);
                    });
                }});
}

}  // namespace signalbox::api
