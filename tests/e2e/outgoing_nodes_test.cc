// What workflows call outside, on the real daemon: credentials that stay where they belong, signed webhooks,
// answers of models, bodies that become files.
#include <boost/test/unit_test.hpp>
#include <mutex>
#include <set>

#include "tests/support/gateway.h"
#include "tests/support/loopback_server.h"

namespace signalbox {
namespace {

const std::string kOpenToLoopback = "  []\negress:\n  allow_networks: ['127.0.0.0/8']\n  any_port: true\n";

// Keeps what it was asked, and answers by the path.
struct Outside {
    std::mutex mutex;
    std::vector<std::string> asked;
    LoopbackServer server{[this](LoopbackServer::Peer& peer) {
        for (std::string request = peer.readRequest(); !request.empty(); request = peer.readRequest()) {
            std::lock_guard lock(mutex);
            asked.push_back(request);
            peer.write(answerTo(request));
        }
    }};
    static std::string answer(const std::string& type, const std::string& body) {
        return "HTTP/1.1 200 OK\r\ncontent-type: " + type +
               "\r\ncontent-length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    }
    static std::string answerTo(const std::string& request) {
        if (request.find("/chat/completions") != std::string::npos)
            return answer(
                "application/json",
                R"({"model":"m","choices":[{"message":{"content":"{\"topic\":\"price\"}"},"finish_reason":"stop"}],"usage":{"total_tokens":9}})");
        if (request.starts_with("GET /paper"))
            return answer("application/pdf",
                          "%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n\xff%%EOF\n");
        const auto at = request.find("authorization: ");
        const std::string seen =
            at == std::string::npos ? "none" : request.substr(at + 15, request.find("\r\n", at) - at - 15);
        return answer("application/json", dumpJson({{"seen", seen}}));
    }
    std::string all() {
        std::lock_guard lock(mutex);
        std::string text;
        for (const auto& one : asked) text += one + "\n----\n";
        return text;
    }
};

