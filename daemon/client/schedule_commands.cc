#include <charconv>

#include "daemon/client/command_groups.h"
#include "daemon/client/session.h"
#include "workflow/schedule/cron.h"

namespace signalbox::client {
namespace {

constexpr std::size_t kMaxCount = 10'000;

Result<std::size_t> countIn(const Values& values) {
    const std::string text = values.text("--count", "1");
    std::size_t count = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (fault != std::errc{} || end != text.data() + text.size() || count < 1 || count > kMaxCount)
        return usageError("--count: a number from 1 to " + std::to_string(kMaxCount));
    return count;
}

// Without an offset it is what clocks in the zone show.
Result<TimePoint> startIn(const Values& values, const Clock& clock, const TimeZone& zone) {
    if (!values.has("--from")) return clock.now();
    const std::string text = values.text("--from");
    if (const auto from = parseRfc3339(text)) return *from;
    const std::string time = text.size() == 10 ? "T00:00:00" : text.size() == 16 ? ":00" : "";
    const auto shown = parseRfc3339(text + time + "Z");
    if (!shown) return usageError("--from: a time such as 2026-03-29T00:00:00+01:00");
    const auto second = std::chrono::floor<std::chrono::seconds>(*shown);
    return TimePoint{zone.toUtc(std::chrono::local_seconds{second.time_since_epoch()})};
}

// Works without a daemon.
Result<Exit> next(Session& session, const Values& values) {
    const auto cron = workflow::Cron::parse(values.text("expr"));
    if (!cron) return usageError("cron expression: " + cron.error().message);
    const auto zone = TimeZone::find(values.text("--tz", "UTC"));
    if (!zone) return usageError("--tz: " + zone.error().message);
    const auto count = countIn(values);
    if (!count) return count.error();
    const auto from = startIn(values, session.clock, **zone);
    if (!from) return from.error();
    auto at = std::chrono::floor<std::chrono::seconds>(*from);
    Json times = Json::array();
    for (std::size_t i = 0; i < *count; ++i) {
        const auto due = cron->next(at, **zone);
        if (!due) break;  // the year 9999 is over
        at = *due;
        times.push_back(toRfc3339(at, **zone));
    }
    session.print(times, [&] {
        std::string lines;
        for (const Json& time : times) lines += time.get<std::string>() + '\n';
        return lines;
    });
    return Exit::Done;
}

}  // namespace

std::vector<Command> scheduleCommands() {
    return {
        {{"cron", "next"},
         "When a cron expression is due next, one time a line, each after --from. Works without a daemon.\n"
         "Fields: [second] minute hour day month weekday [year], or @hourly, @daily, @weekly, @monthly, "
         "@yearly,\n"
         "@every 5m. A range may run backwards: FRI-MON.\n"
         "Day and weekday: either will do when both are restricted. L, 15W, LW, FRI#2, 5L, ? are known.\n"
         "Summer time: a time in the gap is due once, right after it; a doubled time once, at the first;\n"
         "when minute or hour begin with *, real time counts (workflow/schedule/README.md)",
         {{"expr", "EXPR", "The expression, in quotes", true},
          {"--tz", "ZONE", "IANA time zone (Europe/Berlin); UTC unless given"},
          {"--from", "TIME",
           "Times behind this one (2026-03-29T00:00:00Z; without Z or an offset in the zone); now unless "
           "given"},
          {"--count", "N", "How many, 1 unless given"}},
         {"signalbox cron next '30 2 * * *' --tz Europe/Berlin --from 2026-03-28T12:00:00Z --count 3",
          "signalbox cron next '0 9 * * MON-FRI' --tz America/New_York"},
         next}};
}

}  // namespace signalbox::client
