#include <boost/test/unit_test.hpp>

#include "connectors/sdk/http_client.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

Error errorFor(int status, Headers headers = {}) {
    return errorFromStatus("acme send", {status, std::move(headers), "the body may hold anything"});
}

BOOST_AUTO_TEST_CASE(statuses_become_the_kind_that_decides_the_next_step) {
    const std::pair<int, const char*> expected[] = {
        {301, "rejected"},    {400, "rejected"},    {401, "unauthorized"}, {403, "forbidden"},
        {404, "not_found"},   {405, "rejected"},    {408, "unavailable"},  {410, "not_found"},
        {413, "rejected"},    {415, "rejected"},    {422, "rejected"},     {425, "unavailable"},
        {429, "throttled"},   {500, "unavailable"}, {501, "rejected"},     {502, "unavailable"},
        {503, "unavailable"}, {504, "unavailable"}, {505, "rejected"},     {529, "unavailable"},
    };

    for (const auto& [status, kind] : expected) {
        BOOST_TEST_INFO(status);
        BOOST_TEST(toString(errorFor(status).kind) == kind);
    }
}

BOOST_AUTO_TEST_CASE(the_wait_that_the_other_side_asked_for_is_read) {
    BOOST_TEST((errorFor(429, {{"Retry-After", "30"}}).retry_after == 30s));
    BOOST_TEST((errorFor(503, {{"retry-after", "5"}}).retry_after == 5s));
    BOOST_TEST(toString(errorFor(503, {{"retry-after", "5"}}).kind) == "throttled");
}

BOOST_AUTO_TEST_CASE(a_wait_that_is_no_number_of_seconds_is_ignored) {
    for (const char* text :
         {"", "soon", "-5", "3.5", "Wed, 21 Oct 2026 07:28:00 GMT", "99999999999999999999"})
        BOOST_TEST(!errorFor(429, {{"retry-after", text}}).retry_after.has_value(), text);
}

BOOST_AUTO_TEST_CASE(the_message_names_the_call_and_the_status_and_never_the_body) {
    const Error error = errorFor(422);

    BOOST_TEST(error.message == "acme send: answered with HTTP status 422");
    BOOST_TEST(error.code == "http_422");
}

}  // namespace
}  // namespace signalbox
