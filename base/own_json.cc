#include "base/own_json.h"

namespace signalbox {

Json outlineOf(std::string_view text) {
    Json out = Json::parse(
        text, [](int depth, Json::parse_event_t, Json&) { return depth <= 1; }, false);
    return out.is_discarded() ? Json() : out;
}

}  // namespace signalbox
