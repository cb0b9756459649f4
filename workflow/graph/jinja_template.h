// A Jinja template as one of ours: values with their filters, and what stands between {% if %}, {% elif %},
// {% else %} and {% endif %}. Loops, assignments, macros and whatever else it has are not taken. Pure; any
// thread.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "workflow/graph/python_expression.h"

namespace signalbox::workflow {

// What gives the text that the template gives. Errors: Invalid, with the line and what is not taken.
Result<std::string> readJinja(std::string_view text, const std::map<std::string, PythonValue>& names);

}  // namespace signalbox::workflow
