#include "workflow/repeat_node.h"

namespace signalbox::workflow {

std::vector<std::string> RepeatNode::check(const Json& params) const {
    if (const auto made = prepare(params); !made) return {made.error().message};
    return {};
}

Result<Json> listOf(const Expression& items, const Json& scope) {
    auto list = items.evaluate(scope);
    if (!list) return withContext("items", list.error());
    if (list->is_null()) return Json(Json::array());
    if (!list->is_array()) return Error{ErrorKind::Invalid, "items: must be a list"};
    return list;
}

}  // namespace signalbox::workflow
