#include "workflow/engine/catalog.h"

#include <set>

#include "base/log.h"
#include "workflow/engine/run_causes.h"

namespace signalbox::workflow {

TriggerIndexRef Catalog::build(std::map<Id, WorkflowRef> by_id) {
    auto index = std::make_shared<TriggerIndex>();
    for (const auto& [id, workflow] : by_id) {
        std::set<std::string> types;
        for (const auto trigger : workflow->triggers) {
            const CompiledNode& node = workflow->nodes[trigger];
            for (auto& type : node.type->eventTypesFor(node.params)) types.insert(std::move(type));
        }
        for (const auto& type : types) index->by_event[type].push_back(workflow);
    }
    EventTypes caused;
    for (const auto& [type, workflows] : index->by_event)
        if (!comesFromOutside(type)) caused.insert(type);
    if (!caused.empty()) index->caused_types = std::make_shared<const EventTypes>(std::move(caused));
    index->by_id = std::move(by_id);
    return index;
}

void Catalog::load() {
    std::map<Id, WorkflowRef> by_id;
    for (auto& workflow : store_.published()) by_id.emplace(workflow->id, std::move(workflow));
    std::lock_guard lock(mutex_);
    // What was published while we read is newer.
    for (const auto& [id, workflow] : index_->by_id) {
        auto& known = by_id[id];
        if (!known || known->version < workflow->version) known = workflow;
    }
    index_ = build(std::move(by_id));
}

void Catalog::install(const WorkflowRef& workflow) {
    std::lock_guard lock(mutex_);
    auto by_id = index_->by_id;
    auto& known = by_id[workflow->id];
    if (known && known->version > workflow->version) return;
    known = workflow;
    index_ = build(std::move(by_id));
}

void Catalog::remove(Id workflow) {
    std::lock_guard lock(mutex_);
    auto by_id = index_->by_id;
    if (by_id.erase(workflow) > 0) index_ = build(std::move(by_id));
}

void Catalog::refresh(Id workflow) {
    const auto now = store_.current(workflow);
    if (!now) {
        log::error("workflow_not_loaded",
                   {{"workflow", idText(kWorkflowId, workflow)}, {"error", now.error().message}});
    } else if (*now) {
        install(*now);
    } else {
        remove(workflow);
    }
}

TriggerIndexRef Catalog::index() const {
    std::lock_guard lock(mutex_);
    return index_;
}

WorkflowRef Catalog::current(Id workflow) const {
    const auto index = this->index();
    const auto at = index->by_id.find(workflow);
    return at == index->by_id.end() ? nullptr : at->second;
}

Result<WorkflowRef> Catalog::version(Id workflow, std::int64_t version) {
    if (auto now = current(workflow); now && now->version == version) return now;
    {
        std::lock_guard lock(mutex_);
        if (const auto at = old_.find({workflow, version}); at != old_.end()) return at->second;
    }
    auto made = store_.compiled(workflow, version);
    if (!made) return made;
    std::lock_guard lock(mutex_);
    if (old_.emplace(Key{workflow, version}, *made).second) old_order_.push_back({workflow, version});
    if (old_order_.size() > kMaxOld) {
        old_.erase(old_order_.front());
        old_order_.pop_front();
    }
    return made;
}

}  // namespace signalbox::workflow
