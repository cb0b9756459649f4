#include "tests/fuzz/targets.h"

namespace signalbox::fuzz {

std::vector<Target> targets() {
    std::vector<Target> all;
    addDoorTargets(all);
    addConnectorTargets(all);
    addMailTargets(all);
    addWorkflowTargets(all);
    return all;
}

}  // namespace signalbox::fuzz
