#include "workflow/schedule/cron.h"

#include <boost/test/unit_test.hpp>

namespace signalbox::workflow {
namespace {

std::string due(const char* expression, const char* zone_name, const char* from, int count) {
    const auto cron = Cron::parse(expression);
    if (!cron) return cron.error().message;
    const TimeZone& zone = **TimeZone::find(zone_name);
    auto at = std::chrono::floor<std::chrono::seconds>(*parseRfc3339(from));
    std::string out;
    for (int i = 0; i < count; ++i) {
        const auto next = cron->next(at, zone);
        if (!next) return out + "never";
        at = *next;
        out += (i > 0 ? " " : "") + toRfc3339(at, zone);
    }
    return out;
}
std::string inUtc(const char* expression, const char* from, int count) {
    std::string out = due(expression, "UTC", from, count);
    for (auto at = out.find("+00:00"); at != std::string::npos; at = out.find("+00:00")) out.erase(at, 6);
    return out;
}

BOOST_AUTO_TEST_CASE(fields_take_lists_ranges_steps_and_names) {
    const char* from = "2026-01-01T00:00:00Z";  // a Thursday

    BOOST_TEST(inUtc("*/20 9-10 * * *", from, 4) ==
               "2026-01-01T09:00:00 2026-01-01T09:20:00 2026-01-01T09:40:00 2026-01-01T10:00:00");
    BOOST_TEST(inUtc("0 8 * feb-MAR mon,Wed", from, 2) == "2026-02-02T08:00:00 2026-02-04T08:00:00");
    BOOST_TEST(inUtc("5/25 0 * * *", from, 3) ==
               "2026-01-01T00:05:00 2026-01-01T00:30:00 2026-01-01T00:55:00");
    BOOST_TEST(inUtc("7/25 0 * * *", from, 3) ==
               "2026-01-01T00:07:00 2026-01-01T00:32:00 2026-01-01T00:57:00");
    BOOST_TEST(inUtc("0 0 * 7/3 *", from, 1) == "2026-07-01T00:00:00");
    BOOST_TEST(inUtc("0 0 * * 1/3", from, 3) ==
               "2026-01-04T00:00:00 2026-01-05T00:00:00 2026-01-08T00:00:00");
    BOOST_TEST(inUtc("0 0 * * 7", from, 1) == "2026-01-04T00:00:00");
    BOOST_TEST(inUtc("0 0 * * FRI-SUN", from, 4) ==
               "2026-01-02T00:00:00 2026-01-03T00:00:00 2026-01-04T00:00:00 2026-01-09T00:00:00");
    BOOST_TEST(inUtc("*/30 59 23 31 12 ?", from, 2) == "2026-12-31T23:59:00 2026-12-31T23:59:30");
    BOOST_TEST(inUtc("@weekly", from, 1) == "2026-01-04T00:00:00");
}

BOOST_AUTO_TEST_CASE(a_range_that_runs_backwards_goes_on_at_the_beginning) {
    const char* from = "2026-01-01T00:00:00Z";

    BOOST_TEST(inUtc("0 9 * * FRI-MON", from, 5) ==
               "2026-01-02T09:00:00 2026-01-03T09:00:00 2026-01-04T09:00:00 2026-01-05T09:00:00 "
               "2026-01-09T09:00:00");
    BOOST_TEST(inUtc("0 0 * * 7-1", from, 3) ==
               "2026-01-04T00:00:00 2026-01-05T00:00:00 2026-01-11T00:00:00");
    BOOST_TEST(inUtc("0 22-2/2 * * *", from, 3) ==
               "2026-01-01T02:00:00 2026-01-01T22:00:00 2026-01-02T00:00:00");
    BOOST_TEST(inUtc("0 0 1 NOV-FEB *", from, 3) ==
               "2026-02-01T00:00:00 2026-11-01T00:00:00 2026-12-01T00:00:00");
}

BOOST_AUTO_TEST_CASE(a_seventh_field_is_the_year_and_every_counts_from_where_it_begins) {
    const char* from = "2026-01-01T00:00:10Z";

    BOOST_TEST(inUtc("0 0 12 1 1 ? 2027/2", from, 2) == "2027-01-01T12:00:00 2029-01-01T12:00:00");
    BOOST_TEST(inUtc("0 0 0 29 2 * 2026-2028", from, 2) == "2028-02-29T00:00:00never");
    BOOST_TEST(inUtc("0 0 0 29 2 * 2027", from, 1).starts_with("column 1: no calendar has such a day"));
    BOOST_TEST(inUtc("@every 1h30m", from, 2) == "2026-01-01T01:30:10 2026-01-01T03:00:10");
    BOOST_TEST(inUtc("@every_minute", from, 1) == "2026-01-01T00:01:00");
}

BOOST_AUTO_TEST_CASE(the_start_itself_is_not_due_again) {
    BOOST_TEST(inUtc("0 * * * *", "2026-01-01T05:00:00Z", 1) == "2026-01-01T06:00:00");
    BOOST_TEST(inUtc("0 * * * *", "2026-01-01T04:59:59.999Z", 1) == "2026-01-01T05:00:00");
}

BOOST_AUTO_TEST_CASE(day_or_weekday_will_do_when_both_are_restricted) {
    const char* from = "2026-01-01T12:00:00Z";

    BOOST_TEST(inUtc("0 0 13 * FRI", from, 3) ==
               "2026-01-02T00:00:00 2026-01-09T00:00:00 2026-01-13T00:00:00");
    // A field that begins with * restricts nothing, so both must hold.
    BOOST_TEST(inUtc("0 0 */2 * MON", from, 2) == "2026-01-05T00:00:00 2026-01-19T00:00:00");
    BOOST_TEST(inUtc("0 0 ? * MON", from, 1) == "2026-01-05T00:00:00");
}

BOOST_AUTO_TEST_CASE(days_that_only_the_calendar_knows) {
    const char* from = "2026-01-01T12:00:00Z";

    BOOST_TEST(inUtc("0 0 L * *", from, 2) == "2026-01-31T00:00:00 2026-02-28T00:00:00");
    BOOST_TEST(inUtc("0 0 L-3 * *", from, 1) == "2026-01-28T00:00:00");
    BOOST_TEST(inUtc("0 0 LW * *", from, 2) == "2026-01-30T00:00:00 2026-02-27T00:00:00");
    BOOST_TEST(inUtc("0 0 1W * *", from, 3) == "2026-02-02T00:00:00 2026-03-02T00:00:00 2026-04-01T00:00:00");
    BOOST_TEST(inUtc("0 0 15W * *", from, 2) == "2026-01-15T00:00:00 2026-02-16T00:00:00");
    BOOST_TEST(inUtc("0 0 * * FRI#2", from, 2) == "2026-01-09T00:00:00 2026-02-13T00:00:00");
    BOOST_TEST(inUtc("0 0 * * 5L", from, 2) == "2026-01-30T00:00:00 2026-02-27T00:00:00");
    BOOST_TEST(inUtc("0 0 * * L5", from, 1) == "2026-01-30T00:00:00");
    BOOST_TEST(inUtc("0 0 29 2 *", from, 2) == "2028-02-29T00:00:00 2032-02-29T00:00:00");
}

BOOST_AUTO_TEST_CASE(a_time_in_the_spring_gap_is_due_once_right_after_it) {
    const char* from = "2026-03-27T12:00:00Z";

    BOOST_TEST(due("30 2 * * *", "Europe/Berlin", from, 3) ==
               "2026-03-28T02:30:00+01:00 2026-03-29T03:00:00+02:00 2026-03-30T02:30:00+02:00");
    BOOST_TEST(due("0,30 2,3 29 3 *", "Europe/Berlin", from, 2) ==
               "2026-03-29T03:00:00+02:00 2026-03-29T03:30:00+02:00");
    BOOST_TEST(due("0 0 * * *", "America/Santiago", "2026-09-05T12:00:00Z", 2) ==
               "2026-09-06T01:00:00-03:00 2026-09-07T00:00:00-03:00");
}

BOOST_AUTO_TEST_CASE(a_day_that_a_zone_left_out_is_not_made_good) {
    BOOST_TEST(due("0 12 * * *", "Pacific/Apia", "2011-12-29T20:00:00Z", 2) ==
               "2011-12-29T12:00:00-10:00 2011-12-31T12:00:00+14:00");
}

BOOST_AUTO_TEST_CASE(a_doubled_time_in_autumn_is_due_at_the_first) {
    BOOST_TEST(due("30 1 * * *", "America/New_York", "2026-10-31T12:00:00Z", 2) ==
               "2026-11-01T01:30:00-04:00 2026-11-02T01:30:00-05:00");
    BOOST_TEST(due("30 1 * * *", "America/New_York", "2026-11-01T06:10:00Z", 1) ==
               "2026-11-02T01:30:00-05:00");
}

BOOST_AUTO_TEST_CASE(wildcards_follow_the_time_that_really_goes_by) {
    BOOST_TEST(due("*/30 * * * *", "Europe/Berlin", "2026-03-29T00:20:00Z", 3) ==
               "2026-03-29T01:30:00+01:00 2026-03-29T03:00:00+02:00 2026-03-29T03:30:00+02:00");
    BOOST_TEST(due("0 * * * *", "Europe/Berlin", "2026-10-24T23:30:00Z", 3) ==
               "2026-10-25T02:00:00+02:00 2026-10-25T02:00:00+01:00 2026-10-25T03:00:00+01:00");
    BOOST_TEST(due("*/30 1 * * *", "America/New_York", "2026-11-01T04:30:00Z", 4) ==
               "2026-11-01T01:00:00-04:00 2026-11-01T01:30:00-04:00 2026-11-01T01:00:00-05:00 "
               "2026-11-01T01:30:00-05:00");
}

BOOST_AUTO_TEST_CASE(faults_name_the_column_and_the_remedy) {
    for (const auto& [text, error] : std::map<const char*, const char*>{
             {"61 * * * *", "column 1: 61 is out of range: minute 0-59"},
             {"* * * *", "column 8: a cron expression has 5 fields"},
             {"0 0 * * MOX", "column 9: unexpected 'M' in the day of the week"},
             {"0 0 0 1 1 ? 2030-2027", "column 13: the range of the year runs backwards"},
             {"CRON_TZ=UTC 0 * * * *", "column 1: the time zone does not stand in the expression"},
             {"@every 5", "column 8: @every takes a time"},
             {"@every 0s", "column 8: @every takes a time"},
             {"*/0 * * * *", "column 4: a step is 1 or more"},
             {"0 0 30 2 *", "column 1: no calendar has such a day"},
             {"0 0 * * MON#6", "column 14: # takes 1 to 5"},
             {"@never", "column 1: unknown name; use @hourly"},
             {"0, * * * *", "column 3: the minute ends too early"},
             {"", "column 1: a cron expression has 5 fields"}})
        BOOST_TEST(due(text, "UTC", "2026-01-01T00:00:00Z", 1).starts_with(error),
                   text << ": " << due(text, "UTC", "2026-01-01T00:00:00Z", 1));
}

}  // namespace
}  // namespace signalbox::workflow
