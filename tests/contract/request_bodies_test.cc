// Every operation of the description that takes a JSON body, from outside, on the real daemon: what it does
// not know in a body it refuses by name, for a misspelt member would do more than was meant. The list of
// operations is openapi.yaml's, so a new route is in it at once.
#include <boost/test/unit_test.hpp>
#include <map>
#include <set>

#include "tests/support/described_api.h"
#include "tests/support/people_of_gateway.h"

namespace signalbox {
namespace {

const std::string kAccounts = "  - {name: wa, type: whatsapp_cloud, app_secret: " + kAppSecret +
                              ", verify_token: " + kVerifyToken +
                              ", phone_number_id: '1001', access_token: t, base_url: 'http://127.0.0.1:9'}\n";

struct Operation {
    std::string method, path;
    bool is_required = false;
    Json example = Json::object();

    std::string name() const { return method + ' ' + path; }
};

// Whole documents of their own: anything may stand in them, and they are kept as they come.
const std::set<std::string> kDocuments = {"PUT /api/v1/workflows/{name}/draft",
                                          "POST /api/v1/workflows/{name}/lint",
                                          "PUT /api/v1/conversations/{id}/draft"};

Json exampleOf(const Json& content) {
    if (const Json& one = memberAt(content, "example"); one.is_object()) return one;
    const Json& many = memberAt(content, "examples");
    if (many.is_object() && !many.empty())
        if (const Json& value = memberAt(*many.begin(), "value"); value.is_object()) return value;
    if (const Json& one = memberAt(memberAt(content, "schema"), "example"); one.is_object()) return one;
    return Json::object();
}

std::vector<Operation> operations() {
    std::vector<Operation> all;
    for (const auto& [path, methods] : testing::apiDescription()["paths"].items()) {
        for (const auto& [word, described] : methods.items()) {
            const Json& body = memberAt(described, "requestBody");
            const Json& content = memberAt(memberAt(body, "content"), "application/json");
            if (!path.starts_with("/api/") || !content.is_object()) continue;
            // One's own mailboxes: the handlers of /api/v1/accounts/{name}, of which one is there.
            if (path.starts_with("/api/v1/me/accounts/{name}")) continue;
            Operation one{word, path, flagAt(body, "required"), exampleOf(content)};
            for (char& c : one.method) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
            if (!kDocuments.contains(one.name())) all.push_back(std::move(one));
        }
    }
    return all;
}

// One thing of each kind that a path can be about, and an admin's session: some operations are for people.
struct Doors : Gateway {
    Doors() : Gateway(kAccounts) {
        const std::string user = makeUser(*this, "default", "ada@x.example", "admin");
        start();
        session = signIn(*this, "default", "ada@x.example");
        things = {{"users", user},       {"files", "fil_1"},     {"runs", "run_1"},  {"scheduled", "sch_1"},
                  {"messages", "msg_1"}, {"approvals", "apr_1"}, {"people", "per_1"}};
        for (const char* kind : {"tickets", "tasks", "leads", "calls"}) make(kind, {{"title", "x"}});
        make("templates", {{"name", "late"}, {"text", "x"}});
        make("teams", {{"name", "Roofs"}});
        make("conversations", {{"kind", "group"}, {"subject", "x"}, {"user_ids", {user}}});
        make("webhook-subscriptions", {{"url", "https://shop.example/hooks"}, {"events", {"lead.*"}}});
        make("credentials",
             {{"name", "crm"}, {"type", "bearer"}, {"token", "t"}, {"hosts", {"crm.example"}}});
        make("accounts", {{"name", "sales"},
                          {"type", "whatsapp_cloud"},
                          {"app_secret", "s"},
                          {"verify_token", "v"},
                          {"phone_number_id", "1002"},
                          {"access_token", "t"},
                          {"base_url", "http://127.0.0.1:9"}});
        things["automatic-answers"] = "away";
    }

