// Who changes something, as it is written beside the change and into its event.
#pragma once

#include <string>

#include "base/ids.h"

namespace signalbox {

struct Actor {
    Id org = 0;
    Id id = 0;         // a user, else an API token; 0: the daemon or a workflow
    Id user = 0;       // 0: no user
    std::string name;  // user:usr_…, api:tok_…, workflow:NAME, contact, system
};

}  // namespace signalbox
