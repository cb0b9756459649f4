// Where a query's words stand in a text, and the piece of the text around the first of them, for people to
// look at. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "base/json.h"
#include "hub/search/query.h"

namespace signalbox::search {

struct Hit {
    std::size_t begin = 0, end = 0;  // bytes
};

// In order, not overlapping; words that must not be there are not looked for.
std::vector<Hit> findHits(std::string_view text, const Query& query);

// The text as pieces, [{"text": "a ", "match": false}, {"text": "hit", "match": true}]: nothing is escaped
// and nothing needs to be taken out, each piece is plain text. A text longer than `max_bytes` is cut to what
// stands around its first hit, with … where something is missing.
Json highlight(std::string_view text, const std::vector<Hit>& hits, std::size_t max_bytes = 240);

}  // namespace signalbox::search