    void make(const std::string& kind, const Json& body) {
        const auto made = HttpCall(port(), session).post("/api/v1/" + kind, body);
        if (made.status != 201) throw std::runtime_error(kind + ": " + made.body);
        const Json json = *parseJson(made.body);
        things[kind] = json.contains("id") && kind != "accounts" && kind != "credentials"
                           ? textAt(json, "id")
                           : textAt(json, "name");
    }

    std::string path(std::string path) const {
        for (auto at = path.find('{'); at != std::string::npos; at = path.find('{')) {
            const auto before = path.substr(0, at - 1);
            const auto thing = things.find(before.substr(before.rfind('/') + 1));
            path.replace(at, path.find('}') - at + 1, thing == things.end() ? "none" : thing->second);
        }
        return path;
    }

    HttpResponse send(const Operation& operation, const std::string& body) const {
        HttpCall http(port(), session);
        HttpRequest request{operation.method, path(operation.path), {}, body, ""};
        request.headers.add("content-type", "application/json");
        const auto response = http.send(request);
        if (!response) throw std::runtime_error(operation.name() + ": no answer");
        return *response;
    }

    std::string session;
    std::map<std::string, std::string> things;
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_member_that_no_operation_knows_is_refused_by_its_name) {
    const Doors doors;
    const auto all = operations();
    BOOST_REQUIRE(all.size() > 80);

    for (const Operation& operation : all) {
        Json body = operation.example;
        if (body.erase("template_id") > 0) body.erase("variables");  // an example's, which is not here
        if (body.contains("conversation_id")) body["conversation_id"] = doors.things.at("conversations");
        body["zz_misspelt"] = 1;
        const auto answer = doors.send(operation, dumpJson(body));
        const bool is_named = answer.status == 422 && answer.body.find("zz_misspelt") != std::string::npos;
        BOOST_TEST(is_named, operation.name() << " → " << answer.status << ' ' << answer.body);
    }
}

BOOST_AUTO_TEST_CASE(a_body_that_is_no_object_is_refused) {
    const Doors doors;

    for (const Operation& operation : operations()) {
        for (const char* body : {"[]", "\"x\"", "7"}) {
            const auto answer = doors.send(operation, body);
            BOOST_TEST(answer.status == 422,
                       operation.name() << ' ' << body << " → " << answer.status << ' ' << answer.body);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_body_that_is_required_may_not_be_left_out) {
    const Doors doors;

    for (const Operation& operation : operations()) {
        if (!operation.is_required) continue;
        for (const char* body : {"", "null"}) {
            const auto answer = doors.send(operation, body);
            BOOST_TEST(answer.status == 422,
                       operation.name() << " «" << body << "» → " << answer.status << ' ' << answer.body);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_value_of_another_type_is_no_default) {
    const Doors doors;
    HttpCall http(doors.port(), doors.session);
    const std::pair<const char*, Json> refused[] = {
        {"/workflows/none/run", {{"dry_run", "true"}}},
        {"/runs/run_1/replay", {{"version", "x"}}},
        {"/runs/run_1/replay", {{"pins", 5}}},
        {"/runs/retry", {{"workflow", 5}}},
        {"/dead-letters/retry", {{"account", 5}}},
        {"/dead-letters/retry", {{"account", ""}}},
        {"/quarantine/replay", {{"account", Json::array()}}},
        {"/tokens", {{"name", "ci"}, {"role", "admin"}, {"scopes", "messages:read"}}},
        {"/tokens", {{"name", "ci"}, {"role", "admin"}, {"scopes", {"nonsense:x"}}}},
        {"/tokens", {{"name", "ci"}, {"role", "admin"}, {"expires_at", 60}}},
        {"/tokens", {{"name", "ci"}, {"role", "admin"}, {"expires_at", ""}}},
        {"/sessions", {{"org", "default"}, {"email", "a@x"}, {"password", "p"}, {"cookie", "true"}}}};

    for (const auto& [path, body] : refused) {
        const auto answer = http.post("/api/v1" + std::string(path), body);
        BOOST_TEST(answer.status == 422, path << ' ' << body.dump() << " → " << answer.status << answer.body);
    }
}

}  // namespace signalbox
