// The real daemon on loopback: callbacks in, what they became, who may ask, and the live feed.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <random>
#include <thread>

#include "tests/support/event_reader.h"
#include "tests/support/gateway.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

const std::string kAccounts =
    "  - {name: wa, type: whatsapp_cloud, app_secret: " + kAppSecret + ", verify_token: " + kVerifyToken +
    ", phone_number_id: '1001', access_token: test-access-token, base_url: 'http://127.0.0.1:9'}\n"
    "  - {name: orders, type: webhook, verifier: {kind: none}, respond_with: workflow}\n";

constexpr const char* kOrderGraph = R"({
 "nodes": [
  {"id": "in", "type": "trigger.webhook", "position": {"x": 0, "y": 0}, "data": {"account": "orders"}},
  {"id": "big", "type": "if", "position": {"x": 1, "y": 0}, "data": {"condition": "trigger.content.body.amount > 100"}},
  {"id": "price", "type": "lua", "position": {"x": 2, "y": 0},
   "data": {"source": "function run(item) return {total = item.content.body.amount * 2} end"}},
  {"id": "say", "type": "respond", "position": {"x": 3, "y": 0},
   "data": {"status": 201, "body": "total {{ nodes.price.output.total }}"}},
  {"id": "no", "type": "respond", "position": {"x": 3, "y": 1}, "data": {"status": 422, "body": "too small"}}
 ],
 "edges": [
  {"id": "e1", "source": "in", "target": "big"},
  {"id": "e2", "source": "big", "sourceHandle": "true", "target": "price"},
  {"id": "e3", "source": "price", "target": "say"},
  {"id": "e4", "source": "big", "sourceHandle": "false", "target": "no"}
 ], "viewport": {"x": 0, "y": 0, "zoom": 1}})";

HttpRequest statusCallback(const std::string& id, const std::string& state, int at) {
    HttpRequest request = whatsappText("wa", "4917012345678", "x", "x");
    const Json body = {
        {"object", "whatsapp_business_account"},
        {"entry",
         {{{"id", "waba-1"},
           {"changes",
            {{{"field", "messages"},
              {"value",
               {{"messaging_product", "whatsapp"},
                {"metadata", {{"display_phone_number", "15550001111"}, {"phone_number_id", "1001"}}},
                {"statuses",
                 {{{"id", id},
                   {"status", state},
                   {"recipient_id", "4917012345678"},
                   {"timestamp", std::to_string(at)}}}}}}}}}}}}};
    request.body = dumpJson(body);
    request.headers.set("x-hub-signature-256",
                        "sha256=" + toHex(hmac(HashAlgorithm::Sha256, kAppSecret, request.body)));
    return request;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_signed_callback_is_stored_and_a_changed_byte_is_refused_and_stored_nowhere) {
    Gateway gateway(kAccounts);
    gateway.start();
    HttpCall http = gateway.call();

    HttpRequest forged = whatsappText("wa", "4917012345678", "wamid.forged", "hello");
    forged.body[forged.body.find("hello")] = 'H';
    const auto refused = http.send(forged);
    const auto taken = http.send(whatsappText("wa", "4917012345678", "wamid.1", "hello"));

    BOOST_TEST(refused->status == 401);
    BOOST_TEST(taken->status == 200);
    const Json messages = http.json("/api/v1/messages")["items"];
    BOOST_REQUIRE(messages.size() == 1U);
    BOOST_TEST(textAt(messages[0], "external_id") == "wamid.1");
    BOOST_TEST(textAt(messages[0], "text") == "hello");
    BOOST_TEST(textAt(messages[0], "channel") == "whatsapp");
    BOOST_TEST(http.json("/api/v1/events?from=0")["items"].size() == 1U);
    BOOST_TEST(gateway.stop() == 0);
}

