#include "hub/calendars/calendars.h"

#include <algorithm>

namespace signalbox {
namespace {

constexpr std::string_view kSelect =
    "SELECT name, body, revision, changed_by, created_at, changed_at FROM calendars WHERE org = $1";
constexpr std::string_view kSave =
    "INSERT INTO calendars (id, org, name, body, revision, changed_by, created_at, changed_at)"
    " VALUES ($1, $2, $3, $4, 1, $5, $6, $6) ON CONFLICT (org, name) DO UPDATE SET body = $4,"
    " revision = calendars.revision + 1, changed_by = $5, changed_at = $6";
constexpr std::size_t kMaxName = 64;

bool isName(std::string_view name) {
    return !name.empty() && name.size() <= kMaxName &&
           name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
               std::string_view::npos;
}

Json rowJson(const Row& row) {
    const auto body = parseJson(row.text(1));
    Json out = body && body->is_object() ? *body : Json::object();
    out["name"] = row.text(0);
    out["revision"] = row.integer(2);
    out["changed_by"] = row.text(3);
    out["created_at"] = toRfc3339(fromMicros(row.integer(4)));
    out["changed_at"] = toRfc3339(fromMicros(row.integer(5)));
    return out;
}

// What is kept: the members that a calendar has, in one spelling.
Result<std::string> bodyOf(const Json& body) {
    if (!body.is_object())
        return Error{ErrorKind::Invalid, "body: must be an object with zone, hours and holidays"};
    constexpr const char* kShown[] = {"name", "revision", "changed_by", "created_at", "changed_at"};
    Json kept = {{"zone", "UTC"}, {"hours", Json::object()}, {"holidays", Json::array()}};
    for (const auto& [name, value] : body.items()) {
        if (kept.contains(name)) {
            kept[name] = value;
        } else if (std::find(std::begin(kShown), std::end(kShown), name) == std::end(kShown)) {
            return Error{ErrorKind::Invalid, name.substr(0, 40) + ": is no member of a calendar"};
        }
    }
    if (const auto read = Calendar::read(kept); !read) return read.error();
    return dumpJson(kept);
}

}  // namespace

Json toJson(const Calendar& calendar, TimePoint at) {
    const Calendar::Moment moment = calendar.at(at);
    const auto text = [&](const std::optional<TimePoint>& time) {
        return time ? Json(toRfc3339(std::chrono::floor<std::chrono::seconds>(*time), calendar.zone()))
                    : Json(nullptr);
    };
    return {{"is_open", moment.is_open},
            {"at", text(at)},
            {"opens_at", text(moment.opens_at)},
            {"closes_at", text(moment.closes_at)},
            {"holiday", moment.holiday.empty() ? Json(nullptr) : Json(moment.holiday)},
            {"zone", calendar.zone().name()}};
}

Result<Calendar> Calendars::find(Id org, const std::string& name) const {
    const auto body = shown(org, name);
    if (body) return Calendar::read(*body);
    return Error{
        ErrorKind::NotFound,
        "calendar \"" + name.substr(0, kMaxName) + "\": there is none; make it: PUT /api/v1/calendars/NAME",
        {},
        "calendar_not_found"};
}

std::optional<Json> Calendars::shown(Id org, const std::string& name) const {
    std::optional<Json> found;
    store_.read([&](Reader& reader) {
        const Rows rows = reader.query(std::string(kSelect) + " AND name = $2", {org, name});
        if (!rows.empty()) found = rowJson(rows[0]);
    });
    return found;
}

Json Calendars::list(Id org) const {
    Json items = Json::array();
    store_.read([&](Reader& reader) {
        for (const Row& row : reader.query(std::string(kSelect) + " ORDER BY name LIMIT 1000", {org}))
            items.push_back(rowJson(row));
    });
    return items;
}

Result<bool> Calendars::save(Id org, const std::string& name, const Json& body,
                             std::optional<std::int64_t> revision, const std::string& by) {
    if (!isName(name)) return Error{ErrorKind::Invalid, "name: 1–64 of a–z A–Z 0–9 . _ -", {}, "bad_name"};
    const auto text = bodyOf(body);
    if (!text) return text.error();
    const Id fresh = ids_.next();
    bool is_new = false;
    std::int64_t found = 0;
    const auto written = store_.writeAndWait([&](Tx& tx) {
        const Rows rows =
            tx.query("SELECT revision FROM calendars WHERE org = $1 AND name = $2", {org, name});
        is_new = rows.empty();
        found = is_new ? 0 : rows[0].integer(0);
        if (!revision || *revision == found)
            tx.exec(kSave, {fresh, org, name, *text, by, toMicros(clock_.now())});
    });
    if (!written) return written.error();
    if (revision && *revision != found)
        return Error{ErrorKind::Conflict,
                     "the calendar has revision " + std::to_string(found) + "; read it again",
                     {},
                     "changed_meanwhile"};
    return is_new;
}

Result<bool> Calendars::remove(Id org, const std::string& name) {
    std::int64_t removed = 0;
    const auto written = store_.writeAndWait([&](Tx& tx) {
        removed = tx.exec("DELETE FROM calendars WHERE org = $1 AND name = $2", {org, name});
    });
    if (!written) return written.error();
    return removed > 0;
}

}  // namespace signalbox
