#include "hub/ingest/mail_times.h"

#include <boost/test/unit_test.hpp>

namespace signalbox {
namespace {

TimePoint at(const char* text) {
    return *parseRfc3339(text);
}

const TimePoint kNow = at("2026-11-26T12:00:00Z"), kConnected = at("2026-11-20T08:00:00Z");

}  // namespace

BOOST_AUTO_TEST_CASE(mail_of_before_the_account_is_history_mail_of_an_outage_is_news) {
    const auto isHistory = [](const char* arrived, bool was_there) {
        return timesOf({at(arrived), was_there}, at(arrived), kConnected, kNow).is_history;
    };

    BOOST_TEST(isHistory("2026-10-05T09:00:00Z", true));
    BOOST_TEST(isHistory("2026-10-05T09:00:00Z", false));  // moved into the folder afterwards
    BOOST_TEST(!isHistory("2026-11-23T09:00:00Z", false));
    BOOST_TEST(!isHistory("2026-11-20T07:58:00Z", false));  // the mail server's clock is behind
    // Of a folder that is followed since later.
    BOOST_TEST(isHistory("2026-11-23T09:00:00Z", true));
}

BOOST_AUTO_TEST_CASE(what_was_kept_in_quarantine_goes_by_its_date) {
    BOOST_TEST(timesOf({}, at("2026-10-05T09:00:00Z"), kConnected, kNow).is_history);
    BOOST_TEST(!timesOf({}, at("2026-11-25T09:00:00Z"), kConnected, kNow).is_history);
    BOOST_TEST(!timesOf({}, std::nullopt, kConnected, kNow).is_history);
}

BOOST_AUTO_TEST_CASE(a_date_that_cannot_be_does_not_set_our_clocks) {
    const TimePoint arrived = at("2026-11-25T09:00:00Z");
    const auto times = [&](const char* written, bool was_there = false) {
        return timesOf({arrived, was_there}, at(written), kConnected, kNow);
    };

    BOOST_TEST((times("2038-01-01T00:00:00Z").shown_at == arrived));
    BOOST_TEST((times("2038-01-01T00:00:00Z").active_at == arrived));
    BOOST_TEST((times("1970-01-01T00:00:00Z").shown_at == arrived));
    BOOST_TEST((times("2019-01-01T00:00:00Z").shown_at == arrived));
    BOOST_TEST(
        (times("2026-11-24T09:00:00Z").shown_at == at("2026-11-24T09:00:00Z")));  // two days on its way
    BOOST_TEST((times("2026-11-24T09:00:00Z").active_at == arrived));
    // A mailbox that was moved: the arrival is the day of the move.
    BOOST_TEST((times("2019-01-01T00:00:00Z", true).active_at == at("2019-01-01T00:00:00Z")));
    // The server's own clock is wrong.
    BOOST_TEST((timesOf({at("2030-01-01T00:00:00Z"), false}, at("2030-01-01T00:00:00Z"), kConnected, kNow)
                    .active_at == kNow));
}

}  // namespace signalbox
