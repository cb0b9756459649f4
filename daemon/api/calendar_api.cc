#include "daemon/api/calendar_api.h"

#include "daemon/api/inbox_parts.h"

namespace signalbox::api {
namespace {

HttpResponse answer(int status, const Json& calendar) {
    return withRevision(reply(status, calendar), numberAt(calendar, "revision"));
}

HttpResponse getCalendar(Call& call, const Calendars& calendars) {
    const auto found = calendars.shown(call.caller.org, call.capture("name"));
    if (found) return answer(200, *found);
    return refuse(calendars.find(call.caller.org, call.capture("name")).error());
}

HttpResponse putCalendar(Call& call, Calendars& calendars) {
    const std::string& name = call.capture("name");
    const auto edit = editOf(call);
    if (!edit) return refuse(edit.error());
    const auto saved = calendars.save(call.caller.org, name, call.body, edit->revision, edit->by.name);
    if (!saved) return refuseEdit(saved.error());
    const auto found = calendars.shown(call.caller.org, name);
    return found ? answer(*saved ? 201 : 200, *found) : notFound("calendar");
}

HttpResponse deleteCalendar(Call& call, Calendars& calendars) {
    const auto removed = calendars.remove(call.caller.org, call.capture("name"));
    if (!removed) return refuse(removed.error());
    return *removed ? HttpResponse{204, {}, ""} : notFound("calendar");
}

HttpResponse getMoment(Call& call, const Calendars& calendars, const Clock& clock) {
    const auto calendar = calendars.find(call.caller.org, call.capture("name"));
    if (!calendar) return refuse(calendar.error());
    const std::string text = call.queryText("at");
    const auto at = text.empty() ? std::optional(clock.now()) : parseRfc3339(text);
    if (!at) return refuse(Error{ErrorKind::Invalid, "at: must be a time such as 2026-11-26T09:00:00Z"});
    return ok(toJson(*calendar, *at));
}

}  // namespace

void addCalendarRoutes(Router& router, Calendars& calendars, const Clock& clock) {
    router.add({"GET", "/api/v1/calendars", "calendars:read", [&](Call& call) {
                    return ok({{"items", calendars.list(call.caller.org)}, {"next", nullptr}});
                }});
    const std::string one = "/api/v1/calendars/{name}";
    router.add({"GET", one, "calendars:read", [&](Call& call) { return getCalendar(call, calendars); }});
    router.add({"PUT", one, "calendars:write", [&](Call& call) { return putCalendar(call, calendars); }});
    router.add(
        {"DELETE", one, "calendars:write", [&](Call& call) { return deleteCalendar(call, calendars); }});
    router.add({"GET", one + "/moment", "calendars:read",
                [&](Call& call) { return getMoment(call, calendars, clock); }});
}

}  // namespace signalbox::api
