// What an attacker sends, from outside, at the real daemon: each is refused with a problem that names it, and
// what was there before is there afterwards.
#include <boost/test/unit_test.hpp>
#include <thread>

#include "tests/support/feed_client.h"
#include "tests/support/loopback_server.h"
#include "tests/support/people_of_gateway.h"
#include "tests/support/raw_client.h"

namespace signalbox {
namespace {

const std::string kAccounts =
    "  - {name: wa, type: whatsapp_cloud, app_secret: " + kAppSecret + ", verify_token: " + kVerifyToken +
    ", access_token: test, phone_number_id: \"1001\", base_url: 'http://127.0.0.1:9'}\n";

// Two organizations with an admin each, and a customer of the first.
struct Attacked : Gateway {
    explicit Attacked(bool has_agents = false) : Gateway(kAccounts) {
        makeOrg(*this, "other");
        makeUser(*this, "default", "ada@x.example", "admin");
        cleo_id = makeUser(*this, "default", "cleo@x.example", "customer");
        makeUser(*this, "other", "eve@x.example", "admin");
        if (has_agents) {
            ben_id = makeUser(*this, "default", "ben@x.example", "agent");
            makeUser(*this, "default", "cay@x.example", "agent");
        }
        start();
        if (has_agents) {
            ben = signIn(*this, "default", "ben@x.example");
            cay = signIn(*this, "default", "cay@x.example");
        }
        ada = signIn(*this, "default", "ada@x.example");
        cleo = signIn(*this, "default", "cleo@x.example");
        eve = signIn(*this, "other", "eve@x.example");
    }
    HttpResponse send(const std::string& token, const std::string& method, const std::string& target,
                      const std::string& body = "", Headers headers = {}) {
        if (!body.empty() && !headers.find("content-type")) headers.add("content-type", "application/json");
        HttpCall http(port(), token);
        auto response = http.send({method, target, std::move(headers), body, "", nullptr});
        if (!response) throw std::runtime_error(method + ' ' + target + ": no answer");
        return *response;
    }
    Json upload(const std::string& token, const std::string& name, const std::string& bytes) {
        const std::string form = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + name +
                                 "\"\r\n\r\n" + bytes + "\r\n--b--\r\n";
        const auto answer =
            send(token, "POST", "/api/v1/files", form, {{"content-type", "multipart/form-data; boundary=b"}});
        if (answer.status != 201) throw std::runtime_error("upload: " + answer.body);
        return *parseJson(answer.body);
    }
    static std::string codeOf(const HttpResponse& response) {
        BOOST_TEST(response.headers.get("content-type") == "application/problem+json");
        const auto json = parseJson(response.body);
        return std::to_string(response.status) + ' ' + (json ? textAt(*json, "code") : "");
    }
    // The first answer to bytes on a connection of their own; «closed» when there is none.
    std::string raw(const std::string& bytes) {
        const std::string answer = testing::exchange(static_cast<std::uint16_t>(port()), bytes);
        if (answer.empty()) return "closed";
        BOOST_TEST(answer.find("HTTP/1.1 2", 1) == std::string::npos);  // nothing was smuggled in behind it
        return std::to_string(testing::statusOf(answer));
    }

