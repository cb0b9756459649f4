// What the parts of the Dify mapping share: map_dify.cc (nodes) and map_dify_loops.cc (containers,
// variables).
#pragma once

#include "workflow/graph/foreign.h"

namespace signalbox::workflow {

// ["node id", "field", …] as an expression; nothing when it has no counterpart.
std::optional<std::string> difySelector(const Json& json);
// Conditions of a case as one expression; nothing when one of them has no counterpart, or there is none.
std::optional<std::string> difyConditions(const Json& conditions, const std::string& logic);
// Text as a template that gives it back.
std::string difyEscaped(const std::string& text);

Counterpart difyIteration(const Json& data);
Counterpart difyLoop(const GraphNode& node);
Counterpart difyLoopEnd(const GraphNode& node);
Counterpart difyAssigner(const Json& data);
Counterpart difyListOperator(const Json& data);
Counterpart difyHumanInput(const Json& data);
Counterpart difySchedule(const Json& data);

// The result of a run is there what all answers of a chat say, one behind the other, and what all ends give.
// Here it is what the last node gives; so they keep it in a variable, and nodes that come after tell it.
void joinResults(Graph& graph);
// In every text of a value.
void replaceAll(Json& value, const std::string& from, const std::string& to);
// Nodes whose error strategy is default-value go on, and what others read of them is that.
void giveDefaults(Graph& graph);
// {"conversation.topic": …, "environment.limit": …}: what variables are at the beginning.
Json difyVariables(const Json& document);

}  // namespace signalbox::workflow
