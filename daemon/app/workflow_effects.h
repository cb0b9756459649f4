// What workflows send goes into the outbox, in the commit of the walk that sends it.
#pragma once

#include "hub/outbox/outbox.h"
#include "workflow/engine/ports.h"

namespace signalbox {

// Called by workflow workers; thread-safe.
class WorkflowEffects : public workflow::Effects {
public:
    explicit WorkflowEffects(Outbox& outbox) : outbox_(outbox) {}
    Result<std::function<void(Tx&)>> prepare(const workflow::EffectRequest& effect) override;

private:
    Outbox& outbox_;
};

}  // namespace signalbox
