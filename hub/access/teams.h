// Teams of users: who belongs together, and so sees what the team was granted. The only writer of teams and
// team_members. Reading on any thread, changes inside Writes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/json.h"
#include "base/result.h"
#include "hub/model/actor.h"
#include "hub/store/store.h"

namespace signalbox {

// {"id", "name", "members": [{"id", "name", "email"}], "revision", "created_at"}, by name. The revision grows
// with each change of name or members.
Json listTeams(Reader& reader, Id org);
std::optional<Json> findTeam(Reader& reader, Id org, Id team);

// Conflict «team_exists»: the name is taken. NotFound: a user that is not there, or no such team.
Status makeTeam(Tx& tx, Id org, Id team, const std::string& name, const std::vector<Id>& users,
                TimePoint now);
// Conflict «changed_meanwhile»: it is not the editor's revision any more.
Status renameTeam(Tx& tx, const Edit& edit, Id team, const std::string& name);
Status addTeamMember(Tx& tx, Id org, Id team, Id user);
Status removeTeamMember(Tx& tx, Id org, Id team, Id user);
// With its members and grants. Conflict «team_in_use» while conversations are the team's.
Status removeTeam(Tx& tx, Id org, Id team);

}  // namespace signalbox
