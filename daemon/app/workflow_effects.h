// What workflows send goes into the outbox, in the commit of the walk that sends it.
#pragma once

#include "hub/outbox/outbox.h"
#include "workflow/engine/ports.h"

namespace signalbox {

// Called by workflow workers; thread-safe.
class WorkflowEffects : public workflow::Effects {
public:
    WorkflowEffects(Outbox& outbox, const Accounts& accounts) : outbox_(outbox), accounts_(accounts) {}
    // A request that names a channel and no account goes by the organization's only account of it.
    Result<std::function<void(Tx&)>> prepare(const workflow::EffectRequest& effect) override;

private:
    Outbox& outbox_;
    const Accounts& accounts_;
};

}  // namespace signalbox
