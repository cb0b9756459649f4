// Files, search, exports and the page about the API, of the real daemon on loopback.
#include <boost/test/unit_test.hpp>

#include "tests/support/event_reader.h"
#include "tests/support/gateway.h"

namespace signalbox {
namespace {

const std::string kAccounts = "  - {name: wa, type: whatsapp_cloud, app_secret: " + kAppSecret +
                              ", verify_token: " + kVerifyToken +
                              ", access_token: test, phone_number_id: \"1001\"}\n";

struct Started : Gateway {
    Started() : Gateway(kAccounts) { start(); }

    std::optional<HttpResponse> send(const std::string& method, const std::string& target,
                                     Headers headers = {}, const std::string& body = "",
                                     bool with_token = true) {
        HttpRequest request{method, target, std::move(headers), body, "", nullptr};
        HttpCall http(port(), with_token ? token() : "");
        return http.send(request);
    }
    HttpResponse upload(const std::string& name, const std::string& bytes, bool with_token = true) {
        const std::string form =
            "--b\r\nContent-Disposition: form-data; name=\"project\"\r\n\r\nroof\r\n"
            "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" +
            name + "\"\r\n\r\n" + bytes + "\r\n--b--\r\n";
        const auto response = send("POST", "/api/v1/files",
                                   {{"content-type", "multipart/form-data; boundary=b"}}, form, with_token);
        if (!response) throw std::runtime_error("no answer to an upload");
        return *response;
    }
    bool finds(const std::string& query, const std::string& type) {
        return !call().json("/api/v1/search?q=" + percentEncode(query) + "&type=" + type)["items"].empty();
    }
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_large_file_goes_up_and_comes_back_whole_in_parts_and_through_a_link) {
    Started box;
    std::string bytes;
    while (bytes.size() < 12 * 1024 * 1024) bytes += "line " + std::to_string(bytes.size()) + "\n";

    const auto uploaded = box.upload("../long story.txt", bytes);

    BOOST_REQUIRE_EQUAL(uploaded.status, 201);
    const Json file = *parseJson(uploaded.body);
    BOOST_TEST(textAt(file, "name") == "long story.txt");
    BOOST_TEST(numberAt(file, "size") == static_cast<std::int64_t>(bytes.size()));
    const std::string content = "/api/v1/files/" + textAt(file, "id") + "/content";
    const auto whole = box.send("GET", content);
    BOOST_REQUIRE(whole.has_value());
    BOOST_TEST((whole->body == bytes));
    BOOST_TEST(
        whole->headers.get("content-disposition").starts_with("attachment; filename=\"long story.txt\""));
    BOOST_TEST(whole->headers.get("content-security-policy") == "sandbox; default-src 'none'");
    const auto part = box.send("GET", content, {{"range", "bytes=1000000-1000099"}});
    BOOST_TEST(part->status == 206);
    BOOST_TEST((part->body == bytes.substr(1'000'000, 100)));
    BOOST_TEST(
        box.send("GET", content, {{"if-none-match", std::string(whole->headers.get("etag"))}})->status ==
        304);
    BOOST_TEST(box.send("GET", content, {{"range", "bytes=99999999-"}})->status == 416);

    HttpCall http(box.port(), box.token());
    const auto link = http.post("/api/v1/files/" + textAt(file, "id") + "/links", {{"expires_in_s", 60}});
    const std::string path = textAt(*parseJson(link.body), "path");
    BOOST_TEST((box.send("GET", path, {}, "", false)->body == bytes));
    BOOST_TEST(box.send("DELETE", "/api/v1/files/" + textAt(file, "id") + "/links")->status == 204);
    BOOST_TEST(box.send("GET", path, {}, "", false)->status == 404);
}

BOOST_AUTO_TEST_CASE(what_must_not_come_in_is_refused_and_strangers_get_nothing) {
    Started box;

    BOOST_TEST(box.upload("run.exe", "MZ").status == 422);
    BOOST_TEST(box.upload("a.png", "<script>").status == 422);
    BOOST_TEST(box.upload("a.txt", "x", false).status == 401);
    const Json file = *parseJson(box.upload("a.txt", "x").body);
    const std::string path = "/api/v1/files/" + textAt(file, "id");
    BOOST_TEST(box.send("GET", path + "/content", {}, "", false)->status == 401);
    BOOST_TEST(box.send("GET", "/api/v1/files/fil_0000000000001/content")->status == 404);
    BOOST_TEST(box.send("GET", "/files/..%2f..%2fetc%2fpasswd", {}, "", false)->status == 404);
    BOOST_TEST(box.send("DELETE", path)->status == 204);
    BOOST_TEST(box.send("GET", path + "/content")->status == 404);
}

BOOST_AUTO_TEST_CASE(files_and_messages_are_found_and_conversations_are_exported) {
    Started box;
    HttpCall http(box.port(), box.token());
    BOOST_REQUIRE_EQUAL(box.upload("minutes.txt", "the zeppelin lands at noon").status, 201);
    BOOST_REQUIRE_EQUAL(
        http.send(whatsappText("wa", "4915112345678", "wamid.1", "Straße, <b>zeppelin</b>?"))->status, 200);

    BOOST_TEST(box.eventually(
        [&] { return box.finds("zeppelin", "file") && box.finds("strasse zeppelin", "message"); }));
    BOOST_TEST(box.finds("minutes", "file"));
    BOOST_TEST(box.finds("test person", "person"));
    BOOST_TEST(!box.finds("zeppelin -strasse", "message"));

    const std::string conversation = textAt(http.json("/api/v1/conversations")["items"][0], "id");
    const std::string path = "/api/v1/conversations/" + conversation + "/export?format=";
    BOOST_TEST(textAt(http.json(path + "json")["messages"][0], "text") == "Straße, <b>zeppelin</b>?");
    const std::string pdf = http.get(path + "pdf").body;
    BOOST_TEST(pdf.starts_with("%PDF-"));
    BOOST_TEST(pdf.find("/Type /Page ") != std::string::npos);
    const std::string mbox = http.get(path + "mbox").body;
    BOOST_TEST(mbox.starts_with("From +4915112345678@whatsapp.invalid "));
    BOOST_TEST(mbox.find("Straße, <b>zeppelin</b>?") != std::string::npos);
    BOOST_TEST(http.get(path + "exe").status == 422);
}

BOOST_AUTO_TEST_CASE(the_page_about_the_api_needs_nothing_from_outside) {
    Started box;
    const auto page = box.send("GET", "/docs", {}, "", false);

    BOOST_REQUIRE_EQUAL(page->status, 200);
    BOOST_TEST(
        page->headers.get("content-security-policy").starts_with("default-src 'none'; script-src 'self'"));
    BOOST_TEST(page->body.find("://") == std::string::npos);
    BOOST_TEST(page->body.find("<script>") == std::string::npos);
    const auto description = parseJson(box.send("GET", "/docs/openapi.json", {}, "", false)->body);
    BOOST_REQUIRE(description.ok());
    BOOST_TEST((*description)["paths"].contains("/api/v1/search"));
}

BOOST_AUTO_TEST_CASE(a_feed_with_its_token_in_the_header_is_not_cut_off_when_tokens_are_looked_at_again) {
    Started box;
    EventReader feed(box.port(), box.token(), "/api/v1/feed");
    std::this_thread::sleep_for(std::chrono::seconds(6));  // longer than the time between two looks
    HttpCall http(box.port(), box.token());

    BOOST_REQUIRE_EQUAL(http.send(whatsappText("wa", "4915112345678", "wamid.1", "hello"))->status, 200);

    const auto event = feed.next();
    BOOST_REQUIRE(event.has_value());
    BOOST_TEST(textAt(*event, "type") == "message.received");
}

}  // namespace signalbox
