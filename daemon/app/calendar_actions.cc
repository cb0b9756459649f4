#include "daemon/app/calendar_actions.h"

namespace signalbox {

void addCalendarActions(WorkflowActions& actions, const Calendars& calendars) {
    actions.add("calendar.look",
                [&](const workflow::ActionRequest& action) -> Result<workflow::PreparedAction> {
                    const auto calendar =
                        calendars.find(action.org, textAt(action.request, "calendar", kDefaultCalendar));
                    if (!calendar) return calendar.error();
                    const auto at = parseRfc3339(textAt(action.request, "at"));
                    return workflow::PreparedAction{toJson(*calendar, at.value_or(action.now)), {}};
                });
}

}  // namespace signalbox
