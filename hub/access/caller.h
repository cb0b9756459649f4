// Who is calling, as every handler of the API gets it: the organization that everything is bound to, the user
// and what the role lets him do.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "hub/access/roles.h"

namespace signalbox {

struct Caller {
    Id org = 0;
    Id token = 0;   // of the API token or of the session: what a revocation and an Idempotency-Key belong to
    Id user = 0;    // 0: a bare API token
    Id person = 0;  // whom the user is in the inbox; 0: nobody
    RoleRef role;   // never null for an authenticated caller
    std::vector<std::string> scopes;  // empty: all that the role may do

    bool may(std::string_view right) const {
        if (role == nullptr || !role->allows(right)) return false;
        return scopes.empty() || std::find(scopes.begin(), scopes.end(), right) != scopes.end();
    }
    bool seesEverything() const { return role != nullptr && role->sees == Sees::Everything; }
    bool isSession() const { return user != 0; }
};

}  // namespace signalbox
