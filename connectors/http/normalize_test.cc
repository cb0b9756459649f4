#include "connectors/http/normalize.h"

#include <boost/test/unit_test.hpp>

using namespace signalbox;
using namespace signalbox::http_account;
using namespace std::chrono_literals;

namespace {

const AccountConfig kPlain;

Prepared prepared(bool fails_on_status = true) {
    Prepared out;
    out.what = "http POST a.test";
    out.fails_on_status = fails_on_status;
    return out;
}

Json answered(const HttpResponse& response, const AccountConfig& config = kPlain) {
    return readAnswer(response, prepared(false), config, 12ms)->content;
}

ErrorKind failedWith(int status, Prepared request = prepared()) {
    return readAnswer({status, {}, ""}, request, kPlain, 1ms).error().kind;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(http_answer)

BOOST_AUTO_TEST_CASE(an_answer_is_status_headers_body_and_duration) {
    const auto content =
        answered({201, {{"Content-Type", "application/json"}, {"X-Id", "7"}, {"x-id", "8"}}, R"({"a":1})"});

    BOOST_TEST(content == Json::parse(R"({"status":201,"duration_ms":12,"body":{"a":1},
                                          "headers":{"content-type":"application/json","x-id":"7, 8"}})"));
}

BOOST_AUTO_TEST_CASE(a_body_is_json_only_when_it_says_so_and_is) {
    const std::string json = R"({"a":1})";

    BOOST_TEST(
        answered({200, {{"content-type", "application/problem+json; charset=utf-8"}}, json})["body"]["a"] ==
        1);
    BOOST_TEST(answered({200, {{"content-type", "text/plain"}}, json})["body"] == json);
    BOOST_TEST(answered({200, {}, json})["body"] == json);
    BOOST_TEST(answered({200, {{"content-type", "application/json"}}, "{"})["body"] == "{");
    BOOST_TEST(answered({204, {}, ""})["body"] == "");
}

BOOST_AUTO_TEST_CASE(bytes_that_are_no_text_arrive_whole) {
    const auto content = answered({200, {{"content-type", "image/png"}}, "\x89PNG"});

    BOOST_TEST(content["body"] == "iVBORw==");
    BOOST_TEST(content["body_encoding"] == "base64");
}

BOOST_AUTO_TEST_CASE(the_accounts_secrets_and_cookies_stay_out_of_the_receipt) {
    AccountConfig config;
    config.secrets.emplace_back("t0k3n");
    const auto content =
        answered({200,
                  {{"content-type", "application/json"}, {"x-echo", "Bearer t0k3n"}, {"Set-Cookie", "sid=1"}},
                  R"({"headers":{"authorization":"Bearer t0k3n t0k3n"}})"},
                 config);

    BOOST_TEST(content["body"]["headers"]["authorization"] == "Bearer *** ***");
    BOOST_TEST(content["headers"]["x-echo"] == "Bearer ***");
    BOOST_TEST(!content["headers"].contains("set-cookie"));
}

BOOST_AUTO_TEST_CASE(json_beyond_the_limits_is_an_error_and_never_text) {
    HttpResponse large{200, {{"content-type", "application/json"}}, "[0"};
    for (int i = 0; i < 120'000; ++i) large.body += ",1";
    large.body += "]";
    auto as_text = prepared();
    as_text.takes_text = true;

    const auto refused = readAnswer(large, prepared(), kPlain, 1ms);

    BOOST_REQUIRE(!refused.ok());
    BOOST_TEST((refused.error().kind == ErrorKind::Rejected));
    BOOST_TEST(refused.error().code == "answer_too_large");
    BOOST_TEST(refused.error().message.find("more than 100000 values") != std::string::npos);
    BOOST_TEST(refused.error().message.find("pagination") != std::string::npos);
    BOOST_TEST(readAnswer(large, as_text, kPlain, 1ms)->content["body"] == large.body);
    BOOST_TEST(answered({200, {{"content-type", "application/json"}}, "{broken"})["body"] == "{broken");
}

BOOST_AUTO_TEST_CASE(only_2xx_succeeds_unless_the_request_says_otherwise) {
    for (const int status : {200, 201, 204, 299})
        BOOST_TEST(readAnswer({status, {}, ""}, prepared(), kPlain, 1ms).ok());
    for (const int status : {301, 304, 400, 404, 409, 422}) {
        BOOST_TEST_INFO(status);
        const auto result = readAnswer({status, {}, ""}, prepared(), kPlain, 1ms);
        BOOST_TEST((!result && !isRetryable(result.error())));
        BOOST_TEST(answered({status, {}, ""})["status"] == status);
    }
}

BOOST_AUTO_TEST_CASE(what_may_pass_is_retryable_with_the_wait_that_was_asked_for) {
    const auto throttled = readAnswer({429, {{"retry-after", "30"}}, ""}, prepared(), kPlain, 1ms).error();

    BOOST_TEST((throttled.kind == ErrorKind::Throttled));
    BOOST_TEST((throttled.retry_after == 30s));
    for (const int status : {408, 425, 500, 502, 503, 504})
        BOOST_TEST((failedWith(status) == ErrorKind::Unavailable));
}

BOOST_AUTO_TEST_CASE(only_refused_credentials_of_the_account_stop_the_account) {
    auto authorized = prepared();
    authorized.is_authorized = true;

    BOOST_TEST((failedWith(401, authorized) == ErrorKind::Unauthorized));
    BOOST_TEST((failedWith(403, authorized) == ErrorKind::Rejected));
    BOOST_TEST((failedWith(401) == ErrorKind::Rejected));
    BOOST_TEST((readFailure({ErrorKind::Forbidden, "address denied", {}, ""}, prepared()).kind ==
                ErrorKind::Rejected));
}

BOOST_AUTO_TEST_CASE(an_unanswered_request_is_uncertain_unless_it_may_be_repeated) {
    auto repeatable = prepared();
    repeatable.is_repeatable = true;
    const Error lost{ErrorKind::Uncertain, "no answer", {}, ""};

    BOOST_TEST((readFailure(lost, prepared()).kind == ErrorKind::Uncertain));
    BOOST_TEST((readFailure(lost, repeatable).kind == ErrorKind::Unavailable));
    BOOST_TEST(readFailure(lost, prepared()).message == "http POST a.test: no answer");
}

BOOST_AUTO_TEST_SUITE_END()
