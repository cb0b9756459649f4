#include "daemon/api/template_api.h"

#include "hub/answers/templates.h"

namespace signalbox::api {
namespace {

constexpr std::size_t kMaxText = 64 * 1024, kMaxHtml = 256 * 1024;

Template readTemplate(Body& body, const Caller& caller, Template known) {
    known.org = caller.org;
    if (body.has("name") || known.name.empty()) known.name = body.requiredText("name", 100);
    for (const auto& [field, text] : {std::pair{"category", &known.category},
                                      {"language", &known.language},
                                      {"channel", &known.channel}}) {
        if (body.has(field)) *text = body.text(field, 50);
    }
    if (body.has("subject")) known.subject = body.text("subject", 1'000);
    if (body.has("text")) known.text = body.text("text", kMaxText);
    if (body.has("html")) known.html = body.text("html", kMaxHtml);
    if (const auto shared = body.flag("is_shared")) {
        if (!*shared && caller.user == 0) body.fault("is_shared", "this token belongs to no user: true only");
        known.owner = *shared ? 0 : caller.user;
    }
    if (known.text.empty() && known.html.empty()) body.fault("text", "is missing (or give html)");
    return known;
}

// Whoever writes these writes what lets people in: their text has the link.
Status mayWrite(const Caller& caller, const std::string& name) {
    if ((name != "password_reset" && name != "invitation") || caller.may("settings:manage")) return Done{};
    return Error{
        ErrorKind::Forbidden,
        "name: «" + name + "» is the mail with a link to sign in; it takes the right settings:manage",
        {},
        "right_missing"};
}

Body bodyOf(const Call& call) {
    return Body(call.body,
                {"name", "category", "language", "channel", "subject", "text", "html", "is_shared"});
}

std::optional<Template> find(const Call& call, const InboxParts& parts) {
    const auto id = readId(call, kTemplateId);
    std::optional<Template> found;
    if (id)
        parts.store.read(
            [&](Reader& reader) { found = findTemplate(reader, call.caller.org, call.caller.user, *id); });
    return found;
}

HttpResponse answer(const InboxParts& parts, const Call& call, Id id, int status) {
    std::optional<Template> found;
    parts.store.read(
        [&](Reader& reader) { found = findTemplate(reader, call.caller.org, call.caller.user, id); });
    if (!found) return notFound("template");
    return withRevision(reply(status, templateJson(*found)), found->revision);
}

HttpResponse getTemplates(const Call& call, const InboxParts& parts) {
    const auto page = readPage(call, kTemplateId);
    if (!page) return refuse(page.error());
    const TemplateFilter filter{call.queryText("category"), call.queryText("language"),
                                call.queryText("channel"), call.queryText("q"),
                                call.queryText("own") == "true"};
    return list(listTemplates(parts.store, call.caller.org, call.caller.user, filter, *page), kTemplateId);
}

HttpResponse postTemplate(Call& call, const InboxParts& parts) {
    Body body = bodyOf(call);
    Template wanted = readTemplate(body, call.caller, {});
    if (!body.status()) return refuse(body.status().error());
    if (auto checked = checkTemplate(wanted); !checked) return refuse(checked.error());
    if (auto may = mayWrite(call.caller, wanted.name); !may) return refuse(may.error());
    wanted.id = parts.ids.next();
    const auto refused = runChange(parts.store, [&](Tx& tx) {
        return addTemplate(tx, actorOf(call.caller), wanted, parts.clock.now());
    });
    return refused ? *refused : answer(parts, call, wanted.id, 201);
}

HttpResponse putTemplate(Call& call, const InboxParts& parts) {
    const auto known = find(call, parts);
    if (!known) return notFound("template");
    Body body = bodyOf(call);
    body.mustBeThere();
    const Template wanted = readTemplate(body, call.caller, *known);
    if (!body.status()) return refuse(body.status().error());
    if (auto checked = checkTemplate(wanted); !checked) return refuse(checked.error());
    for (const std::string* name : {&known->name, &wanted.name})
        if (auto may = mayWrite(call.caller, *name); !may) return refuse(may.error());
    const auto edit = editOf(call);
    if (!edit) return refuse(edit.error());
    const auto refused = runChange(parts.store, [&](Tx& tx) {
        return changeTemplate(tx, edit->by, wanted, edit->revision, parts.clock.now());
    });
    return refused ? *refused : answer(parts, call, wanted.id, 200);
}

HttpResponse deleteTemplate(Call& call, const InboxParts& parts) {
    const auto known = find(call, parts);
    if (!known) return notFound("template");
    if (auto may = mayWrite(call.caller, known->name); !may) return refuse(may.error());
    const auto refused = runChange(parts.store, [&](Tx& tx) -> Status {
        removeTemplate(tx, call.caller.org, call.caller.user, known->id);
        return Done{};
    });
    return refused ? *refused : HttpResponse{204, {}, ""};
}

// The values of the conversation, with the caller's own on top.
Json valuesFor(const Call& call, Store& store, const Clock& clock, Id conversation, const Json& own) {
    Json values;
    store.read([&](Reader& reader) {
        values = templateValues(reader, call.caller.org, conversation, call.caller.user, clock.now());
    });
    values.update(own, true);
    return values;
}

HttpResponse postPreview(Call& call, const InboxParts& parts) {
    Body body(call.body, {"conversation_id", "variables"});
    const Id conversation = body.id("conversation_id", kConversationId).value_or(0);
    const Json own = body.object("variables");
    if (!body.status()) return refuse(body.status().error());
    const auto known = find(call, parts);
    if (!known) return notFound("template");
    if (conversation != 0 &&
        !findConversation(parts.store, parts.accounts, Visibility(call.caller), conversation))
        return notFound("conversation");
    const RenderedTemplate rendered =
        render(*known, valuesFor(call, parts.store, parts.clock, conversation, own));
    return ok({{"subject", rendered.subject},
               {"text", rendered.text},
               {"html", rendered.html},
               {"missing", rendered.missing}});
}

}  // namespace

Result<Json> withTemplate(const Call& call, Store& store, const Clock& clock, Id conversation,
                          std::string channel, const Json& body) {
    const Json& wanted = memberAt(body, "template_id");
    if (wanted.is_null()) return body;
    if (!call.caller.may("templates:read"))
        return Error{
            ErrorKind::Forbidden, "template_id: takes the right templates:read", {}, "right_missing"};
    const auto id =
        wanted.is_string() ? parseId(kTemplateId, wanted.get_ref<const std::string&>()) : std::nullopt;
    std::optional<Template> found;
    if (id)
        store.read(
            [&](Reader& reader) { found = findTemplate(reader, call.caller.org, call.caller.user, *id); });
    if (!found) return Error{ErrorKind::Invalid, "template_id: no such template", {}, "invalid_request"};
    const Json& own = memberAt(body, "variables");
    if (!own.is_null() && !own.is_object())
        return Error{ErrorKind::Invalid, "variables: must be an object", {}, "invalid_request"};
    const RenderedTemplate rendered =
        render(*found, valuesFor(call, store, clock, conversation, own.is_null() ? Json::object() : own));
    if (!rendered.missing.empty()) {
        std::string names;
        for (const std::string& name : rendered.missing) names += (names.empty() ? "" : ", ") + name;
        return Error{ErrorKind::Invalid, "variables: the template needs " + names, {}, "variables_missing"};
    }
    Json message = body;
    message.erase("template_id");
    message.erase("variables");
    if (!message.contains("text") && !rendered.text.empty()) message["text"] = rendered.text;
    store.read([&](Reader& reader) {
        const Rows rows = reader.query("SELECT channel FROM conversations WHERE id = $1 AND org = $2",
                                       {conversation, call.caller.org});
        if (!rows.empty()) channel = rows[0].text(0);
    });
    if (channel == "email") {
        if (!message.contains("html") && !rendered.html.empty()) message["html"] = rendered.html;
        if (!message.contains("subject") && !rendered.subject.empty()) message["subject"] = rendered.subject;
    }
    return message;
}

void addTemplateRoutes(Router& router, const InboxParts& parts) {
    const std::string all = "/api/v1/templates", one = all + "/{id}";
    router.add({"GET", all, "templates:read", [&](Call& call) { return getTemplates(call, parts); }});
    router.add({"POST", all, "templates:write", [&](Call& call) { return postTemplate(call, parts); }});
    router.add({"GET", one, "templates:read", [&](Call& call) {
                    const auto known = find(call, parts);
                    return known ? answer(parts, call, known->id, 200) : notFound("template");
                }});
    router.add({"PUT", one, "templates:write", [&](Call& call) { return putTemplate(call, parts); }});
    router.add({"DELETE", one, "templates:write", [&](Call& call) { return deleteTemplate(call, parts); }});
    router.add(
        {"POST", one + "/preview", "templates:read", [&](Call& call) { return postPreview(call, parts); }});
}

}  // namespace signalbox::api
