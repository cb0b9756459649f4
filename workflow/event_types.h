// The types of events that the log knows, from schemas/events: what is in them, and which of them other
// systems may append. Read once; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "workflow/graph/schema.h"

namespace signalbox::workflow {

struct EventType {
    std::string name;            // "lead.created"
    bool is_appendable = false;  // by POST /api/v1/events; all others are told by the hub itself
    const ParamsSchema* schema = nullptr;

    std::string title() const { return textAt(schema->json(), "title"); }
    std::string description() const { return textAt(schema->json(), "description"); }
};

// By name. Types of an organization's own, custom.<name>, are not among them.
const std::vector<EventType>& eventTypes();
const EventType* findEventType(std::string_view name);
bool isCustomType(std::string_view name);  // custom.a_b-c.d, up to 100 characters

// "lead.created" itself, or all that "lead.*" and "*" stand for. Empty when there is none.
std::vector<std::string> eventTypesLike(std::string_view pattern);

// Whether other systems may append this. Errors: Invalid with a code and the path in the data.
Status checkAppendable(std::string_view type, const Json& data);

}  // namespace signalbox::workflow