    std::string ada, cleo, eve, ben, cay, ben_id, cleo_id;
};

std::string head(const std::string& fields, const std::string& body = "") {
    return "POST /api/v1/messages HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + fields + "\r\n" + body;
}

}  // namespace

BOOST_AUTO_TEST_CASE(files_of_another_organization_are_nowhere_for_eve) {
    Attacked box;
    const Json file = box.upload(box.ada, "plan.txt", "secret plan");
    const std::string id = textAt(file, "id"), sha256 = textAt(file, "sha256"), path = "/api/v1/files/" + id;
    const Json begun =
        *parseJson(box.send(box.ada, "POST", "/api/v1/uploads", R"({"name":"a.txt","size":3})").body);
    const std::string upload = "/api/v1/uploads/" + textAt(begun, "id");

    for (const std::string& who : {box.eve, box.cleo}) {
        for (const char* below : {"", "/content", "/versions", "/comments", "/thumbnail"})
            BOOST_TEST(Attacked::codeOf(box.send(who, "GET", path + below)) == "404 not_found", below);
        BOOST_TEST(Attacked::codeOf(box.send(who, "GET", upload)) == "404 not_found");
        BOOST_TEST(Attacked::codeOf(box.send(who, "PATCH", upload, "abc",
                                             {{"content-type", "application/offset+octet-stream"},
                                              {"upload-offset", "0"}})) == "404 not_found");
        BOOST_TEST(Attacked::codeOf(box.send(who, "DELETE", upload)) == "404 not_found");
    }
    BOOST_TEST(Attacked::codeOf(box.send(box.eve, "PATCH", path, R"({"access":"public"})")) ==
               "404 not_found");
    BOOST_TEST(Attacked::codeOf(box.send(box.eve, "DELETE", path)) == "404 not_found");
    BOOST_TEST(Attacked::codeOf(box.send(box.eve, "POST", path + "/links", "{}")) == "404 not_found");
    BOOST_TEST(Attacked::codeOf(box.send(box.eve, "POST", "/api/v1/uploads",
                                         R"({"name":"a.txt","size":3,"version_of":")" + id + "\"}")) ==
               "404 not_found");
    // The same words for «there is none» and «not yours», also where a message would carry it out.
    for (const std::string& named :
         {"\"file_id\":\"" + id + "\"", "\"sha256\":\"" + sha256 + "\"", "\"media_id\":\"" + sha256 + "\""}) {
        const std::string message =
            R"({"account":"wa","to":"+4917012345678","attachments":[{)" + named + "}]}";
        BOOST_TEST(Attacked::codeOf(box.send(box.eve, "POST", "/api/v1/messages", message)) ==
                   "404 not_found");
        BOOST_TEST(box.send(box.ada, "POST", "/api/v1/messages", message).status == 202);
    }
    BOOST_TEST(box.send(box.ada, "GET", path + "/content").body == "secret plan");
}

BOOST_AUTO_TEST_CASE(what_two_users_say_to_each_other_is_theirs) {
    Attacked box(true);
    const auto post = [&](const std::string& token, const std::string& path, const Json& body) {
        return box.send(token, "POST", "/api/v1" + path, dumpJson(body));
    };
    const Json room =
        *parseJson(post(box.ada, "/conversations", {{"kind", "direct"}, {"user_ids", {box.ben_id}}}).body);
    const Json open = *parseJson(post(box.ada, "/conversations", {{"kind", "public"}}).body);
    const std::string id = textAt(room, "id"), path = "/conversations/" + id;
    const Json line = *parseJson(post(box.ada, path + "/messages", {{"text", "walnut wage"}}).body);
    post(box.ada, "/conversations/" + textAt(open, "id") + "/messages", {{"text", "walnut cake"}});
    const std::string message = "/messages/" + textAt(line, "id");
    const auto found = [&](const std::string& token) {
        return parseJson(box.send(token, "GET", "/api/v1/search?q=walnut").body)->at("items").size();
    };

    BOOST_TEST(box.eventually([&] { return found(box.ben) == 2U; }));
    BOOST_TEST(box.send(box.ben, "GET", "/api/v1" + message).status == 200);
    BOOST_TEST(found(box.cay) == 1U);
    for (const std::string& below : {path, path + "/messages", path + "/export", message})
        BOOST_TEST(Attacked::codeOf(box.send(box.cay, "GET", "/api/v1" + below)) == "404 not_found", below);
    for (const char* list : {"/conversations", "/messages", "/events?limit=200"})
        BOOST_TEST(
            box.send(box.cay, "GET", std::string("/api/v1") + list).body.find("wage") == std::string::npos,
            list);
    for (const auto& [below, body] : std::vector<std::pair<std::string, Json>>{
             {path + "/notes", {{"text", "x"}}},
             {path + "/messages", {{"text", "x"}}},
             {path + "/status", {{"status", "closed"}}},
             {path + "/members", {{"user_id", box.ben_id}}},
             {path + "/merge", {{"with", open["id"]}}},
             {"/conversations/" + textAt(open, "id") + "/merge", {{"with", id}}},
             {message + "/star", Json::object()},
             {message + "/tags", {{"tag", "x"}}},
             {message + "/reactions", {{"emoji", "x"}}},
             {message + "/forward", {{"conversation_id", open["id"]}}}})
        BOOST_TEST(Attacked::codeOf(post(box.cay, below, body)) == "404 not_found", below);
    const Json bulk =
        *parseJson(post(box.cay, "/conversations/bulk", {{"ids", {id}}, {"status", "closed"}}).body);
    BOOST_TEST(bulk["changed"] == 0);
    BOOST_TEST(parseJson(box.send(box.ben, "GET", "/api/v1" + path).body)->at("status") == "open");

    FeedClient bens(box.port(), {{"token", box.ben}, {"from", 0}});
    FeedClient cays(box.port(), {{"token", box.cay}, {"from", 0}});
    BOOST_TEST(bens.nextOf("message.posted")["data"]["message"]["text"] == "walnut wage");
    BOOST_TEST(cays.nextOf("message.posted")["data"]["message"]["text"] == "walnut cake");
}

