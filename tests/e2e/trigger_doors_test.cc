// The doors that workflows open themselves, on the real daemon: webhooks with a path, forms, calendars,
// notices.
#include <boost/test/unit_test.hpp>

#include "tests/support/gateway.h"
#include "tests/support/people_of_gateway.h"

namespace signalbox {
namespace {

const std::string kNoAccounts = "  []\n";

Json node(const std::string& id, Json data) {
    const std::string type = data["type"];
    return {{"id", id}, {"type", type}, {"position", {{"x", 0}, {"y", 0}}}, {"data", std::move(data)}};
}
std::string graph(const Json& nodes, std::initializer_list<std::array<std::string, 3>> edges) {
    Json list = Json::array();
    for (const auto& [from, port, to] : edges)
        list.push_back({{"id", from + port + to}, {"source", from}, {"sourceHandle", port}, {"target", to}});
    return dumpJson({{"nodes", nodes}, {"edges", list}});
}

HttpResponse ask(const Gateway& gateway, HttpRequest request) {
    HttpCall http(gateway.port());
    auto response = http.send(request);
    BOOST_REQUIRE_MESSAGE(response.has_value(), request.target);
    return *response;
}
HttpRequest post(const std::string& target, const std::string& body, Headers headers) {
    HttpRequest request{"POST", target, std::move(headers), body, ""};
    return request;
}

std::string between(const std::string& text, const std::string& begin, char end) {
    const auto at = text.find(begin);
    if (at == std::string::npos) return "";
    return text.substr(at + begin.size(), text.find(end, at + begin.size()) - at - begin.size());
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_webhook_with_a_path_of_its_own_is_verified_started_and_answered_by_the_run) {
    Gateway gateway(kNoAccounts);
    gateway.start();
    auto api = gateway.call();
    BOOST_REQUIRE(
        api.post("/api/v1/credentials", {{"name", "shop"}, {"type", "signing"}, {"secret", "s3cret"}})
            .status == 201);
    gateway.publish(
        "orders",
        graph({node("t", {{"type", "trigger.webhook"},
                          {"path", "orders/:id"},
                          {"method", {"POST", "PUT"}},
                          {"respond", "workflow"},
                          {"verify", {{"kind", "hmac"}, {"credential", "shop"}, {"header", "X-Sign"}}}}),
               node("r", {{"type", "respond"},
                          {"status", 201},
                          {"body",
                           {{"id", "{{ trigger.content.endpoint.params.id }}"},
                            {"sum", "{{ trigger.content.body.sum }}"}}}})},
              {{"t", "out", "r"}}));
    const std::string body = R"({"sum": 12})";
    const std::string good = toHex(hmac(HashAlgorithm::Sha256, "s3cret", body));

    BOOST_REQUIRE(gateway.eventually([&] {
        return ask(gateway, post("/webhooks/orders/7", body, {{"content-type", "application/json"}}))
                   .status == 401;
    }));
    const auto taken = ask(
        gateway, post("/webhooks/orders/7", body, {{"content-type", "application/json"}, {"x-sign", good}}));
    const auto again = ask(
        gateway, post("/webhooks/orders/7", body, {{"content-type", "application/json"}, {"x-sign", good}}));
    const auto other_method = ask(gateway, HttpRequest{"GET", "/webhooks/orders/7"});
    const auto unknown = ask(gateway, post("/webhooks/orders", body, {}));

    BOOST_TEST(taken.status == 201);
    BOOST_TEST(taken.body == R"({"id":"7","sum":12})");
    BOOST_TEST(again.status == 201);  // without an id of the sender's, each call is a happening
    BOOST_TEST(other_method.status == 405);
    BOOST_TEST(other_method.headers.get("allow") == "POST, PUT");
    BOOST_TEST(unknown.status == 404);
}

BOOST_AUTO_TEST_CASE(a_webhook_takes_so_many_calls_a_minute_and_what_it_cannot_read_waits_for_replay) {
    Gateway gateway(kNoAccounts);
    gateway.start();
    auto api = gateway.call();
    gateway.publish("steps",
                    graph({node("t", {{"type", "trigger.webhook"}, {"path", "steps"}, {"max_per_minute", 2}}),
                           node("s", {{"type", "set"}, {"fields", {{"a", 1}}}})},
                          {{"t", "out", "s"}}));
    const auto send = [&](const std::string& body) {
        return ask(gateway, post("/webhooks/steps", body, {{"content-type", "application/json"}}));
    };

    BOOST_REQUIRE(gateway.eventually([&] { return send("{not json").status == 200; }));
    const auto taken = send(R"({"n": 1})");
    const auto refused = send(R"({"n": 2})");

    BOOST_TEST(taken.status == 200);
    BOOST_TEST(refused.status == 429);
    BOOST_TEST(refused.headers.get("retry-after") == "30");
    const Json kept = *parseJson(api.get("/api/v1/quarantine").body);
    BOOST_REQUIRE(kept["items"].size() == 1U);
    BOOST_TEST(kept["items"][0]["reason"].get<std::string>().find("webhook body") == 0U);
    const std::string replay = "/api/v1/quarantine/" + kept["items"][0]["id"].get<std::string>() + "/replay";
    const auto still = api.post(replay, Json::object());
    BOOST_TEST(still.status == 200);
    BOOST_TEST((*parseJson(still.body))["state"] == "quarantined");
    BOOST_TEST(api.post("/api/v1/workflows/steps/unpublish", Json::object()).status < 300);
    BOOST_TEST(gateway.eventually([&] { return api.post(replay, Json::object()).status == 409; }));
}

BOOST_AUTO_TEST_CASE(a_form_is_shown_checked_and_starts_a_run_once_it_comes_from_its_own_page) {
    Gateway gateway(kNoAccounts);
    gateway.start();
    gateway.publish(
        "contact",
        graph(
            {node("f", {{"type", "trigger.form"},
                        {"path", "contact/us"},
                        {"title", "Write to <us>"},
                        {"thanks", "We will answer."},
                        {"fields",
                         {{{"name", "email"}, {"type", "email"}, {"required", true}},
                          {{"name", "amount"}, {"type", "number"}}}}}),
             node("c", {{"type", "save_contact"}, {"email", "{{ item.email }}"}, {"name", "From the form"}})},
            {{"f", "out", "c"}}));
    const std::string target = "/forms/contact/us";
    HttpResponse page;
    BOOST_REQUIRE(gateway.eventually([&] {
        page = ask(gateway, HttpRequest{"GET", target});
        return page.status == 200;
    }));
    const std::string token = between(page.body, "name=\"form_token\" value=\"", '"');
    const std::string cookie = between("; " + std::string(page.headers.get("set-cookie")), "; ", ';');
    const auto send = [&](FormFields fields, const std::string& with_cookie) {
        fields.emplace_back("form_token", token);
        return ask(gateway,
                   post(target, formEncode(fields),
                        {{"content-type", "application/x-www-form-urlencoded"}, {"cookie", with_cookie}}));
    };

    const auto foreign = send({{"email", "a@x.test"}}, "");
    const auto wrong = send({{"email", "nobody"}, {"amount", "many"}}, cookie);
    const auto program = send({{"email", "bot@x.test"}, {"homepage_address", "http://spam"}}, cookie);
    const auto taken = send({{"email", "Ada@x.test"}, {"amount", "12"}}, cookie);

    BOOST_TEST(page.body.find("<us>") == std::string::npos);
    BOOST_TEST(foreign.status == 403);
    BOOST_TEST(wrong.status == 422);
    BOOST_TEST(wrong.body.find("must be an e-mail address") != std::string::npos);
    BOOST_TEST(wrong.body.find("must be a number") != std::string::npos);
    BOOST_TEST(program.status == 200);
    BOOST_TEST(taken.status == 200);
    BOOST_TEST(taken.body.find("We will answer.") != std::string::npos);
    BOOST_TEST(gateway.eventually([&] {
        const auto people = gateway.call().get("/api/v1/people?q=form");
        return people.body.find("ada@x.test") != std::string::npos ||
               people.body.find("From the form") != std::string::npos;
    }));
    BOOST_TEST(gateway.call().get("/api/v1/runs?workflow=contact").body.find("bot@x.test") ==
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_escalation_is_told_and_taken_by_a_user_and_the_run_goes_on) {
    Gateway gateway(kNoAccounts);
    const std::string ann = makeUser(gateway, "default", "ann@x.test", "agent");
    gateway.start();
    gateway.publish(
        "alarm", graph({node("t", {{"type", "trigger.manual"}}),
                        node("e", {{"type", "escalate"},
                                   {"title", "Down"},
                                   {"steps", {{{"to", "ann@x.test"}, {"wait_s", 600}}}}}),
                        node("d", {{"type", "set"}, {"keep", false}, {"fields", {{"by", "{{ item.by }}"}}}})},
                       {{"t", "out", "e"}, {"e", "acknowledged", "d"}}));
    const auto started = gateway.call().post("/api/v1/workflows/alarm/run", {{"input", Json::object()}});
    BOOST_REQUIRE_MESSAGE(started.status < 300, started.body);
    HttpCall as_ann(gateway.port(), signIn(gateway, "default", "ann@x.test"));
    Json notices;
    BOOST_REQUIRE(gateway.eventually([&] {
        notices = *parseJson(as_ann.get("/api/v1/notices?unread=true").body);
        return notices["unread"] == 1;
    }));
    const std::string escalation = notices["items"][0]["escalation_id"];

    const auto taken = as_ann.post("/api/v1/escalations/" + escalation + "/acknowledge", Json::object());
    const auto again = as_ann.post("/api/v1/escalations/" + escalation + "/acknowledge", Json::object());

    BOOST_TEST(taken.status == 200);
    BOOST_TEST(again.status == 409);
    BOOST_TEST(gateway.eventually([&] {
        const auto runs = gateway.call().get("/api/v1/runs?workflow=alarm&status=succeeded");
        return runs.body.find("run_") != std::string::npos;
    }));
    BOOST_TEST((*parseJson(as_ann.get("/api/v1/notices?unread=true").body))["unread"] == 0);
}

}  // namespace signalbox
