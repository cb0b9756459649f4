#include "daemon/api/profile_api.h"

namespace signalbox::api {
namespace {

HttpResponse answer(const Call& call, const InboxParts& parts, Id person, int status = 200) {
    auto found = findPerson(parts.store, parts.accounts, Visibility(call.caller), person);
    if (!found) return notFound("person");
    std::int64_t revision = 0;
    parts.store.read([&](Reader& reader) {
        const Rows rows = reader.query("SELECT kind, custom, revision FROM people WHERE id = $1",
                                       {parseId(kPersonId, textAt(*found, "id")).value_or(0)});
        if (rows.empty()) return;
        const auto custom = parseJson(rows[0].text(1));
        (*found)["kind"] = rows[0].text(0);
        (*found)["custom"] = custom ? *custom : Json::object();
        (*found)["revision"] = revision = rows[0].integer(2);
    });
    return withRevision(reply(status, *found), revision);
}

bool maySeePerson(const Call& call, const InboxParts& parts, Id person) {
    bool may_see = false;
    parts.store.read([&](Reader& reader) { may_see = Visibility(call.caller).maySeePerson(reader, person); });
    return may_see;
}

// Of the path; nothing when the caller does not see such a person.
std::optional<Id> seenPerson(const Call& call, const InboxParts& parts) {
    const auto id = readId(call, kPersonId);
    if (!id || !maySeePerson(call, parts, *id)) return std::nullopt;
    return *id;
}

// {"kind", "value"} in the body, normalized as identities of messages are.
Result<Identity> readIdentity(const Json& json) {
    Body body(json, {"kind", "value"});
    Identity identity{
        body.word("kind", {"phone", "email", "wa_user_id", "slack_user", "webchat_key", "external"}),
        body.requiredText("value", 320)};
    if (!body.has("kind")) body.fault("kind", "is missing");
    if (!body.status()) return body.status().error();
    identity = normalize(std::move(identity), "");
    if (identity.kind == "phone" && !identity.value.starts_with('+')) {
        return Error{ErrorKind::Invalid,
                     "value: no phone number; write it with its country code",
                     {},
                     "invalid_request"};
    }
    return identity;
}

HttpResponse postPerson(Call& call, const InboxParts& parts, Profiles& profiles) {
    Body body(call.body, {"name", "identities"});
    const std::string name = body.requiredText("name", 500);
    if (!body.status()) return refuse(body.status().error());
    std::vector<Identity> identities;
    for (const Json& one : memberAt(call.body, "identities")) {
        auto identity = readIdentity(one);
        if (!identity) return refuse(withContext("identities", identity.error()));
        identities.push_back(std::move(*identity));
    }
    const Id id = parts.ids.next();
    const auto refused = runChange(
        parts.store, [&](Tx& tx) { return profiles.create(tx, actorOf(call.caller), id, name, identities); });
    return refused ? *refused : answer(call, parts, id, 201);
}

HttpResponse putPerson(Call& call, const InboxParts& parts, Profiles& profiles) {
    Body body(call.body, {"name", "kind", "custom"});
    ProfileChange change;
    if (body.has("name")) change.name = body.requiredText("name", 500);
    if (body.has("kind"))
        change.kind = body.word("kind", {"contact", "lead", "crew", "subcontractor", "company"});
    change.custom = body.object("custom");
    if (!body.status()) return refuse(body.status().error());
    const auto edit = editOf(call);
    if (!edit) return refuse(edit.error());
    change.revision = edit->revision;
    const auto id = seenPerson(call, parts);
    if (!id) return notFound("person");
    const auto refused =
        runChange(parts.store, [&](Tx& tx) { return profiles.update(tx, edit->by, *id, change); });
    return refused ? *refused : answer(call, parts, *id);
}

HttpResponse changeIdentity(Call& call, const InboxParts& parts, Profiles& profiles, bool is_added) {
    const auto identity = readIdentity(call.body);
    if (!identity) return refuse(identity.error());
    const auto id = seenPerson(call, parts);
    if (!id) return notFound("person");
    const Actor by = actorOf(call.caller);
    const auto refused = runChange(parts.store, [&](Tx& tx) {
        return is_added ? profiles.addIdentity(tx, by, *id, *identity)
                        : profiles.removeIdentity(tx, by, *id, *identity);
    });
    return refused ? *refused : answer(call, parts, *id);
}

HttpResponse postMerge(Call& call, const InboxParts& parts, Profiles& profiles) {
    Body body(call.body, {"with"});
    const Id gone = body.requiredId("with", kPersonId);
    if (!body.status()) return refuse(body.status().error());
    const auto kept = seenPerson(call, parts);
    if (!kept) return notFound("person");
    if (!maySeePerson(call, parts, gone))
        return refuse({ErrorKind::NotFound, "with: there is no such person"});
    const Id merge = parts.ids.next();
    const auto refused = runChange(
        parts.store, [&](Tx& tx) { return profiles.merge(tx, actorOf(call.caller), merge, *kept, gone); });
    if (refused) return *refused;
    return ok({{"merge_id", idText(kMergeId, merge)},
               {"person_id", idText(kPersonId, *kept)},
               {"merged_id", idText(kPersonId, gone)}});
}

HttpResponse postUnmerge(Call& call, const InboxParts& parts, Profiles& profiles) {
    const auto id = readId(call, kMergeId);
    if (!id) return notFound("merge");
    const Visibility view(call.caller);
    const auto refused = runChange(parts.store, [&](Tx& tx) -> Status {
        for (const Row& row :
             tx.query("SELECT kept, gone FROM merges WHERE id = $1 AND kind = 'person'", {*id}))
            if (!view.maySeePerson(tx, row.integer(0)) || !view.maySeePerson(tx, row.integer(1)))
                return Error{ErrorKind::NotFound, "no such merge", {}, "not_found"};
        return profiles.unmerge(tx, actorOf(call.caller), *id);
    });
    return refused ? *refused : ok({{"merge_id", idText(kMergeId, *id)}, {"undone", true}});
}

HttpResponse getMerges(Call& call, const InboxParts& parts) {
    const std::string text = call.queryText("person_id");
    const auto person = parseId(kPersonId, text);
    if (!text.empty() && !person)
        return refuse({ErrorKind::Invalid, "person_id: not an id of that kind (per_…)"});
    const Visibility view(call.caller);
    Json items = Json::array();
    parts.store.read([&](Reader& reader) {
        const Json all = listMerges(reader, call.caller.org, person.value_or(0));
        for (const Json& one : all)
            if (view.maySeePerson(reader, parseId(kPersonId, textAt(one, "kept_id")).value_or(0)))
                items.push_back(one);
    });
    return ok({{"items", items}, {"next", nullptr}});
}

}  // namespace

void addProfileRoutes(Router& router, const InboxParts& parts, Profiles& profiles) {
    const std::string one = "/api/v1/people/{id}";
    router.add(visible({"GET", one, "people:read", [&](Call& call) {
                            const auto id = readId(call, kPersonId);
                            return id ? answer(call, parts, *id) : notFound("person");
                        }}));
    const auto add = [&](const char* method, const std::string& path, Handler handler) {
        router.add({method, path, "people:write", std::move(handler)});
    };
    add("POST", "/api/v1/people", [&](Call& call) { return postPerson(call, parts, profiles); });
    add("PUT", one, [&](Call& call) { return putPerson(call, parts, profiles); });
    add("POST", one + "/identities", [&](Call& call) { return changeIdentity(call, parts, profiles, true); });
    add("DELETE", one + "/identities",
        [&](Call& call) { return changeIdentity(call, parts, profiles, false); });
    add("POST", one + "/merge", [&](Call& call) { return postMerge(call, parts, profiles); });
    add("POST", "/api/v1/merges/{id}/undo", [&](Call& call) { return postUnmerge(call, parts, profiles); });
    router.add({"GET", "/api/v1/merges", "people:read", [&](Call& call) { return getMerges(call, parts); }});
}

}  // namespace signalbox::api
