#include "base/time_zone.h"

#include <boost/test/unit_test.hpp>

namespace signalbox {
namespace {

std::chrono::sys_seconds at(const char* text) {
    return std::chrono::floor<std::chrono::seconds>(*parseRfc3339(text));
}
std::chrono::local_seconds shown(const char* text) {
    return std::chrono::local_seconds{at(text).time_since_epoch()};
}
const TimeZone& zone(const char* name) {
    return **TimeZone::find(name);
}

BOOST_AUTO_TEST_CASE(times_are_written_with_the_offset_of_their_zone) {
    BOOST_TEST(toRfc3339(at("2026-03-29T00:59:59Z"), zone("Europe/Berlin")) == "2026-03-29T01:59:59+01:00");
    BOOST_TEST(toRfc3339(at("2026-03-29T01:00:00Z"), zone("Europe/Berlin")) == "2026-03-29T03:00:00+02:00");
    BOOST_TEST(toRfc3339(at("2026-07-01T00:00:00Z"), zone("America/St_Johns")) ==
               "2026-06-30T21:30:00-02:30");
    BOOST_TEST(toRfc3339(at("2026-07-01T00:00:00Z"), zone("UTC")) == "2026-07-01T00:00:00+00:00");
}

BOOST_AUTO_TEST_CASE(the_rule_of_a_zone_goes_on_behind_the_last_change_in_its_file) {
    BOOST_TEST(toRfc3339(at("2999-07-01T12:00:00Z"), zone("Europe/Berlin")) == "2999-07-01T14:00:00+02:00");
    BOOST_TEST(toRfc3339(at("2999-01-01T12:00:00Z"), zone("Australia/Sydney")) ==
               "2999-01-01T23:00:00+11:00");
    BOOST_TEST(toRfc3339(*zone("Europe/Berlin").nextChange(at("2999-04-15T00:00:00Z")), zone("UTC")) ==
               "2999-10-27T01:00:00+00:00");
}

BOOST_AUTO_TEST_CASE(a_local_time_is_the_first_of_two_and_the_end_of_a_gap) {
    const auto& berlin = zone("Europe/Berlin");

    BOOST_TEST(toRfc3339(berlin.toUtc(shown("2026-10-25T02:30:00Z")), berlin) == "2026-10-25T02:30:00+02:00");
    BOOST_TEST(toRfc3339(berlin.toUtc(shown("2026-03-29T02:30:00Z")), berlin) == "2026-03-29T03:00:00+02:00");
    BOOST_TEST(berlin.isInGap(shown("2026-03-29T02:30:00Z")));
    BOOST_TEST(!berlin.isInGap(shown("2026-03-29T03:00:00Z")));
    // A whole day was left out.
    const auto& apia = zone("Pacific/Apia");
    BOOST_TEST(toRfc3339(apia.toUtc(shown("2011-12-30T12:00:00Z")), apia) == "2011-12-31T00:00:00+14:00");
}

BOOST_AUTO_TEST_CASE(names_lead_to_no_other_file) {
    for (const char* name : {"", "Europe/Nowhere", "../../etc/passwd", "/etc/passwd", "zone.tab", "Europe"})
        BOOST_TEST(!TimeZone::find(name), name);
}

BOOST_AUTO_TEST_CASE(a_broken_file_is_refused) {
    BOOST_TEST(!TimeZone::parse("x", ""));
    BOOST_TEST(!TimeZone::parse("x", "TZif2" + std::string(39, '\xff')));
}

BOOST_AUTO_TEST_CASE(rules_of_posix_are_read_whole) {
    using std::chrono::year;
    const auto israel = PosixTz::parse("IST-2IDT,M3.4.4/26,M10.5.0");
    BOOST_REQUIRE(israel);
    BOOST_TEST(toRfc3339(israel->changesIn(year{2026})[0].at, TimeZone::utc()) ==
               "2026-03-27T00:00:00+00:00");
    const auto quoted = PosixTz::parse("<-03>3");
    BOOST_REQUIRE(quoted);
    BOOST_TEST(quoted->standardOffset().count() == -3 * 3600);
    BOOST_TEST(quoted->isFixed());
    for (const char* broken :
         {"", "CET", "CET-1CEST", "CET-1CEST,M13.1.0,M1.1.0", "CET-1CEST,M3.5.0,M10.5.0x"})
        BOOST_TEST(!PosixTz::parse(broken), broken);
}

}  // namespace
}  // namespace signalbox
