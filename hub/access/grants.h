// Grants: a single thing that a user, a team or a role may see beyond what the role shows. Assigning a
// conversation to someone, or adding a participant, gives a grant, so that crew and subcontractors see what
// is theirs. Inside Writes; each is a statement or two, and harmless when it is repeated.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ids.h"
#include "base/json.h"
#include "hub/store/store.h"

namespace signalbox {

struct Grant {
    std::string subject_kind;  // user, team, role
    std::string subject;       // the number as text, or the role's name
    std::string object_kind;   // conversation, person, file
    Id object = 0;
    std::string verb = "read";  // read, write, assigned, participant: why it was given
};

inline Grant grantToUser(Id user, std::string object_kind, Id object, std::string verb) {
    return {"user", std::to_string(user), std::move(object_kind), object, std::move(verb)};
}
inline Grant grantToTeam(Id team, std::string object_kind, Id object, std::string verb) {
    return {"team", std::to_string(team), std::move(object_kind), object, std::move(verb)};
}

void giveGrant(Tx& tx, Id org, const Grant& grant, Id granted_by, TimePoint now);
// False: there was none.
bool takeGrant(Tx& tx, Id org, const Grant& grant);
// In the shape of the API.
Json listGrants(Reader& reader, Id org, std::string_view object_kind, Id object);

}  // namespace signalbox
