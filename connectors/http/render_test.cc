#include "connectors/http/render.h"

#include <boost/test/unit_test.hpp>

#include "connectors/sdk/connector.h"
#include "tests/support/schema_defaults.h"

namespace signalbox::http {
const ConnectorType& type();
}

using namespace signalbox;
using namespace signalbox::http_account;
using namespace std::chrono_literals;

namespace {

Result<AccountConfig> account(Json config) {
    return readConfig(testing::withDefaults(http::type().config_schema, std::move(config)));
}

AccountConfig erp() {
    return *account({{"base_url", "https://erp.example.test/api/"},
                     {"bearer_token", "t0k3n"},
                     {"headers", {{"Accept", "application/json"}}},
                     {"secret_headers", {{"X-Api-Key", "k3y"}}}});
}

AccountConfig plain() {
    return *account(Json::object());
}

OutboundMessage message(Json content) {
    OutboundMessage out;
    out.type = "http";
    out.idempotency_key = "key_1";
    out.content = std::move(content);
    return out;
}

Result<Prepared> prepared(Json content, const AccountConfig& config = plain()) {
    return render(message(std::move(content)), config);
}

std::string targetOf(Json content, const AccountConfig& config = plain()) {
    const auto out = prepared(std::move(content), config);
    return out ? out->request.target : "error: " + out.error().message;
}

constexpr const char* kUrl = "https://a.test/x";

}  // namespace

BOOST_AUTO_TEST_SUITE(http_render)

BOOST_AUTO_TEST_CASE(a_relative_url_is_put_behind_base_url) {
    BOOST_TEST(targetOf({{"url", "orders/7"}}, erp()) == "https://erp.example.test/api/orders/7");
    BOOST_TEST(targetOf({{"url", "/orders"}}, erp()) == "https://erp.example.test/api/orders");
    BOOST_TEST(targetOf({{"url", "?a=1"}}, erp()) == "https://erp.example.test/api?a=1");
    BOOST_TEST(targetOf({{"url", ""}}, erp()) == "https://erp.example.test/api");
    BOOST_TEST(targetOf({{"url", "//evil.test/x"}}, erp()) == "https://erp.example.test/api//evil.test/x");
    BOOST_TEST(targetOf({{"url", "@evil.test"}}, erp()) == "https://erp.example.test/api/@evil.test");
    BOOST_TEST(targetOf({{"url", "/x?to=https://b.test"}}, erp()) ==
               "https://erp.example.test/api/x?to=https://b.test");
    BOOST_TEST(!prepared({{"url", "/orders"}}).ok());
}

BOOST_AUTO_TEST_CASE(the_query_is_encoded_and_added) {
    BOOST_TEST(targetOf({{"url", "https://a.test/x?a=1#top"},
                         {"query", {{"b", {"x y", 2}}, {"c", true}, {"d", nullptr}}}}) ==
               "https://a.test/x?a=1&b=x%20y&b=2&c=true");
    BOOST_TEST(targetOf({{"url", "https://a.test"}, {"query", {{"q", "&"}}}}) == "https://a.test/?q=%26");
}

BOOST_AUTO_TEST_CASE(names_in_a_url_are_encoded_and_tricks_refused) {
    BOOST_TEST(targetOf({{"url", "https://a.test/M\xC3\xBCller & Co"}}) ==
               "https://a.test/M%C3%BCller%20&%20Co");
    for (const char* url :
         {"https://a.test/\r\nX: y", "https://a.test/\n", "https://u:p@a.test/", "ftp://a.test/", "http://",
          "https://a.test:0/", "https://\xC3\xBC.test/", "file:///etc/passwd", ""}) {
        BOOST_TEST_INFO(url);
        const auto out = prepared({{"url", url}});
        BOOST_REQUIRE(!out.ok());
        BOOST_TEST((out.error().kind == ErrorKind::Invalid));
    }
}

BOOST_AUTO_TEST_CASE(credentials_go_to_base_url_and_nowhere_else) {
    const auto own = prepared({{"url", "/x"}}, erp());
    const auto absolute = prepared({{"url", "https://ERP.example.test:443/y"}}, erp());
    BOOST_TEST(own->request.headers.get("authorization") == "Bearer t0k3n");
    BOOST_TEST(own->request.headers.get("x-api-key") == "k3y");
    BOOST_TEST(absolute->request.headers.get("authorization") == "Bearer t0k3n");
    for (const char* url : {"https://evil.test/x", "http://erp.example.test/x",
                            "https://erp.example.test:8443/x", "https://erp.example.test.evil.test/x"}) {
        BOOST_TEST_INFO(url);
        const auto out = prepared({{"url", url}}, erp());
        BOOST_TEST(!out->request.headers.find("authorization"));
        BOOST_TEST(!out->request.headers.find("x-api-key"));
        BOOST_TEST(!out->request.headers.find("accept"));
    }
}

BOOST_AUTO_TEST_CASE(a_requests_own_headers_replace_the_accounts) {
    const auto out = prepared({{"url", "/x"}, {"headers", {{"accept", "text/csv"}, {"X-Try", 3}}}}, erp());

    BOOST_TEST(out->request.headers.get("accept") == "text/csv");
    BOOST_TEST(out->request.headers.get("x-try") == "3");
    BOOST_TEST(std::distance(out->request.headers.begin(), out->request.headers.end()) == 4);
}

