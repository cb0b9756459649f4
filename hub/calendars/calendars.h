// The calendars of an organization, by name: the only writer of the table. Used by the node business_hours,
// by automatic answers and by the API. Any thread.
#pragma once

#include <optional>
#include <string>

#include "base/ids.h"
#include "hub/calendars/calendar.h"
#include "hub/store/store.h"

namespace signalbox {

// The one that is meant where none is named.
inline constexpr std::string_view kDefaultCalendar = "default";

class Calendars {
public:
    // All outlive the object.
    Calendars(Store& store, Ids& ids, const Clock& clock) : store_(store), ids_(ids), clock_(clock) {}

    // NotFound (code calendar_not_found) when the organization has none of that name.
    Result<Calendar> find(Id org, const std::string& name) const;
    // As the API shows it: {name, zone, hours, holidays, revision, changed_by, created_at, changed_at}.
    std::optional<Json> shown(Id org, const std::string& name) const;
    // By name; never more than 1,000.
    Json list(Id org) const;

    // Makes or replaces it; waits for the commit. Names are 1–64 of a–z A–Z 0–9 . _ -. True: it is new.
    // Errors: Invalid, naming the member; Conflict (code changed_meanwhile) when `revision` is given and is
    // not the calendar's.
    Result<bool> save(Id org, const std::string& name, const Json& body, std::optional<std::int64_t> revision,
                      const std::string& by);
    // False: there was none.
    Result<bool> remove(Id org, const std::string& name);

private:
    Store& store_;
    Ids& ids_;
    const Clock& clock_;
};

// A moment for people and workflows: {is_open, at, opens_at, closes_at, holiday, zone}; times with the zone's
// offset.
Json toJson(const Calendar& calendar, TimePoint at);

}  // namespace signalbox
