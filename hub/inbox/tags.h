// Names that people give to conversations, messages, people, tickets and leads. Inside Writes, or any thread
// for reading.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/json.h"
#include "base/result.h"
#include "hub/access/visibility.h"
#include "hub/store/store.h"

namespace signalbox {

struct TagChange {
    std::vector<std::string> added, removed;  // what was not there before, what was
};

// Lower case without a leading «#» and spaces around; Invalid when nothing is left or it is longer than 64
// bytes.
Result<std::string> normalizeTag(std::string_view name);

// `names` are normalized. A tag that the organization does not know is made.
TagChange changeTagsOf(Tx& tx, Ids& ids, TimePoint now, Id org, std::string_view object_kind, Id object,
                       const std::vector<std::string>& add, const std::vector<std::string>& remove);
Json tagsOf(Reader& reader, std::string_view object_kind, Id object);
// All of the organization with how often each is used, in the shape of the API.
Json listTags(Reader& reader, const Visibility& view);

}  // namespace signalbox