BOOST_AUTO_TEST_CASE(a_customer_does_not_find_out_by_filters_what_the_team_says_of_him) {
    Attacked box;
    HttpCall hook(box.port());
    BOOST_REQUIRE(hook.send(whatsappText("wa", "4917012345678", "wamid.1", "hello"))->status == 200);
    const Json talk = parseJson(box.send(box.ada, "GET", "/api/v1/conversations").body)->at("items").at(0);
    const std::string path = "/api/v1/conversations/" + textAt(talk, "id");
    box.send(box.ada, "POST", path + "/tags", R"({"tag":"troublemaker"})");
    box.send(box.ada, "POST", path + "/notes", R"({"text":"do not believe him"})");
    const auto said = *parseJson(box.send(box.ada, "GET", path + "/messages?direction=in").body);
    box.send(box.ada, "POST", "/api/v1/messages/" + textAt(said["items"][0], "id") + "/tags",
             R"({"tag":"troublemaker"})");
    box.send(box.ada, "PATCH", "/api/v1/users/" + box.cleo_id,
             dumpJson({{"person_id", textAt(talk, "person_id")}}));
    const std::string cleo = signIn(box, "default", "cleo@x.example");
    BOOST_REQUIRE(box.send(cleo, "GET", path).status == 200);

    for (const std::string query :
         {"conversations?tag=troublemaker", "conversations?assignee=none", "conversations?priority=normal",
          "conversations?starred=false", "messages?object=job:17", "messages?tag=troublemaker",
          "search?tag=troublemaker", "search?q=tag:troublemaker", "search?q=priority:normal+hello"})
        BOOST_TEST(Attacked::codeOf(box.send(cleo, "GET", "/api/v1/" + query)) == "403 right_missing", query);
    for (const std::string below : {"", "/messages", "/export", "/export?format=mbox"}) {
        const auto answer = box.send(cleo, "GET", path + below);
        BOOST_TEST(answer.status == 200, below);
        BOOST_TEST(answer.body.find("believe") == std::string::npos, below);
        BOOST_TEST(answer.body.find("troublemaker") == std::string::npos, below);
    }
    BOOST_TEST(box.send(cleo, "GET", path + "/export").body.find("hello") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_path_leads_nowhere_but_to_what_is_named) {
    Attacked box;

    for (const char* path :
         {"/files/../../etc/passwd", "/files/..%2f..%2f..%2fetc%2fpasswd", "/files/%2e%2e/%2e%2e/etc/passwd",
          "/files/....//....//etc/passwd", "/files/..%5c..%5cwindows", "/files/%00", "/files/a%00.txt",
          "/api/v1/files/../users/content", "/api/v1/files/fil_..%2f..%2fx/content",
          "/api/v1/uploads/upl_..%2f..%2fvault.key", "/api/v1/uploads/..%2fvault.key",
          "/docs/../../vault.key", "/docs/..%2f..%2fvault.key", "//etc/passwd", "/%2e%2e/vault.key"}) {
        const auto answer = box.send(box.ada, "GET", path);
        BOOST_TEST((answer.status == 404 || answer.status == 400), path << " → " << answer.status);
        BOOST_TEST(answer.headers.get("content-type") == "application/problem+json", path);
    }
    const Json file = box.upload(box.ada, "../../../etc/cron.d/evil.txt", "x");
    BOOST_TEST(textAt(file, "name") == "evil.txt");
}

BOOST_AUTO_TEST_CASE(what_a_browser_could_run_is_never_given_to_it_to_run) {
    Attacked box;
    const std::string script = "<script>alert(1)</script>";

    for (const auto& [name, bytes] : std::vector<std::pair<std::string, std::string>>{
             {"a.html", "<!DOCTYPE html><html>" + script},
             {"a.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\">" + script + "</svg>"},
             {"a.png", "<svg xmlns=\"http://www.w3.org/2000/svg\">" + script + "</svg>"},
             {"a.txt", "<!DOCTYPE html><html><body>" + script + "</body></html>"},
             {"a.xhtml", "<?xml version=\"1.0\"?><html xmlns=\"http://www.w3.org/1999/xhtml\"/>"}}) {
        const std::string form = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + name +
                                 "\"\r\n\r\n" + bytes + "\r\n--b--\r\n";
        const auto answer = box.send(box.ada, "POST", "/api/v1/files", form,
                                     {{"content-type", "multipart/form-data; boundary=b"}});
        if (answer.status != 201) {
            BOOST_TEST(Attacked::codeOf(answer) == "422 file_type_refused", name);
            continue;
        }
        // Where it is taken at all, it is a download in a sandbox, whatever was asked for.
        const auto shown =
            box.send(box.ada, "GET",
                     "/api/v1/files/" + textAt(*parseJson(answer.body), "id") + "/content?inline=true");
        BOOST_TEST(shown.headers.get("content-disposition").starts_with("attachment"), name);
        BOOST_TEST(shown.headers.get("x-content-type-options") == "nosniff");
        BOOST_TEST(shown.headers.get("content-security-policy") == "sandbox; default-src 'none'");
    }
    const auto split = box.send(box.ada, "POST", "/api/v1/files",
                                "--b\r\nContent-Disposition: form-data; name=\"file\"; "
                                "filename=\"a\r\nSet-Cookie: x=1\r\n.txt\"\r\n\r\n"
                                "plain\r\n--b--\r\n",
                                {{"content-type", "multipart/form-data; boundary=b"}});
    BOOST_TEST(Attacked::codeOf(split) == "422 multipart_invalid");
    const Json odd = box.upload(box.ada, "a\\\";filename*=utf-8''b.html;x=\xe2\x80\xae.txt", "plain");
    const auto content = box.send(box.ada, "GET", "/api/v1/files/" + textAt(odd, "id") + "/content");
    BOOST_TEST(content.headers.get("set-cookie").empty());
    BOOST_TEST(content.headers.get("content-disposition").starts_with("attachment; filename=\""));
    BOOST_TEST(content.headers.get("content-disposition").find_first_of("\r\n") == std::string::npos);
    // Messages are data: they come back as JSON, never as a page.
    HttpCall hook(box.port());
    BOOST_REQUIRE(hook.send(whatsappText("wa", "4917012345678", "wamid.1", script))->status == 200);
    const auto messages = box.send(box.ada, "GET", "/api/v1/messages");
    BOOST_TEST(messages.headers.get("content-type").starts_with("application/json"));
    BOOST_TEST(messages.headers.get("x-content-type-options") == "nosniff");
    BOOST_TEST(textAt((*parseJson(messages.body))["items"][0], "text") == script);
}

BOOST_AUTO_TEST_CASE(a_page_of_another_site_changes_nothing_with_the_cookie_of_a_session) {
    Attacked box;
    const Headers cookie{{"cookie", "__Host-signalbox=" + box.ada}};
    const std::string body = R"({"name":"evil","role":"admin"})";
    const auto from = [&](Headers headers) {
        for (const auto& [name, value] : cookie) headers.add(name, value);
        headers.add("content-type", "application/json");
        return Attacked::codeOf(box.send("", "POST", "/api/v1/tokens", body, headers));
    };

    BOOST_TEST(from({}) == "403 csrf_refused");
    BOOST_TEST(from({{"origin", "https://evil.example"}, {"sec-fetch-site", "cross-site"}}) ==
               "403 csrf_refused");
    BOOST_TEST(from({{"sec-fetch-site", "same-site"}, {"x-csrf-token", "guessed"}}) == "403 csrf_refused");
    BOOST_TEST(from({{"x-csrf-token", ""}}) == "403 csrf_refused");
    // What a form can send without asking is no JSON.
    const auto form = box.send(box.ada, "POST", "/api/v1/tokens", body, {{"content-type", "text/plain"}});
    BOOST_TEST(Attacked::codeOf(form) == "415 unsupported_media_type");
    const auto tokens = *parseJson(box.send(box.ada, "GET", "/api/v1/tokens").body);
    for (const Json& token : tokens["items"]) BOOST_TEST(textAt(token, "name") != "evil");
    const auto preflight =
        box.send("", "OPTIONS", "/api/v1/messages", "",
                 {{"origin", "https://evil.example"}, {"access-control-request-method", "POST"}});
    BOOST_TEST(preflight.headers.get("access-control-allow-origin").empty());
}

BOOST_AUTO_TEST_CASE(tortured_json_is_refused_by_name) {
    Attacked box;
    const auto post = [&](const std::string& body) {
        return Attacked::codeOf(box.send(box.ada, "POST", "/api/v1/messages", body));
    };
    const std::string deep(100'000, '[');
    std::string wide = "[";
    for (int i = 0; i < 200'000; ++i) wide += "0,";

    for (const std::string& body :
         {std::string(R"({"account":"wa","account":"sms"})"), deep, deep + std::string(100'000, ']'),
          "{\"a\":" + deep, wide + "0]", std::string("{\"text\":\"\xff\xfe\"}"),
          std::string("{\"text\":\"\xc0\xaf\"}"), std::string("{\"text\":\"\\ud800\"}"),
          std::string("{\"to\":1e999}"), std::string("{'a':1}"), std::string("{\"a\":1}{\"b\":2}"),
          std::string("nul"), std::string("\"\x01\""), std::string("{\"__proto__\":{\"admin\":true}}"),
          std::string("[]"), std::string("7")}) {
        const std::string said = post(body);
        BOOST_TEST(said.starts_with("422 "), body.substr(0, 40) << " → " << said);
    }
    BOOST_TEST(post(R"({"account":"wa","to":"+4917012345678","text":")" + std::string(2'000'000, 'x') + "\"}")
                   .starts_with("413 "));
    BOOST_TEST(post(R"({"account":"wa","to":)" + std::string(400, '9') + "}").starts_with("422 "));
    BOOST_TEST(post(R"({"account":"wa","to":"+4917012345678","text":"a\u0000b"})").starts_with("422 "));
    BOOST_TEST(parseJson(box.send(box.ada, "GET", "/api/v1/messages").body)->at("items").empty());
}

BOOST_AUTO_TEST_CASE(a_request_with_two_readings_has_none) {
    Attacked box;
    const std::string token = "Authorization: Bearer " + box.ada + "\r\nContent-Type: application/json\r\n";
    const std::string hidden = "GET /api/v1/users HTTP/1.1\r\nHost: x\r\n" + token + "\r\n";
    const auto refused = [&](const std::string& fields, const std::string& body) {
        const std::string said = box.raw(head(token + fields, body));
        BOOST_TEST((said == "400" || said == "501" || said == "431" || said == "413"),
                   fields << " → " << said);
    };

    refused("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n" + hidden);
    refused("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n" + hidden);
    refused("Content-Length: 2\r\nContent-Length: 4\r\n", "{}" + hidden);
    refused("Content-Length: 2, 4\r\n", "{}" + hidden);
    refused("Content-Length: +2\r\n", "{}" + hidden);
    refused("Content-Length: 0x2\r\n", "{}" + hidden);
    refused("Content-Length: -1\r\n", "{}");
    refused("Content-Length: 99999999999999999999\r\n", "{}");
    refused("Transfer-Encoding: identity, chunked\r\n", "2\r\n{}\r\n0\r\n\r\n" + hidden);
    refused("Transfer-Encoding: xchunked\r\n", hidden);
    refused("Transfer-Encoding : chunked\r\n", "0\r\n\r\n" + hidden);
    refused("Transfer-Encoding: chunked\r\n", "fffffffffffffffff\r\n" + hidden);
    refused("X: a\r\n folded\r\nContent-Length: 2\r\n", "{}");
    refused("X: a\nY: b\r\nContent-Length: 2\r\n", "{}");
    refused("X: a\rY: b\r\nContent-Length: 2\r\n", "{}");
    refused(std::string("X: a\0b\r\nContent-Length: 2\r\n", 27), "{}");
    refused("Host: y\r\nContent-Length: 2\r\n", "{}");
    refused("X: " + std::string(100'000, 'x') + "\r\nContent-Length: 2\r\n", "{}");
    BOOST_TEST(box.raw("GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n").starts_with("4"));
    BOOST_TEST(box.raw("GET / HTTP/9.9\r\nHost: x\r\n\r\n") == "505");
    BOOST_TEST(box.raw("\x16\x03\x01\x02garbage\r\n\r\n") == "400");
    BOOST_TEST(box.send(box.ada, "GET", "/api/v1/messages").status == 200);
}

BOOST_AUTO_TEST_CASE(who_announces_too_much_or_sends_too_slowly_is_let_go_and_others_do_not_notice) {
    Attacked box;
    const std::string token = "Authorization: Bearer " + box.ada + "\r\n";
    std::vector<std::unique_ptr<testing::RawClient>> slow;
    for (int i = 0; i < 40; ++i) {
        slow.push_back(std::make_unique<testing::RawClient>(static_cast<std::uint16_t>(box.port())));
        slow.back()->send("POST /api/v1/messages HTTP/1.1\r\nHost: x\r\nX-Slow: ");
    }

    BOOST_TEST(box.raw(head(token + "Content-Type: application/json\r\nContent-Length: 900000000\r\n")) ==
               "413");
    BOOST_TEST(box.raw("POST /api/v1/files HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                       "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 90000000\r\n\r\n") ==
               "413");
    const auto big = box.send(box.ada, "POST", "/api/v1/uploads", R"({"name":"a.txt","size":99999999999})");
    BOOST_TEST(Attacked::codeOf(big).starts_with("422 "));
    HttpCall hook(box.port());
    BOOST_TEST(hook.send(whatsappText("wa", "4917012345678", "wamid.2", "still here"))->status == 200);
    BOOST_TEST(box.eventually([&] {
        const auto items = parseJson(box.send(box.ada, "GET", "/api/v1/messages").body)->at("items");
        return items.size() == 1 && textAt(items[0], "text") == "still here";
    }));
    BOOST_TEST(testing::statusOf(slow[0]->readToEnd()) == 408);
}

BOOST_AUTO_TEST_CASE(no_account_of_the_api_reaches_into_the_network_behind_the_daemon) {
    Attacked box;
    std::atomic<int> reached{0};
    LoopbackServer inside([&](LoopbackServer::Peer& peer) {
        if (!peer.readRequest().empty()) ++reached;
        peer.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    });
    const std::string port = inside.url("").substr(inside.url("").rfind(':'));
    int number = 0;

    for (const std::string host :
         {"127.0.0.1", "localhost", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "[::1]",
          "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "0.0.0.0", "169.254.169.254"}) {
        const std::string name = "inside" + std::to_string(++number);
        const Json account = {{"name", name}, {"type", "http"}, {"base_url", "http://" + host + port}};
        const auto made = box.send(box.ada, "POST", "/api/v1/accounts", dumpJson(account));
        if (made.status >= 300) {
            (void)Attacked::codeOf(made);
            continue;
        }
        const auto sent = box.send(box.ada, "POST", "/api/v1/messages",
                                   dumpJson({{"type", "http"}, {"account", name}, {"http", {{"url", "/"}}}}));
        BOOST_TEST(sent.status == 202, host << " → " << sent.body);
    }
    BOOST_TEST(box.eventually([&] {
        const auto dead = parseJson(box.send(box.ada, "GET", "/api/v1/dead-letters").body)->at("items");
        return !dead.empty();
    }));
    std::this_thread::sleep_for(std::chrono::seconds(1));
    BOOST_TEST(reached == 0);
}

}  // namespace signalbox
