#include "hub/work/work_kind.h"

namespace signalbox {

const std::vector<WorkKind>& workKinds() {
    static const std::vector<WorkKind> kinds = {
        {"ticket",
         "tickets",
         "tkt",
         "open",
         {"open", "pending", "resolved", "closed"},
         {"resolved", "closed"},
         "ticket.status_changed"},
        {"task",
         "tasks",
         "tsk",
         "open",
         {"open", "in_progress", "done", "cancelled"},
         {"done", "cancelled"},
         "task.status_changed"},
        {"lead", "leads", "led", "new", {}, {"won", "lost"}, "lead.stage_changed"},
        {"call",
         "calls",
         "cal",
         "started",
         {"started", "answered", "missed", "ended"},
         {"missed", "ended"},
         "call.*"}};
    return kinds;
}

const WorkKind* findWorkKind(std::string_view name) {
    for (const WorkKind& kind : workKinds()) {
        if (kind.name == name) return &kind;
    }
    return nullptr;
}

}  // namespace signalbox