BOOST_AUTO_TEST_CASE(three_times_from_eight_threads_in_any_order_gives_one_final_state) {
    Gateway gateway(kAccounts);
    gateway.start();
    std::vector<HttpRequest> callbacks;
    for (int i = 0; i < 10; ++i) {
        callbacks.push_back(
            whatsappText("wa", "4917012345678", "wamid." + std::to_string(i), "text " + std::to_string(i)));
    }
    callbacks.push_back(statusCallback("wamid.3", "read", 1760000003));
    callbacks.push_back(statusCallback("wamid.3", "delivered", 1760000002));
    callbacks.push_back(statusCallback("wamid.3", "sent", 1760000001));

    std::vector<std::thread> threads;
    for (int thread = 0; thread < 8; ++thread) {
        threads.emplace_back([&, thread] {
            std::mt19937 dice(static_cast<unsigned>(thread));
            std::vector<HttpRequest> mine;
            for (int repetition = 0; repetition < 3; ++repetition)
                mine.insert(mine.end(), callbacks.begin(), callbacks.end());
            std::shuffle(mine.begin(), mine.end(), dice);
            HttpCall http(gateway.port());
            for (const HttpRequest& callback : mine) {
                const auto response = http.send(callback);
                BOOST_TEST((response && response->status == 200));
            }
        });
    }
    for (auto& thread : threads) thread.join();

    HttpCall http = gateway.call();
    const Json messages = http.json("/api/v1/messages?limit=200")["items"];
    BOOST_TEST(messages.size() == 10U);
    for (const Json& message : messages) {
        BOOST_TEST(textAt(message, "status") ==
                   (textAt(message, "external_id") == "wamid.3" ? "read" : "received"));
    }
    BOOST_TEST(http.json("/api/v1/conversations")["items"].size() == 1U);
    BOOST_TEST(http.json("/api/v1/people")["items"].size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_workflow_answers_the_request_that_started_it) {
    Gateway gateway(kAccounts);
    gateway.start();
    gateway.publish("order", kOrderGraph);
    HttpCall http = gateway.call();

    const auto big = http.post("/hooks/orders", {{"amount", 150}});
    const auto small = http.post("/hooks/orders", {{"amount", 50}});

    BOOST_TEST(big.status == 201);
    BOOST_TEST(big.body == "total 300");
    BOOST_TEST(small.status == 422);
    const Json runs = http.json("/api/v1/runs?workflow=order")["items"];
    BOOST_REQUIRE(runs.size() == 2U);
    const Json run = http.json("/api/v1/runs/" + textAt(runs[1], "id"));
    BOOST_TEST(textAt(run, "status") == "succeeded");
    BOOST_TEST(run["nodes"].size() == 4U);
}

BOOST_AUTO_TEST_CASE(nobody_is_let_in_without_a_token_or_beyond_its_role) {
    Gateway gateway(kAccounts);
    gateway.start();
    HttpCall admin = gateway.call();
    const auto created = admin.post("/api/v1/tokens", {{"name", "screen"}, {"role", "viewer"}});
    BOOST_REQUIRE(created.status == 201);
    const std::string token = textAt(*parseJson(created.body), "token");
    HttpCall nobody(gateway.port());
    HttpCall viewer(gateway.port(), token);

    BOOST_TEST(nobody.get("/api/v1/messages").status == 401);
    BOOST_TEST(HttpCall(gateway.port(), "sbt_wrong").get("/api/v1/messages").status == 401);
    BOOST_TEST(viewer.get("/api/v1/messages").status == 200);
    BOOST_TEST(viewer.get("/api/v1/tokens").status == 403);
    BOOST_TEST(viewer.put("/api/v1/workflows/x/draft", "{}").status == 403);
    BOOST_TEST(nobody.get("/healthz").status == 200);
    BOOST_TEST(nobody.get("/api/v1/openapi.yaml").status == 200);
    BOOST_TEST(admin.get("/api/v1/messages/msg_0000000000000").status == 404);
    BOOST_TEST(admin.get("/api/v1/nothing").status == 404);
}

BOOST_AUTO_TEST_CASE(of_one_callback_each_number_gets_its_own) {
    Gateway gateway(
        kAccounts + "  - {name: support, type: whatsapp_cloud, app_secret: " + kAppSecret +
        ", verify_token: " + kVerifyToken +
        ", phone_number_id: '1002', access_token: t, base_url: 'http://127.0.0.1:9'}\n"
        "  - {name: foreign, type: whatsapp_cloud, app_secret: another-app-secret, verify_token: " +
        kVerifyToken + ", phone_number_id: '1003', access_token: t, base_url: 'http://127.0.0.1:9'}\n");
    gateway.start();
    HttpCall http = gateway.call();
    const auto change = [](const std::string& number, const std::string& id) -> Json {
        return {{"field", "messages"},
                {"value",
                 {{"messaging_product", "whatsapp"},
                  {"metadata", {{"display_phone_number", "1555"}, {"phone_number_id", number}}},
                  {"messages",
                   {{{"id", id},
                     {"from", "4917012345678"},
                     {"timestamp", "1770000000"},
                     {"type", "text"},
                     {"text", {{"body", "for " + number}}}}}}}}};
    };
    HttpRequest request = whatsappText("wa", "4917012345678", "x", "x");
    request.body = dumpJson({{"object", "whatsapp_business_account"},
                             {"entry",
                              {{{"id", "waba-1"},
                                {"changes",
                                 {change("1001", "wamid.a"), change("1002", "wamid.b"),
                                  change("1003", "wamid.c"), change("1004", "wamid.d")}}}}}});
    request.headers.set("x-hub-signature-256",
                        "sha256=" + toHex(hmac(HashAlgorithm::Sha256, kAppSecret, request.body)));

    for (int i = 0; i < 2; ++i) {  // the second time nothing is stored twice
        const auto answer = http.send(request);
        BOOST_REQUIRE(answer.has_value());
        BOOST_TEST(answer->status == 200);
    }

    std::map<std::string, std::string> accounts;
    const Json messages = http.json("/api/v1/messages");
    for (const Json& message : memberAt(messages, "items")) {
        BOOST_TEST(accounts.count(textAt(message, "text")) == 0U);
        accounts[textAt(message, "text")] = textAt(message, "account");
    }
    BOOST_TEST(accounts["for 1001"] == "wa");
    BOOST_TEST(accounts["for 1002"] == "support");
    BOOST_TEST(accounts["for 1003"] == "wa");  // whose app did not sign this
    BOOST_TEST(accounts["for 1004"] == "wa");  // nobody's
}

BOOST_AUTO_TEST_CASE(a_post_with_an_idempotency_key_is_done_once) {
    Gateway gateway(kAccounts);
    gateway.start();
    HttpCall http = gateway.call();
    const Json message = {{"account", "wa"}, {"to", "+4917012345678"}, {"type", "text"}, {"text", "hello"}};

    const auto first = http.post("/api/v1/messages", message, {{"idempotency-key", "k1"}});
    const auto again = http.post("/api/v1/messages", message, {{"idempotency-key", "k1"}});
    const auto other = http.post("/api/v1/messages", {{"account", "wa"}}, {{"idempotency-key", "k1"}});

    BOOST_TEST(first.status == 202);
    BOOST_TEST(again.body == first.body);
    BOOST_TEST(other.status == 422);
    BOOST_TEST(http.json("/api/v1/messages?direction=out")["items"].size() == 1U);
}

BOOST_AUTO_TEST_CASE(the_feed_goes_on_behind_the_last_offset_without_a_gap_also_after_a_restart) {
    Gateway gateway(kAccounts);
    gateway.start();
    {
        HttpCall http = gateway.call();
        for (int i = 0; i < 5; ++i)
            http.send(whatsappText("wa", "4917012345678", "wamid." + std::to_string(i), "n"));
    }
    std::int64_t last = 0;
    {
        EventReader feed(gateway.port(), gateway.token(), "/api/v1/feed?from=0");
        for (int i = 1; i <= 3; ++i) {
            const auto event = feed.next();
            BOOST_REQUIRE(event);
            last = numberAt(*event, "offset");
            BOOST_TEST(last == i);
            BOOST_TEST(textAt(*event, "type") == "message.received");
        }
    }
    BOOST_TEST(gateway.stop() == 0);
    gateway.start();
    EventReader feed(gateway.port(), gateway.token(), "/api/v1/feed?from=" + std::to_string(last));
    HttpCall http = gateway.call();
    http.send(whatsappText("wa", "4917012345678", "wamid.5", "new"));

    for (int i = 4; i <= 6; ++i) {
        const auto event = feed.next();
        BOOST_REQUIRE(event);
        BOOST_TEST(numberAt(*event, "offset") == i);
    }
}

BOOST_AUTO_TEST_CASE(the_handshake_of_the_provider_is_answered_with_the_challenge) {
    Gateway gateway(kAccounts);
    gateway.start();
    HttpCall http(gateway.port());
    const std::string query = "/hooks/wa?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=";

    BOOST_TEST(http.get(query + kVerifyToken).body == "1158201444");
    BOOST_TEST(http.get(query + "wrong").status == 403);
    BOOST_TEST(http.get("/hooks/nobody").status == 404);
}

BOOST_AUTO_TEST_CASE(a_configuration_with_faults_names_each_of_them_and_does_not_start) {
    TempDir dir;
    std::ofstream(dir.file("bad.yaml"))
        << "databse: {url: x}\naccounts:\n  - {name: wa, type: whatsap_cloud}\n";

    ChildProcess check({builtProgram("signalboxd"), "--check", "--config", dir.file("bad.yaml")},
                       dir.file("errors"));

    BOOST_TEST(*check.wait(20s) == 1);
    std::stringstream errors;
    errors << std::ifstream(dir.file("errors")).rdbuf();
    BOOST_TEST(errors.str().find("bad.yaml:1:1 databse: unknown key (database?)") != std::string::npos,
               errors.str());
    BOOST_TEST(errors.str().find("whatsapp_cloud") != std::string::npos, errors.str());

    // And what only the connectors know, of all accounts at once.
    std::ofstream(dir.file("mail.yaml"))
        << "accounts:\n  - {name: a, type: email, address: a@example.test, password: x}\n"
           "  - {name: b, type: email, address: b@example.test, imap: {host: imap.example.test}}\n";
    ChildProcess second({builtProgram("signalboxd"), "--check", "--config", dir.file("mail.yaml")},
                        dir.file("more-errors"));
    BOOST_TEST(*second.wait(20s) == 1);
    std::stringstream more;
    more << std::ifstream(dir.file("more-errors")).rdbuf();
    BOOST_TEST(more.str().find("account a: imap.host: is missing") != std::string::npos, more.str());
    BOOST_TEST(more.str().find("account b: password: is missing") != std::string::npos, more.str());
}

}  // namespace signalbox
