// What workflows call outside, on the real daemon: credentials that stay where they belong, signed webhooks,
// answers of models, bodies that become files.
#include <boost/test/unit_test.hpp>
#include <mutex>

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
