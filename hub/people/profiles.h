// What people of the team do with people: names, own fields, identities, and making one of two and two of one
// again. Every change is an event of the log in the same commit. Inside Writes, on the writer thread.
// NotFound: not a person of that organization; Conflict «changed_meanwhile»: somebody else changed it since
// `revision`.
#pragma once

#include <optional>
#include <string>

#include "base/json.h"
#include "base/result.h"
#include "hub/log/event_log.h"
#include "hub/model/actor.h"
#include "hub/people/people.h"

namespace signalbox {

inline constexpr std::string_view kMergeId = "mrg";

struct ProfileChange {
    std::optional<std::string> name, kind;  // kind: contact, lead, crew, subcontractor, company
    Json custom = Json::object();           // fields to set; null takes one away
    std::optional<std::int64_t> revision;   // what the editor saw
};

class Profiles {
public:
    Profiles(Ids& ids, const Clock& clock, EventLog& log, People& people)
        : ids_(ids), clock_(clock), log_(log), people_(people) {}

    Status update(Tx& tx, const Actor& by, Id person, const ProfileChange& change);
    // A person nobody wrote to us about yet; `identities` are normalized. Conflict «identity_taken».
    Status create(Tx& tx, const Actor& by, Id person, const std::string& name,
                  const std::vector<Identity>& identities);
    // Conflict «identity_taken» when it is another person's: merge the two instead.
    Status addIdentity(Tx& tx, const Actor& by, Id person, const Identity& identity);
    Status removeIdentity(Tx& tx, const Actor& by, Id person, const Identity& identity);

    // All of `gone` becomes `kept`'s; each row that moves is written down under the merge's number.
    Status merge(Tx& tx, const Actor& by, Id merge, Id kept, Id gone);
    // The rows that moved go back; what came since stays with the one that was kept. Conflict «merge_undone»,
    // and «merge_buried» while a later merge took the kept one away.
    Status unmerge(Tx& tx, const Actor& by, Id merge);

private:
    Status check(Reader& reader, Id org, Id person) const;
    void tell(Tx& tx, const Actor& by, Id person, std::string_view type, Json payload);

    Ids& ids_;
    const Clock& clock_;
    EventLog& log_;
    People& people_;
};

// Who that person is by now: himself, or the one he was merged into; 0 when there is none. Any thread.
Id presentPerson(Reader& reader, Id org, Id person);

// Merges of people, newest first, in the shape of the API.
Json listMerges(Reader& reader, Id org, Id person);

}  // namespace signalbox
