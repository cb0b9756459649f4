// Answers of runs to the requests that started them, for daemons that share a database: the one that holds
// the caller's connection need not be the one whose walk answers. Written in the walk's commit, kept for an
// hour.
#pragma once

#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/http_message.h"
#include "hub/store/store.h"

namespace signalbox::workflow {

// Inside Writes. The first answer of an event counts.
void saveResponse(Tx& tx, std::int64_t offset, const HttpResponse& response, TimePoint at);
// Those that are there of the events asked for. Throws StoreError.
std::vector<std::pair<std::int64_t, HttpResponse>> loadResponses(Store& store,
                                                                 const std::vector<std::int64_t>& offsets);
void forgetOldResponses(Tx& tx, TimePoint now);

}  // namespace signalbox::workflow
