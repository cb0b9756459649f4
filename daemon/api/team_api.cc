#include "daemon/api/team_api.h"

#include "hub/access/teams.h"

namespace signalbox::api {
namespace {

HttpResponse answer(const Call& call, const InboxParts& parts, Id team, int status = 200) {
    std::optional<Json> found;
    parts.store.read([&](Reader& reader) { found = findTeam(reader, call.caller.org, team); });
    if (!found) return notFound("team");
    return withRevision(reply(status, *found), numberAt(*found, "revision", 1));
}

HttpResponse postTeam(Call& call, const InboxParts& parts) {
    Body body(call.body, {"name", "user_ids"});
    const std::string name = body.requiredText("name", 100);
    const auto users = body.ids("user_ids", kUserId);
    if (!body.status()) return refuse(body.status().error());
    const Id team = parts.ids.next();
    const auto refused = runChange(parts.store, [&](Tx& tx) {
        return makeTeam(tx, call.caller.org, team, name, users, parts.clock.now());
    });
    return refused ? *refused : answer(call, parts, team, 201);
}

template <class Change>
HttpResponse change(Call& call, const InboxParts& parts, Change make) {
    const auto team = readId(call, kTeamId);
    if (!team) return notFound("team");
    const auto refused = runChange(parts.store, [&](Tx& tx) { return make(tx, *team); });
    return refused ? *refused : answer(call, parts, *team);
}

HttpResponse changeMember(Call& call, const InboxParts& parts,
                          Status (*make)(Tx& tx, Id org, Id team, Id user)) {
    const auto user = parseId(kUserId, call.capture("user"));
    if (!user) return notFound("user");
    return change(call, parts, [&](Tx& tx, Id team) { return make(tx, call.caller.org, team, *user); });
}

}  // namespace

void addTeamRoutes(Router& router, const InboxParts& parts) {
    const std::string all = "/api/v1/teams", one = all + "/{id}", member = one + "/members/{user}";
    router.add({"GET", all, "teams:read", [&](Call& call) {
                    Json items;
                    parts.store.read([&](Reader& reader) { items = listTeams(reader, call.caller.org); });
                    return ok({{"items", items}, {"next", nullptr}});
                }});
    router.add({"POST", all, "teams:manage", [&](Call& call) { return postTeam(call, parts); }});
    router.add({"GET", one, "teams:read", [&](Call& call) {
                    const auto team = readId(call, kTeamId);
                    return team ? answer(call, parts, *team) : notFound("team");
                }});
    router.add({"PUT", one, "teams:manage", [&](Call& call) {
                    Body body(call.body, {"name"});
                    const std::string name = body.requiredText("name", 100);
                    if (!body.status()) return refuse(body.status().error());
                    const auto edit = editOf(call);
                    if (!edit) return refuse(edit.error());
                    return change(call, parts,
                                  [&](Tx& tx, Id team) { return renameTeam(tx, *edit, team, name); });
                }});
    router.add({"DELETE", one, "teams:manage", [&](Call& call) {
                    const auto team = readId(call, kTeamId);
                    if (!team) return notFound("team");
                    const auto refused = runChange(
                        parts.store, [&](Tx& tx) { return removeTeam(tx, call.caller.org, *team); });
                    return refused ? *refused : HttpResponse{204, {}, ""};
                }});
    router.add({"PUT", member, "teams:manage",
                [&](Call& call) { return changeMember(call, parts, addTeamMember); }});
    router.add({"DELETE", member, "teams:manage",
                [&](Call& call) { return changeMember(call, parts, removeTeamMember); }});
}

}  // namespace signalbox::api