BOOST_AUTO_TEST_CASE(headers_cannot_be_smuggled) {
    const Json bad[] = {{{"X", "a\r\nY: b"}},
                        {{"X\r\nY", "a"}},
                        {{"X Y", "a"}},
                        {{"", "a"}},
                        {{"X", std::string("a\0b", 3)}},
                        {{"Host", "b.test"}},
                        {{"content-length", "3"}},
                        {{"Transfer-Encoding", "chunked"}},
                        {{"X", {{"a", 1}}}}};
    for (const auto& headers : bad) {
        BOOST_TEST_INFO(dumpJson(headers));
        BOOST_TEST(!prepared({{"url", kUrl}, {"headers", headers}}).ok());
    }
    BOOST_TEST(!prepared({{"url", kUrl}, {"method", "GET / HTTP/1.1\r\nX: y"}}).ok());
}

BOOST_AUTO_TEST_CASE(the_body_names_its_type) {
    const auto json = prepared({{"url", kUrl}, {"method", "post"}, {"body", {{"a", 1}}}});
    const auto text = prepared({{"url", kUrl}, {"method", "POST"}, {"body", "hi"}});
    const auto form = prepared({{"url", kUrl}, {"method", "POST"}, {"form", {{"a", "1 2"}, {"b", {1, 2}}}}});
    const auto typed = prepared(
        {{"url", kUrl}, {"method", "POST"}, {"body", "<x/>"}, {"headers", {{"Content-Type", "text/xml"}}}});

    BOOST_TEST(json->request.method == "POST");
    BOOST_TEST(json->request.body == R"({"a":1})");
    BOOST_TEST(json->request.headers.get("content-type") == "application/json");
    BOOST_TEST(text->request.body == "hi");
    BOOST_TEST(text->request.headers.get("content-type") == "text/plain; charset=utf-8");
    BOOST_TEST(form->request.body == "a=1%202&b=1&b=2");
    BOOST_TEST(form->request.headers.get("content-type") == "application/x-www-form-urlencoded");
    BOOST_TEST(typed->request.headers.get("content-type") == "text/xml");
    BOOST_TEST(!prepared({{"url", kUrl}, {"body", "x"}, {"form", {{"a", 1}}}}).ok());
}

BOOST_AUTO_TEST_CASE(what_changes_something_carries_the_idempotency_key) {
    for (const char* method : {"POST", "PUT", "PATCH", "DELETE"})
        BOOST_TEST(prepared({{"url", kUrl}, {"method", method}})->request.headers.get("idempotency-key") ==
                   "key_1");
    BOOST_TEST(!prepared({{"url", kUrl}})->request.headers.find("idempotency-key"));
    const auto own =
        prepared({{"url", kUrl}, {"method", "POST"}, {"headers", {{"Idempotency-Key", "mine"}}}});
    BOOST_TEST(own->request.headers.get("idempotency-key") == "mine");
}

BOOST_AUTO_TEST_CASE(only_what_is_harmless_twice_may_be_repeated) {
    for (const char* method : {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"})
        BOOST_TEST(prepared({{"url", kUrl}, {"method", method}})->is_repeatable);
    for (const char* method : {"POST", "PATCH"}) {
        BOOST_TEST(!prepared({{"url", kUrl}, {"method", method}})->is_repeatable);
        BOOST_TEST(
            prepared({{"url", kUrl}, {"method", method}}, *account({{"idempotent", true}}))->is_repeatable);
        BOOST_TEST(prepared({{"url", kUrl}, {"method", method}, {"signature", {{"credential", "k"}}}})
                       ->is_repeatable);
    }
}

BOOST_AUTO_TEST_CASE(a_request_may_have_a_patience_of_its_own) {
    BOOST_TEST((prepared({{"url", kUrl}})->timeout == 15s));
    BOOST_TEST((prepared({{"url", kUrl}, {"timeout_s", 60}})->timeout == 60s));
    BOOST_TEST((prepared({{"url", kUrl}, {"timeout_s", 0.5}})->timeout == 500ms));
    for (const Json& bad : {Json(0), Json(-1), Json(121), Json("5"), Json(1e300)})
        BOOST_TEST(!prepared({{"url", kUrl}, {"timeout_s", bad}}).ok());
}

BOOST_AUTO_TEST_CASE(a_misspelled_member_or_another_type_is_an_error) {
    const auto misspelled = prepared({{"url", kUrl}, {"metod", "POST"}});
    auto text = message({{"url", kUrl}});
    text.type = "text";

    BOOST_REQUIRE(!misspelled.ok());
    BOOST_TEST(misspelled.error().message.find("metod") != std::string::npos);
    BOOST_TEST(!render(text, plain()).ok());
    BOOST_TEST(!prepared(Json::array({1})).ok());
    BOOST_TEST(!prepared({{"url", 7}}).ok());
}

BOOST_AUTO_TEST_CASE(errors_name_the_host_and_no_more) {
    BOOST_TEST(prepared({{"url", "https://hooks.test/T0/secret?key=s"}, {"method", "POST"}})->what ==
               "http POST hooks.test");
}

BOOST_AUTO_TEST_CASE(a_configuration_that_would_leak_or_contradict_itself_is_refused) {
    for (const Json& config : {Json{{"bearer_token", "t"}}, Json{{"secret_headers", {{"X-Key", "k"}}}},
                               Json{{"base_url", "https://a.test"}, {"bearer_token", "t"}, {"username", "u"}},
                               Json{{"base_url", "https://a.test"}, {"password", "p"}},
                               Json{{"base_url", "https://a.test"}, {"bearer_token", "t\r\nX: y"}},
                               Json{{"base_url", "https://a.test"}, {"headers", {{"X", "a\nb"}}}},
                               Json{{"base_url", "https://u:p@a.test"}}}) {
        BOOST_TEST_INFO(config.dump());
        BOOST_TEST(!account(config).ok());
    }
    const auto basic = account({{"base_url", "https://a.test"}, {"username", "u"}, {"password", "p"}});
    BOOST_TEST(prepared({{"url", "/"}}, *basic)->request.headers.get("authorization") == "Basic dTpw");
}

BOOST_AUTO_TEST_SUITE_END()
