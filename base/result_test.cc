#include "base/result.h"

#include <boost/test/unit_test.hpp>

namespace signalbox {

BOOST_AUTO_TEST_CASE(only_throttled_and_unavailable_are_worth_another_try) {
    BOOST_TEST(isRetryable(Error{ErrorKind::Throttled, "too fast"}));
    BOOST_TEST(isRetryable(Error{ErrorKind::Unavailable, "down"}));
    BOOST_TEST(!isRetryable(Error{ErrorKind::Uncertain, "no answer"}));
    BOOST_TEST(!isRetryable(Error{ErrorKind::Rejected, "blocked"}));
}

BOOST_AUTO_TEST_CASE(context_goes_in_front_and_keeps_the_rest) {
    const Error error =
        withContext("send", Error{ErrorKind::Throttled, "too fast", std::chrono::seconds{30}, "131056"});

    BOOST_TEST(error.message == "send: too fast");
    BOOST_TEST(error.code == "131056");
    BOOST_TEST(error.retry_after->count() == 30);
}

}  // namespace signalbox
