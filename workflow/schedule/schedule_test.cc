#include "workflow/schedule/schedule.h"

#include <boost/test/unit_test.hpp>

namespace signalbox::workflow {
namespace {

std::chrono::sys_seconds at(const std::string& text) {
    return std::chrono::floor<std::chrono::seconds>(*parseRfc3339(text));
}
std::string shown(const Schedule::Firing& firing) {
    std::string out;
    for (const auto instant : firing.instants) out += toRfc3339(TimePoint(instant)).substr(11, 5) + " ";
    out += "missed " + std::to_string(firing.missed);
    return out + " next " + (firing.next ? toRfc3339(TimePoint(*firing.next)).substr(11, 5) : "never");
}
// Hourly, due at 01:00 and seen at 04:00 or a while later.
std::string hourly(const std::string& misfire, const std::string& now) {
    const auto schedule = Schedule::read(Json::parse(R"({"cron":"@hourly",)" + misfire + "}"));
    BOOST_REQUIRE(schedule);
    return shown(schedule->fire(at("2026-01-01T01:00:00Z"), at("2026-01-01T00:30:00Z"), at(now)));
}

BOOST_AUTO_TEST_CASE(on_time_each_policy_starts_one_run) {
    for (const char* misfire :
         {R"("misfire":"fire_once")", R"("misfire":"skip")", R"("misfire":"catch_up","catch_up":5)"})
        BOOST_TEST(hourly(misfire, "2026-01-01T01:00:03Z") == "01:00 missed 0 next 02:00");
}

BOOST_AUTO_TEST_CASE(every_of_a_cron_expression_is_an_interval_from_publishing) {
    const auto schedule = Schedule::read(Json::parse(R"({"cron":"@every 90m","zone":"Europe/Berlin"})"));
    BOOST_REQUIRE(schedule.ok());
    const auto anchor = at("2026-01-01T00:10:00Z");

    BOOST_TEST(toRfc3339(TimePoint(*schedule->next(anchor, anchor))) == "2026-01-01T01:40:00.000Z");
    BOOST_TEST(shown(schedule->fire(at("2026-01-01T01:40:00Z"), anchor, at("2026-01-01T05:00:00Z"))) ==
               "04:40 missed 2 next 06:10");
}

BOOST_AUTO_TEST_CASE(what_was_missed_is_done_as_the_policy_says) {
    const char* late = "2026-01-01T04:20:00Z";

    BOOST_TEST(hourly(R"("misfire":"fire_once")", late) == "04:00 missed 3 next 05:00");
    BOOST_TEST(hourly(R"("misfire":"skip")", late) == "missed 4 next 05:00");
    BOOST_TEST(hourly(R"("misfire":"catch_up","catch_up":2)", late) == "03:00 04:00 missed 2 next 05:00");
    // The time that has just come is not a missed one.
    BOOST_TEST(hourly(R"("misfire":"skip")", "2026-01-01T04:00:02Z") == "04:00 missed 3 next 05:00");
    BOOST_TEST(hourly(R"("misfire":"catch_up","catch_up":1)", "2026-01-01T04:00:02Z") ==
               "03:00 04:00 missed 2 next 05:00");
}

BOOST_AUTO_TEST_CASE(intervals_count_from_their_anchor_and_once_is_once) {
    const auto every = Schedule::read({{"every_s", 90}});
    BOOST_REQUIRE(every);
    const auto anchor = at("2026-01-01T00:00:10Z");
    BOOST_TEST(toRfc3339(TimePoint(*every->next(at("2026-01-01T00:03:00Z"), anchor))) ==
               "2026-01-01T00:03:10.000Z");
    BOOST_TEST(toRfc3339(TimePoint(*every->next(at("2026-01-01T00:03:10Z"), anchor))) ==
               "2026-01-01T00:04:40.000Z");

    const auto once = Schedule::read({{"at", "2026-07-01T08:00"}, {"zone", "Europe/Berlin"}});
    BOOST_REQUIRE(once);
    BOOST_TEST(toRfc3339(TimePoint(*once->next(anchor, anchor))) == "2026-07-01T06:00:00.000Z");
    BOOST_TEST(!once->next(at("2026-07-01T06:00:00Z"), anchor));
}

BOOST_AUTO_TEST_CASE(params_that_say_too_little_or_too_much_are_refused) {
    for (const auto& [params, error] : std::vector<std::pair<Json, std::string>>{
             {Json::object(), "needs one of"},
             {{{"cron", "@daily"}, {"every_s", 3}}, "needs one of"},
             {{{"cron", "61 * * * *"}}, "cron: column 1: 61 is out of range"},
             {{{"cron", "@daily"}, {"zone", "Berlin"}}, "zone: time zone Berlin"},
             {{{"at", "soon"}}, "at: a time such as"}}) {
        const auto read = Schedule::read(params);
        BOOST_REQUIRE(!read);
        BOOST_TEST(read.error().message.starts_with(error), read.error().message);
    }
}

}  // namespace
}  // namespace signalbox::workflow
