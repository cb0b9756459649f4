// Records of CRMs and other systems by the ids that these gave them: the only writer of the table
// crm_records. What is made or changed is an event «crm.record_changed» in the same commit; a record that is
// put as it already is tells nothing, so that two workflows cannot set each other off for ever. What takes a
// Tx inside Writes only, the rest from any thread.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/json.h"
#include "hub/log/event_log.h"
#include "hub/model/page.h"
#include "hub/store/store.h"

namespace signalbox {

inline constexpr std::string_view kCrmRecordId = "crm";

struct CrmUpsert {
    Id id = 0;  // that a new one will have
    Id org = 0;
    std::string system, object, external_id, author;
    Json fields = Json::object();  // merged as RFC 7396 says
    std::optional<Id> person;
};
// {"system", "object", "external_id", "fields", "person_id"}; Invalid, naming the member.
Result<CrmUpsert> readCrmUpsert(const Json& form);

struct CrmFilter {
    std::string system, object, external_id;  // empty: any
    Id person = 0;
};

class CrmRecords {
public:
    CrmRecords(Store& store, const Clock& clock, EventLog& log) : store_(store), clock_(clock), log_(log) {}

    struct Change {
        Id id = 0;
        std::string change;  // created, updated, unchanged
        Json changed = Json::array();
    };
    // What `put` would do now.
    Change foresee(Reader& reader, const CrmUpsert& upsert) const;
    Change put(Tx& tx, const CrmUpsert& upsert);

    PageOfItems list(Id org, const CrmFilter& filter, const PageRequest& page) const;
    std::optional<Json> find(Id org, Id record) const;

private:
    Store& store_;
    const Clock& clock_;
    EventLog& log_;
};

}  // namespace signalbox
