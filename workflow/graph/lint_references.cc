// What nodes name of the organization: accounts, credentials, calendars, workflows. Warnings, since a graph
// may be published before they are made.
#include "workflow/graph/lint.h"
#include "workflow/graph/schema.h"

namespace signalbox::workflow {
namespace {

std::string remedyFor(const std::string& kind) {
    if (kind == "account") return "connect it (POST /api/v1/accounts or the configuration), or name another";
    if (kind == "credential") return "make it: POST /api/v1/credentials";
    if (kind == "calendar") return "make it: PUT /api/v1/calendars/NAME";
    if (kind == "webhook subscription") return "make it: POST /api/v1/webhook-subscriptions";
    return "publish it first, or correct the name";
}

void look(const Json& value, const Json& rule, const std::string& path, const GraphNode& node,
          const LintContext& context, std::vector<Finding>& findings) {
    const std::string kind = textAt(rule, "x-reference");
    if (!kind.empty() && value.is_string()) {
        const auto& name = value.get_ref<const std::string&>();
        if (name.empty() || name.find("{{") != std::string::npos || context.knows(kind, name)) return;
        findings.push_back({"unknown_reference", Severity::Warning, node.id, "",
                            path + ": the organization has no " + kind + " \"" + name.substr(0, 100) + '"',
                            remedyFor(kind), path});
        return;
    }
    if (!value.is_structured()) return;
    for (const auto& [member, inner] : memberAt(rule, "properties").items()) {
        const bool means_nothing = inner.contains("x-unless") && value.contains(textAt(inner, "x-unless"));
        if (value.is_object() && value.contains(member) && !means_nothing)
            look(value[member], inner, path + '.' + member, node, context, findings);
    }
    if (!value.is_array() || !memberAt(rule, "items").is_object()) return;
    for (std::size_t i = 0; i < value.size(); ++i)
        look(value[i], rule["items"], path + '[' + std::to_string(i) + ']', node, context, findings);
}

}  // namespace

void lintReferences(const GraphNode& node, const NodeType& type, const LintContext& context,
                    std::vector<Finding>& findings) {
    if (!context.knows) return;
    const ParamsSchema& schema = schemaOf(type);
    const Json params = schema.withDefaults(node.data);
    look(params, schema.json(), "data", node, context, findings);
    const std::string channel = textAt(schema.json(), "x-channel");
    const bool names_one = !textAt(params, "account").empty() || !params.contains("to");
    if (channel.empty() || names_one || context.knows("channel", channel)) return;
    findings.push_back({"no_account", Severity::Warning, node.id, "",
                        "the organization has no account of the channel " + channel,
                        "connect one (POST /api/v1/accounts or the configuration)", "data.account"});
}

}  // namespace signalbox::workflow
