// How well a document's words fit a query: BM25 over the documents at hand. Pure, and so the same on both
// databases; what the databases have of their own looks at every match of the whole index.
#pragma once

#include <string_view>
#include <vector>

#include "hub/search/query.h"

namespace signalbox::search {

// One for each text of folded words; higher is better.
std::vector<double> scores(const Query& query, const std::vector<std::string_view>& texts);

}  // namespace signalbox::search