// The output of a workflow of one node behind a manual trigger.
Json runOf(Gateway& gateway, const std::string& name, Json data) {
    const std::string type = data["type"];
    const Json graph = {
        {"nodes",
         {{{"id", "t"},
           {"type", "trigger.manual"},
           {"position", {{"x", 0}, {"y", 0}}},
           {"data", Json::object()}},
          {{"id", "n"}, {"type", type}, {"position", {{"x", 0}, {"y", 0}}}, {"data", std::move(data)}}}},
        {"edges", {{{"id", "e"}, {"source", "t"}, {"target", "n"}}}}};
    gateway.publish(name, dumpJson(graph));
    const auto started = gateway.call().post("/api/v1/workflows/" + name + "/run", {{"input", {{"id", 7}}}});
    BOOST_REQUIRE_MESSAGE(started.status < 300, started.body);
    const Json answer = *parseJson(started.body);
    const std::string id = textAt(answer, "id", textAt(answer, "run_id", textAt(answer, "run")));
    Json run;
    BOOST_REQUIRE_MESSAGE(gateway.eventually([&] {
        run = *parseJson(gateway.call().get("/api/v1/runs/" + id).body);
        const std::string status = textAt(run, "status");
        return status == "succeeded" || status == "failed";
    }),
                          started.body);
    return run;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_credential_reaches_its_own_server_only_and_is_never_seen_in_a_run) {
    Outside outside, elsewhere;
    Gateway gateway(kOpenToLoopback);
    gateway.start();
    BOOST_REQUIRE(gateway.call()
                      .post("/api/v1/credentials", {{"name", "crm"},
                                                    {"type", "bearer"},
                                                    {"token", "tok-4711-secret"},
                                                    {"hosts", {outside.server.url("")}}})
                      .status == 201);

    const Json right =
        runOf(gateway, "right",
              {{"type", "http_request"}, {"url", outside.server.url("/me")}, {"credential", "crm"}});
    const Json wrong =
        runOf(gateway, "wrong",
              {{"type", "http_request"}, {"url", elsewhere.server.url("/me")}, {"credential", "crm"}});

    BOOST_TEST(textAt(right, "status") == "succeeded");
    BOOST_TEST(outside.all().find("Bearer tok-4711-secret") != std::string::npos);
    BOOST_TEST(right["result"]["body"]["seen"] == "Bearer ***");
    BOOST_TEST(textAt(wrong, "status") == "failed");
    BOOST_TEST(dumpJson(wrong).find("must not be sent to") != std::string::npos);
    BOOST_TEST(elsewhere.all().empty());
    BOOST_TEST((dumpJson(right) + dumpJson(wrong)).find("4711-secret") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_webhook_leaves_signed_and_a_model_answers_in_json) {
    Outside outside;
    Gateway gateway(kOpenToLoopback);
    gateway.start();
    (void)gateway.call().post("/api/v1/credentials",
                              {{"name", "out"}, {"type", "signing"}, {"secret", "whsec_AAECAwQFBgc="}});

    const Json told = runOf(gateway, "tell",
                            {{"type", "emit_webhook"},
                             {"url", outside.server.url("/hook")},
                             {"event", "order.paid"},
                             {"signing", "out"}});
    const Json asked = runOf(gateway, "ask",
                             {{"type", "ai_completion"},
                              {"base_url", outside.server.url("/v1")},
                              {"model", "m"},
                              {"prompt", "{{ item.id }}?"},
                              {"answer", "json"}});

    BOOST_TEST(textAt(told, "status") == "succeeded", dumpJson(told));
    BOOST_TEST(outside.all().find("webhook-signature: v1,") != std::string::npos);
    BOOST_TEST(outside.all().find(R"("type":"order.paid")") != std::string::npos);
    BOOST_TEST(asked["result"]["json"]["topic"] == "price", dumpJson(asked));
    BOOST_TEST(asked["result"]["usage"]["total_tokens"] == 9);
}

BOOST_AUTO_TEST_CASE(subscriptions_get_events_and_what_workflows_emit_signed_and_with_each_try_shown) {
    Outside outside;
    Gateway gateway(kOpenToLoopback);
    gateway.start();
    auto api = gateway.call();
    const std::string all = "/api/v1/webhook-subscriptions";
    const auto made =
        api.post(all, {{"url", outside.server.url("/hooks")}, {"events", {"lead.*", "order.paid"}}});
    BOOST_REQUIRE_MESSAGE(made.status == 201, made.body);
    const Json subscription = *parseJson(made.body);
    const std::string one = all + '/' + textAt(subscription, "id"), secret = textAt(subscription, "secret");

    BOOST_TEST(api.post("/api/v1/leads", {{"title", "Ada wants a boat"}}).status == 201);
    const Json emitted = runOf(gateway, "emit", {{"type", "emit_webhook"}, {"event", "order.paid"}});
    const Json answered = runOf(
        gateway, "one",
        {{"type", "emit_webhook"}, {"event", "order.shipped"}, {"subscription", textAt(subscription, "id")}});
    const auto tested = api.post(one + "/test", Json::object());

    BOOST_TEST(emitted["result"]["event"] == "order.paid", dumpJson(emitted));
    BOOST_TEST(answered["result"]["status"] == 200, dumpJson(answered));
    BOOST_TEST(tested.status == 202);
    Json deliveries;
    BOOST_TEST(gateway.eventually([&] {
        deliveries = (*parseJson(api.get(one + "/deliveries?state=sent").body))["items"];
        return deliveries.size() == 4;
    }),
               dumpJson(deliveries));
    std::set<std::string> types;
    for (const Json& delivery : deliveries) {
        types.insert(textAt(delivery, "event_type"));
        BOOST_TEST(delivery["tries"][0]["status"] == 200);
    }
    BOOST_TEST(
        (types == std::set<std::string>{"lead.created", "order.paid", "order.shipped", "webhook.test"}));
    std::lock_guard lock(outside.mutex);
    for (const std::string& bytes : outside.asked) {
        const HttpRequest request = parseRequest(bytes);
        const std::string signed_text = std::string(request.headers.get("webhook-id")) + '.' +
                                        std::string(request.headers.get("webhook-timestamp")) + '.' +
                                        request.body;
        const std::string key = *fromBase64(secret.substr(6));
        BOOST_TEST(request.headers.get("webhook-signature") ==
                   "v1," + toBase64(hmac(HashAlgorithm::Sha256, key, signed_text)));
    }
}

BOOST_AUTO_TEST_CASE(a_subscription_is_guarded_kept_and_changed_by_who_has_seen_it) {
    Gateway gateway("  - name: out\n    type: http\n    base_url: https://x.test\n");
    gateway.start();
    auto api = gateway.call();
    const std::string all = "/api/v1/webhook-subscriptions";

    for (const char* inside :
         {"http://127.0.0.1/x", "http://localhost/x", "http://[::1]/x", "http://10.0.0.7/x",
          "http://169.254.169.254/latest", "https://x.test:22/", "ftp://x.test/"})
        BOOST_TEST(api.post(all, {{"url", inside}, {"events", {"*"}}}).status == 422, inside);
    const auto made = api.post(all, {{"url", "https://x.test/hooks"}, {"events", {"*"}}});
    BOOST_REQUIRE_MESSAGE(made.status == 201, made.body);
    const std::string one = all + '/' + textAt(*parseJson(made.body), "id");
    const auto change = [&](const std::string& etag, const Json& body) {
        HttpRequest request{
            "PATCH", one, {{"content-type", "application/json"}, {"if-match", etag}}, dumpJson(body), ""};
        request.headers.set("authorization", "Bearer " + gateway.token());
        return *api.send(request);
    };
    const std::string etag(made.headers.get("etag"));

    const auto changed = change(etag, {{"state", "disabled"}});
    BOOST_TEST(changed.status == 200, changed.body);
    BOOST_TEST(change(etag, {{"events", {"lead.*"}}}).status == 412);
    BOOST_TEST(change(std::string(changed.headers.get("etag")), {{"url", "http://192.168.1.1/"}}).status ==
               422);
    // Who may send messages may not sign as the subscription does, nor use what workflows leave by.
    const auto forged = [&](const std::string& account, const Json& content) {
        return api.post("/api/v1/messages", {{"account", account}, {"type", "http"}, {"content", content}})
            .status;
    };
    const std::string target = "webhook:" + textAt(*parseJson(made.body), "id");
    BOOST_TEST(forged("_http", {{"method", "GET"}, {"url", "https://x.test/"}}) == 404);
    BOOST_TEST(forged("out", {{"method", "POST"}, {"credential", target}}) == 422);
    BOOST_TEST(forged("out", {{"method", "POST"},
                              {"url", "https://y.test/"},
                              {"signature", {{"credential", target}}}}) == 422);
    const auto tested = api.post(one + "/test", Json::object());
    BOOST_TEST(tested.status == 409);
    BOOST_TEST(tested.body.find("webhook_disabled") != std::string::npos);
    const auto rotated = api.post(one + "/rotate-secret", Json::object());
    BOOST_TEST(rotated.status == 200);
    BOOST_TEST(textAt(*parseJson(rotated.body), "secret").starts_with("whsec_"));
    BOOST_TEST(api.get(one).body.find("whsec_") == std::string::npos);
    BOOST_TEST(api.get(all).body.find(textAt(*parseJson(made.body), "secret")) == std::string::npos);
    BOOST_TEST(api.get(one + "/deliveries").body == R"({"items":[],"next":null})");
    HttpRequest removal{"DELETE", one, {{"authorization", "Bearer " + gateway.token()}}, "", ""};
    BOOST_TEST(api.send(removal)->status == 204);
    BOOST_TEST(api.get(one).status == 404);
}

BOOST_AUTO_TEST_CASE(a_body_becomes_a_file_of_the_organization) {
    Outside outside;
    Gateway gateway(kOpenToLoopback);
    gateway.start();

    const Json run = runOf(gateway, "fetch",
                           {{"type", "http_request"},
                            {"url", outside.server.url("/paper")},
                            {"save_as", "paper {{ item.id }}.pdf"}});

    BOOST_REQUIRE_MESSAGE(textAt(run, "status") == "succeeded", dumpJson(run));
    const Json& file = run["result"]["file"];
    BOOST_TEST(file["name"] == "paper 7.pdf");
    BOOST_TEST(file["mime"] == "application/pdf");
    BOOST_TEST(
        gateway.call().get("/api/v1/files/" + textAt(file, "id") + "/content").body.starts_with("%PDF"));
}

}  // namespace signalbox
