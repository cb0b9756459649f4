#include "daemon/app/workflow_effects.h"

namespace signalbox {

Result<std::function<void(Tx&)>> WorkflowEffects::prepare(const workflow::EffectRequest& effect) {
    RequestSource source;
    source.org = effect.org;
    source.author = "workflow:" + effect.workflow;
    source.idempotency_key = effect.idempotency_key;
    source.run_key = effect.run_key;
    auto prepared = outbox_.prepare(effect.request, source);
    if (!prepared) return prepared.error();
    // Shared: a write may be repeated, and copies of the function must not copy the message.
    auto shared = std::make_shared<const PreparedRequest>(std::move(*prepared));
    return std::function<void(Tx&)>([this, shared](Tx& tx) { outbox_.enqueue(tx, *shared); });
}

}  // namespace signalbox
