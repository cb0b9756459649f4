#include "hub/calendars/calendar.h"

#include <boost/test/unit_test.hpp>

#include "hub/calendars/calendars.h"
#include "tests/support/hub_fixture.h"

namespace signalbox {
namespace {

const std::string kBerlin = R"({"zone": "Europe/Berlin",
    "hours": {"mon": ["09:00-12:00", "13:00-17:00"], "tue": ["09:00-17:00"], "fri": ["09:00-17:00"],
              "sat": ["22:00-02:00"]},
    "holidays": [{"date": "12-25", "name": "Christmas"}, {"date": "2026-11-24", "name": "Fair", "hours": ["10:00-11:00"]}]})";

Calendar berlin() {
    auto calendar = Calendar::read(Json::parse(kBerlin));
    BOOST_REQUIRE_MESSAGE(calendar.ok(), (calendar ? "" : calendar.error().message));
    return *calendar;
}
// «open until …», «closed until …», with the holiday's name.
std::string at(const std::string& time) {
    const Json moment = toJson(berlin(), *parseRfc3339(time));
    const bool is_open = flagAt(moment, "is_open");
    return (is_open ? "open until " + textAt(moment, "closes_at")
                    : "closed until " + textAt(moment, "opens_at")) +
           (moment["holiday"].is_null() ? "" : ", " + textAt(moment, "holiday"));
}
std::string faultOf(const std::string& body) {
    const auto calendar = Calendar::read(Json::parse(body));
    return calendar ? "none" : calendar.error().message;
}

}  // namespace

BOOST_AUTO_TEST_CASE(hours_are_those_of_the_clock_on_the_wall_in_the_zone) {
    BOOST_TEST(at("2026-11-23T08:00:00Z") == "open until 2026-11-23T12:00:00+01:00");  // a Monday
    BOOST_TEST(at("2026-11-23T07:59:59Z") == "closed until 2026-11-23T09:00:00+01:00");
    BOOST_TEST(at("2026-11-23T11:00:00Z") == "closed until 2026-11-23T13:00:00+01:00");
    BOOST_TEST(at("2026-07-06T07:00:00Z") == "open until 2026-07-06T12:00:00+02:00");  // in summer
}

BOOST_AUTO_TEST_CASE(a_holiday_closes_its_day_or_has_hours_of_its_own) {
    BOOST_TEST(at("2026-12-25T10:00:00Z") ==
               "closed until 2026-12-26T22:00:00+01:00, Christmas");  // a Friday
    BOOST_TEST(at("2026-11-24T09:30:00Z") == "open until 2026-11-24T11:00:00+01:00, Fair");
    BOOST_TEST(at("2026-11-24T12:00:00Z") == "closed until 2026-11-27T09:00:00+01:00, Fair");
}

BOOST_AUTO_TEST_CASE(a_span_over_midnight_belongs_to_the_day_it_begins_on) {
    BOOST_TEST(at("2026-11-29T00:30:00Z") ==
               "open until 2026-11-29T02:00:00+01:00");  // Sunday, half past one
    BOOST_TEST(at("2026-11-29T01:00:00Z") == "closed until 2026-11-30T09:00:00+01:00");
}

BOOST_AUTO_TEST_CASE(days_without_a_break_are_one_stretch_and_always_open_never_closes) {
    const auto always = Calendar::read(Json::parse(
        R"({"hours": {"mon":["00:00-24:00"],"tue":["00:00-24:00"],"wed":["00:00-24:00"],"thu":["00:00-24:00"],
            "fri":["00:00-24:00"],"sat":["00:00-24:00"],"sun":["00:00-24:00"]}})"));
    const auto two_days =
        Calendar::read(Json::parse(R"({"hours": {"mon":["00:00-24:00"],"tue":["00:00-10:00"]}})"));
    const auto never = Calendar::read(Json::parse(R"({"hours": {}})"));

    const auto moment = always->at(*parseRfc3339("2026-11-23T08:00:00Z"));
    BOOST_TEST(moment.is_open);
    BOOST_TEST(!moment.closes_at.has_value());
    BOOST_TEST(toRfc3339(*two_days->at(*parseRfc3339("2026-11-23T08:00:00Z")).closes_at) ==
               "2026-11-24T10:00:00.000Z");
    BOOST_TEST(!never->at(*parseRfc3339("2026-11-23T08:00:00Z")).opens_at.has_value());
}

BOOST_AUTO_TEST_CASE(working_time_passes_only_while_it_is_open) {
    using namespace std::chrono_literals;
    const auto from = *parseRfc3339("2026-11-23T10:30:00Z");  // Monday, half past eleven

    BOOST_TEST(toRfc3339(*berlin().afterOpenTime(from, 20min)) == "2026-11-23T10:50:00.000Z");
    BOOST_TEST(toRfc3339(*berlin().afterOpenTime(from, 1h)) == "2026-11-23T12:30:00.000Z");
    BOOST_TEST(toRfc3339(*berlin().afterOpenTime(from, 6h)) == "2026-11-27T08:30:00.000Z");  // over the fair
    BOOST_TEST(!Calendar::read(Json::parse(R"({"hours": {}})"))->afterOpenTime(from, 1h).has_value());
}

BOOST_AUTO_TEST_CASE(what_is_wrong_with_a_calendar_is_named) {
    BOOST_TEST(faultOf(R"({"zone": "Berlin", "hours": {}})") ==
               "zone: no such time zone; write an IANA name such as Europe/Berlin");
    BOOST_TEST(faultOf(R"({"hours": {"monday": []}})") ==
               "hours.monday: days are mon, tue, wed, thu, fri, sat, sun");
    BOOST_TEST(faultOf(R"({"hours": {"mon": ["9-17"]}})") ==
               "hours.mon: must be a list of spans such as \"09:00-17:00\"");
    BOOST_TEST(faultOf(R"({"hours": {}, "holidays": [{"date": "2026-02-30"}]})") ==
               "holidays[0].date: must be a date such as 2026-12-24, or 12-25 for each year");
}

BOOST_AUTO_TEST_CASE(calendars_are_kept_by_organization_and_name) {
    HubFixture hub;
    Calendars calendars(*hub.store, hub.ids, hub.clock);

    BOOST_TEST(*calendars.save(kDefaultOrg, "berlin", Json::parse(kBerlin), {}, "usr"));
    BOOST_TEST(!*calendars.save(kDefaultOrg, "berlin", Json::parse(kBerlin), {}, "usr"));
    const auto overtaken = calendars.save(kDefaultOrg, "berlin", Json::parse(kBerlin), 1, "usr");

    BOOST_TEST(calendars.find(kDefaultOrg, "berlin").ok());
    BOOST_TEST(numberAt(*calendars.shown(kDefaultOrg, "berlin"), "revision") == 2);
    BOOST_TEST(overtaken.error().code == "changed_meanwhile");
    BOOST_TEST(calendars.find(2, "berlin").error().code == "calendar_not_found");
    BOOST_TEST(*calendars.remove(kDefaultOrg, "berlin"));
    BOOST_TEST(calendars.list(kDefaultOrg).empty());
}

}  // namespace signalbox
