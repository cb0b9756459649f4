// One page of a list, as the API gives it: what was asked for and what came back. Values only.
#pragma once

#include <cstdint>
#include <optional>

#include "base/ids.h"
#include "base/json.h"

namespace signalbox {

struct PageRequest {
    Id before = 0;  // items with a lower id; 0: from the newest
    std::size_t limit = 50;
    std::optional<std::int64_t> before_value;  // lists in another order: what the last item was sorted by
};

// Newest first. `next` is the id to go on below, nothing on the last page.
struct PageOfItems {
    Json items = Json::array();
    std::optional<Id> next;
    std::optional<std::int64_t> next_value;  // goes with `next` where the list is not by id
};

}  // namespace signalbox
