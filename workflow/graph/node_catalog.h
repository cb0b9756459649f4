// Node types as an editor needs them: enough to list them, draw their form, place their handles and check
// what is typed in. Made from params.schema.json and the type itself; an editor's wishes stand in the schema
// as x-group, x-icon, x-help and x-ports. Pure; any thread.
#pragma once

#include "base/json.h"
#include "workflow/node_type.h"

namespace signalbox::workflow {

// {name, title, description, help, group, icon, is_trigger, event_types, params_schema, examples, defaults,
// inputs, ports, ports_from}.
Json describeNodeType(const NodeType& type);
// All of this build, by group and name: {items, groups, next: null}.
Json describeNodeTypes();

// JSON Schema of the members that every node may have besides its own (node_policy.h).
const Json& policySchema();

}  // namespace signalbox::workflow
