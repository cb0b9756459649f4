// The conditions of a request (RFC 9110, 13), from outside.
#include <boost/test/unit_test.hpp>

#include "tests/support/people_of_gateway.h"

namespace signalbox {
namespace {

HttpResponse putDraft(HttpCall& http, Headers conditions) {
    HttpRequest request{"PUT", "/api/v1/workflows/w/draft", std::move(conditions),
                        R"({"nodes":[],"edges":[]})", ""};
    request.headers.add("content-type", "application/json");
    return *http.send(request);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_star_asks_whether_there_is_a_draft_at_all) {
    Gateway gateway("  []\n");
    gateway.start();
    HttpCall http(gateway.port(), gateway.token());

    BOOST_TEST(putDraft(http, {{"if-match", "*"}}).status == 412);
    BOOST_TEST(putDraft(http, {{"if-none-match", "*"}}).status == 201);
    BOOST_TEST(putDraft(http, {{"if-none-match", "*"}}).status == 412);
    BOOST_TEST(putDraft(http, {{"if-match", "*"}}).status == 200);
}

BOOST_AUTO_TEST_CASE(a_part_of_another_version_of_a_file_is_not_given) {
    Gateway gateway("  []\n");
    gateway.start();
    HttpCall http(gateway.port(), gateway.token());
    HttpRequest upload{
        "POST", "/api/v1/files", {{"content-type", "multipart/form-data; boundary=b"}}, "", ""};
    upload.body =
        "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n"
        "content-type: text/plain\r\n\r\n0123456789\r\n--b--\r\n";
    const auto made = http.send(upload);
    BOOST_REQUIRE_MESSAGE(made->status == 201, made->body);
    const std::string content = "/api/v1/files/" + textAt(*parseJson(made->body), "id") + "/content";
    const auto part = [&](const std::string& tag) {
        return *http.send({"GET", content, {{"range", "bytes=2-4"}, {"if-range", tag}}, "", ""});
    };
    const std::string etag(http.get(content).headers.get("etag"));

    BOOST_TEST(part(etag).status == 206);
    BOOST_TEST(part(etag).body == "234");
    BOOST_TEST(part("\"another\"").status == 200);
    BOOST_TEST(part("\"another\"").body == "0123456789");
}

BOOST_AUTO_TEST_CASE(a_change_with_the_cookie_comes_from_a_page_of_this_host) {
    Gateway gateway("  []\n");
    makeUser(gateway, "default", "ada@x.example", "admin");
    gateway.start();
    HttpCall http(gateway.port());
    const auto session = http.post(
        "/api/v1/sessions",
        {{"org", "default"}, {"email", "ada@x.example"}, {"password", kPassword}, {"cookie", true}});
    BOOST_REQUIRE_MESSAGE(session.status == 201, session.body);
    const std::string cookie(session.headers.get("set-cookie"));
    const std::string csrf = textAt(*parseJson(session.body), "csrf_token");
    const auto change = [&](const std::string& origin) {
        Headers headers{{"cookie", cookie.substr(0, cookie.find(';'))}, {"x-csrf-token", csrf}};
        if (!origin.empty()) headers.add("origin", origin);
        return http.post("/api/v1/teams", {{"name", "t" + std::to_string(origin.size())}}, headers).status;
    };

    BOOST_TEST(change("https://evil.example") == 403);
    BOOST_TEST(change("null") == 403);
    BOOST_TEST(change("") == 201);
    BOOST_TEST(change("http://127.0.0.1:" + std::to_string(gateway.port())) == 201);
}

}  // namespace signalbox
