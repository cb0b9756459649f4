// Triggers that listen to what the nodes of their own workflow do: it would start itself again and again.
#include <algorithm>
#include <array>

#include "workflow/graph/lint.h"
#include "workflow/graph/schema.h"

namespace signalbox::workflow {
namespace {

struct Causes {
    std::string_view node;   // a type, or the beginning of several
    std::string_view event;  // the same of what it makes happen
};
constexpr std::array<Causes, 17> kCauses = {{{"send_", "message.queued"},
                                             {"send_", "message.status"},
                                             {"change_item", "ticket."},
                                             {"change_item", "task."},
                                             {"change_item", "lead."},
                                             {"change_item", "call."},
                                             {"create_ticket", "ticket.created"},
                                             {"create_task", "task.created"},
                                             {"save_lead", "lead."},
                                             {"record_call", "call."},
                                             {"set_status", "conversation.opened"},
                                             {"set_status", "conversation.resolved"},
                                             {"assign_conversation", "conversation.assigned"},
                                             {"crm_upsert", "crm.record_changed"},
                                             {"emit_webhook", "webhook.emitted"},
                                             {"notify", "notice.created"},
                                             {"escalate", "notice.created"}}};

// Mail of machines that a workflow answers, and answers to mail of years: what a trigger must ask for.
void lintAsked(const Graph& graph, const GraphNode& trigger, std::vector<Finding>& findings) {
    const Json& automatic = memberAt(trigger.data, "include_automatic");
    const bool is_automatic = automatic == true || (automatic.is_array() && !automatic.empty());
    const bool is_history = flagAt(trigger.data, "include_history");
    if (trigger.type != "trigger.message" || (!is_automatic && !is_history)) return;
    const auto sends = std::find_if(graph.nodes.begin(), graph.nodes.end(), [](const GraphNode& node) {
        return !node.is_disabled && node.type.starts_with("send_");
    });
    if (sends == graph.nodes.end()) return;
    const std::string what = is_history ? "mail of before the account was connected" : "mail of machines";
    findings.push_back({is_history ? "answers_history" : "answers_machines", Severity::Warning, trigger.id,
                        "",
                        "starts on " + what + ", and node \"" + sends->id + "\" sends: it may be answered",
                        "give the trigger a condition that leaves out what is not to be answered"});
}

// The event that the node causes and the trigger listens to; "" when there is none.
std::string causedEvent(const GraphNode& node, const std::vector<std::string>& listened_to) {
    for (const auto& one : kCauses) {
        if (!node.type.starts_with(one.node)) continue;
        for (const auto& event : listened_to)
            if (event.starts_with(one.event)) return event;
    }
    return "";
}

}  // namespace

void lintCauses(const Graph& graph, std::vector<Finding>& findings) {
    for (const auto& trigger : graph.nodes) {
        const NodeType* type = findNodeType(trigger.type);
        if (type == nullptr || !type->isTrigger() || trigger.is_disabled) continue;
        // Its author has thought of which ones are meant.
        if (!textAt(trigger.data, "condition").empty()) continue;
        lintAsked(graph, trigger, findings);
        const auto events = type->eventTypesFor(schemaOf(*type).withDefaults(trigger.data));
        for (const auto& node : graph.nodes) {
            const std::string event = node.is_disabled ? "" : causedEvent(node, events);
            if (event.empty()) continue;
            findings.push_back({"starts_itself", Severity::Warning, trigger.id, "",
                                "listens to " + event + ", which node \"" + node.id +
                                    "\" causes: the workflow starts itself and is cut off after 10 runs",
                                "give the trigger a condition that its own changes do not meet"});
            break;
        }
    }
}

}  // namespace signalbox::workflow
