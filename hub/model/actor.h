// Who changes something, as it is written beside the change and into its event.
#pragma once

#include <optional>
#include <string>

#include "base/ids.h"
#include "base/result.h"

namespace signalbox {

struct Actor {
    Id org = 0;
    Id id = 0;         // a user, else an API token; 0: the daemon or a workflow
    Id user = 0;       // 0: no user
    std::string name;  // user:usr_…, api:tok_…, workflow:NAME, contact, system
};

// A change by somebody who has seen a revision, and does not want to overwrite another.
struct Edit {
    Actor by;
    std::optional<std::int64_t> revision;  // what the editor saw; nothing: whatever it is

    // Conflict «changed_meanwhile» when it is not `current`.
    Status check(std::int64_t current) const {
        if (!revision || *revision == current) return Done{};
        return Error{
            ErrorKind::Conflict, "somebody changed it meanwhile; read it again", {}, "changed_meanwhile"};
    }
};

}  // namespace signalbox
