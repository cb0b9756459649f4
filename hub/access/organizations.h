// The organizations of one daemon, strictly apart. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "hub/store/store.h"

namespace signalbox {

// By name, or by id as the API writes it (org_…).
std::optional<Id> findOrganization(Reader& reader, std::string_view name_or_id);
std::string organizationName(Reader& reader, Id org);
std::vector<Id> allOrganizations(Reader& reader);

struct MadeOrganization {
    Id id = 0;
    bool is_new = false;  // false: there was one of that name, and it stays as it is
};
Result<MadeOrganization> makeOrganization(Store& store, Ids& ids, const Clock& clock,
                                          const std::string& name);

}  // namespace signalbox
