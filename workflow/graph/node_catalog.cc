#include "workflow/graph/node_catalog.h"

#include <algorithm>
#include <array>

#include "workflow/graph/lint.h"
#include "workflow/graph/schema.h"

namespace signalbox::workflow {
namespace {

struct Look {
    const char* start;  // of the type's name
    const char* group;
    const char* icon;  // of the Lucide set, which React Flow applications commonly have
};
// The first that fits; a schema may say otherwise.
constexpr std::array kLooks = {
    Look{"trigger.message", "triggers", "message-square"},
    Look{"trigger.webhook", "triggers", "webhook"},
    Look{"trigger.schedule", "triggers", "calendar-clock"},
    Look{"trigger.manual", "triggers", "play"},
    Look{"trigger.", "triggers", "zap"},
    Look{"if", "control", "split"},
    Look{"switch", "control", "git-branch"},
    Look{"filter", "control", "filter"},
    Look{"merge", "control", "git-merge"},
    Look{"for_each", "control", "repeat"},
    Look{"loop", "control", "rotate-cw"},
    Look{"split", "control", "layers"},
    Look{"wait", "control", "timer"},
    Look{"stop", "control", "octagon"},
    Look{"throttle", "control", "gauge"},
    Look{"dedupe", "control", "copy-minus"},
    Look{"sub_workflow", "control", "workflow"},
    Look{"business_hours", "control", "clock"},
    Look{"approval", "control", "circle-check"},
    Look{"set", "data", "pencil"},
    Look{"lua", "data", "code"},
    Look{"http_request", "systems", "globe"},
    Look{"respond", "systems", "reply"},
    Look{"send_", "messages", "send"},
    Look{"reply", "messages", "reply"},
    Look{"notify", "messages", "bell"},
};
constexpr std::array kGroups = {std::pair{"triggers", "Triggers"}, std::pair{"control", "Control"},
                                std::pair{"data", "Data"},         std::pair{"messages", "Messages"},
                                std::pair{"inbox", "Inbox"},       std::pair{"systems", "Other systems"},
                                std::pair{"actions", "Actions"}};

Look lookOf(const NodeType& type) {
    const std::string name = type.name();
    for (const auto& look : kLooks) {
        if (name.starts_with(look.start)) return look;
    }
    return {"", type.isTrigger() ? "triggers" : "actions", "box"};
}

// What leaves the node as it is dropped on the canvas, before anything is filled in.
Json portsJson(const NodeType& type) {
    Json out = Json::array();
    for (const auto& port : portsOf(type, schemaOf(type).withDefaults(Json::object()))) {
        out.push_back({{"id", port.id},
                       {"label", port.label.empty() ? port.id : port.label},
                       {"is_error", port.id == "error"}});
    }
    return out;
}

std::size_t rankOf(const Json& described) {
    const std::string group = textAt(described, "group");
    const auto at =
        std::find_if(kGroups.begin(), kGroups.end(), [&](const auto& one) { return group == one.first; });
    return static_cast<std::size_t>(at - kGroups.begin());
}

// The node's own parameters, then what every node may say; a parameter of the same name goes before.
Json withPolicy(const NodeType& type, Json schema) {
    for (const auto& [key, rule] : policySchema().items()) {
        if ((type.isTrigger() && key != "disabled") || memberAt(schema, "properties").contains(key)) continue;
        schema["properties"][key] = rule;
        schema["properties"][key]["x-policy"] = true;
    }
    return schema;
}

}  // namespace

Json describeNodeType(const NodeType& type) {
    const ParamsSchema& rules = schemaOf(type);
    const Json schema = withPolicy(type, rules.json());
    const Look look = lookOf(type);
    const std::string description = textAt(schema, "description");
    Json out = {{"name", type.name()},
                {"title", textAt(schema, "title", type.name())},
                {"description", description},
                {"help", textAt(schema, "x-help", description)},
                {"group", textAt(schema, "x-group", look.group)},
                {"icon", textAt(schema, "x-icon", look.icon)},
                {"is_trigger", type.isTrigger()},
                {"event_types", type.eventTypes()},
                {"params_schema", schema},
                {"examples", schema.contains("examples") ? schema["examples"] : Json::array()},
                {"defaults", rules.withDefaults(Json::object())},
                {"inputs", type.isTrigger() ? Json::array() : Json{{{"id", nullptr}, {"label", "In"}}}},
                {"ports", portsJson(type)},
                {"ports_from", nullptr}};
    // {"list": "cases", "id": "id", "label": "label", "then": […]}: a port for each item of a parameter, then
    // these.
    if (schema.contains("x-ports")) out["ports_from"] = schema["x-ports"];
    return out;
}

Json describeNodeTypes() {
    std::vector<Json> all;
    for (const auto* type : nodeTypes()) all.push_back(describeNodeType(*type));
    std::sort(all.begin(), all.end(), [](const Json& a, const Json& b) {
        const auto left = rankOf(a), right = rankOf(b);
        return left != right ? left < right : textAt(a, "name") < textAt(b, "name");
    });
    Json groups = Json::array();
    for (const auto& [id, title] : kGroups) groups.push_back({{"id", id}, {"title", title}});
    return {{"items", all}, {"groups", std::move(groups)}, {"next", nullptr}};
}

}  // namespace signalbox::workflow
