#include "hub/access/teams.h"

namespace signalbox {
namespace {

constexpr std::string_view kTeams =
    "SELECT id, name, created_at, revision FROM teams WHERE org = $1 ORDER BY name LIMIT 1000";
constexpr std::string_view kMembers =
    "SELECT u.id, u.name, u.email FROM team_members m JOIN users u ON u.id = m.user_id WHERE m.team = $1"
    " ORDER BY u.email";
constexpr std::string_view kJoin =
    "INSERT INTO team_members (team, user_id, org) VALUES ($1, $2, $3) ON CONFLICT (team, user_id) DO "
    "NOTHING";
constexpr std::string_view kTouch = "UPDATE teams SET revision = revision + 1 WHERE id = $1";

Json teamJson(Reader& reader, const Row& row) {
    Json members = Json::array();
    for (const Row& member : reader.query(kMembers, {row.integer(0)})) {
        members.push_back({{"id", idText(kUserId, member.integer(0))},
                           {"name", member.text(1)},
                           {"email", member.text(2)}});
    }
    return {{"id", idText(kTeamId, row.integer(0))},
            {"name", row.text(1)},
            {"members", members},
            {"revision", row.integer(3)},
            {"created_at", toRfc3339(fromMicros(row.integer(2)))}};
}

Status checkTeam(Reader& reader, Id org, Id team) {
    if (!reader.query("SELECT 1 FROM teams WHERE id = $1 AND org = $2", {team, org}).empty()) return Done{};
    return Error{ErrorKind::NotFound, "no such team", {}, "not_found"};
}

Status checkUser(Reader& reader, Id org, Id user) {
    if (!reader.query("SELECT 1 FROM users WHERE id = $1 AND org = $2", {user, org}).empty()) return Done{};
    return Error{ErrorKind::NotFound, "there is no user " + idText(kUserId, user), {}, "not_found"};
}

Status checkName(Reader& reader, Id org, Id team, const std::string& name) {
    if (reader.query("SELECT 1 FROM teams WHERE org = $1 AND name = $2 AND id <> $3", {org, name, team})
            .empty())
        return Done{};
    return Error{ErrorKind::Conflict, "name: there is a team of this name", {}, "team_exists"};
}

}  // namespace

Json listTeams(Reader& reader, Id org) {
    Json items = Json::array();
    for (const Row& row : reader.query(kTeams, {org})) items.push_back(teamJson(reader, row));
    return items;
}

std::optional<Json> findTeam(Reader& reader, Id org, Id team) {
    const Rows rows = reader.query(
        "SELECT id, name, created_at, revision FROM teams WHERE id = $1 AND org = $2", {team, org});
    return rows.empty() ? std::nullopt : std::optional(teamJson(reader, rows[0]));
}

Status makeTeam(Tx& tx, Id org, Id team, const std::string& name, const std::vector<Id>& users,
                TimePoint now) {
    if (auto checked = checkName(tx, org, team, name); !checked) return checked;
    for (const Id user : users)
        if (auto checked = checkUser(tx, org, user); !checked) return checked;
    tx.exec("INSERT INTO teams (id, org, name, created_at) VALUES ($1, $2, $3, $4)",
            {team, org, name, toMicros(now)});
    for (const Id user : users) tx.exec(kJoin, {team, user, org});
    return Done{};
}

Status renameTeam(Tx& tx, const Edit& edit, Id team, const std::string& name) {
    const Id org = edit.by.org;
    if (auto checked = checkTeam(tx, org, team); !checked) return checked;
    const Rows now = tx.query("SELECT revision FROM teams WHERE id = $1", {team});
    if (auto checked = edit.check(now.at(0).integer(0)); !checked) return checked;
    if (auto checked = checkName(tx, org, team, name); !checked) return checked;
    tx.exec("UPDATE teams SET name = $1 WHERE id = $2", {name, team});
    tx.exec(kTouch, {team});
    return Done{};
}

Status addTeamMember(Tx& tx, Id org, Id team, Id user) {
    if (auto checked = checkTeam(tx, org, team); !checked) return checked;
    if (auto checked = checkUser(tx, org, user); !checked) return checked;
    if (tx.exec(kJoin, {team, user, org}) > 0) tx.exec(kTouch, {team});
    return Done{};
}

Status removeTeamMember(Tx& tx, Id org, Id team, Id user) {
    if (auto checked = checkTeam(tx, org, team); !checked) return checked;
    if (tx.exec("DELETE FROM team_members WHERE team = $1 AND user_id = $2", {team, user}) == 0)
        return Error{ErrorKind::NotFound, "the user is not in the team", {}, "not_found"};
    tx.exec(kTouch, {team});
    return Done{};
}

Status removeTeam(Tx& tx, Id org, Id team) {
    if (auto checked = checkTeam(tx, org, team); !checked) return checked;
    if (!tx.query("SELECT 1 FROM conversations WHERE org = $1 AND team = $2 LIMIT 1", {org, team}).empty())
        return Error{
            ErrorKind::Conflict, "conversations are assigned to it; assign them first", {}, "team_in_use"};
    tx.exec("DELETE FROM team_members WHERE team = $1", {team});
    tx.exec("DELETE FROM grants WHERE org = $1 AND subject_kind = 'team' AND subject = $2",
            {org, std::string_view(std::to_string(team))});
    tx.exec("DELETE FROM teams WHERE id = $1", {team});
    return Done{};
}

}  // namespace signalbox
