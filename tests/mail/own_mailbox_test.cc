// A mailbox that a user connects for himself: his colleagues, admins, API tokens and workflows find nothing
// of what lies there, wherever they look, until he shows it to them.
#include <yaml-cpp/yaml.h>

#include <boost/test/unit_test.hpp>
#include <thread>

#include "tests/build_places.h"
#include "tests/support/feed_client.h"
#include "tests/support/mail_client.h"
#include "tests/support/oauth_server.h"
#include "tests/support/people_of_gateway.h"

namespace signalbox {
namespace {

// Stands in everything that is private here, and nowhere else.
const std::string kMarker = "zebrafish";

Json ownMailbox(const std::string& user, const DovecotServer& dovecot, const PostfixServer& postfix) {
    const Json server = {{"host", "127.0.0.1"}, {"security", "none"}};
    Json imap = server, smtp = server;
    imap["port"] = dovecot.imapPort();
    smtp["port"] = postfix.smtpPort();
    smtp["login"] = false;
    return {{"name", user + "-own"},
            {"type", "email"},
            {"address", user + "@example.test"},
            {"username", user},
            {"password", DovecotServer::kPassword},
            {"imap", imap},
            {"smtp", smtp},
            {"backfill_from", "all"},
            {"poll_interval_s", 2}};
}

HttpResponse send(Gateway& gateway, const std::string& token, const std::string& method,
                  const std::string& target, const Json& body = nullptr) {
    HttpRequest request{method, target, {}, "", "", nullptr};
    if (!body.is_null()) {
        request.headers.add("content-type", "application/json");
        request.body = dumpJson(body);
    }
    auto response = HttpCall(gateway.port(), token).send(request);
    if (!response) throw std::runtime_error(method + ' ' + target + ": no answer");
    return *response;
}

Json get(Gateway& gateway, const std::string& token, const std::string& target) {
    const auto response = send(gateway, token, "GET", target);
    const auto json = parseJson(response.body);
    return json ? *json : Json(nullptr);
}

// An organization's mailbox «sales», Ada with one of her own, Bob, and an admin.
struct Office {
    Office()
        : dovecot({"sales", "ada", "bob", "client"}),
          postfix(dovecot, "example.test", {"sales", "ada", "bob", "client"}),
          gateway(mailAccount("sales", dovecot.imapPort(), postfix.smtpPort()) +
                  "egress:\n  allow_networks: [127.0.0.0/8]\n") {
        ada_id = makeUser(gateway, "default", "ada@example.test", "agent");
        bob_id = makeUser(gateway, "default", "bob@example.test", "agent");
        makeUser(gateway, "default", "root@example.test", "admin");
        gateway.start();
        ada = signIn(gateway, "default", "ada@example.test");
        bob = signIn(gateway, "default", "bob@example.test");
        root = signIn(gateway, "default", "root@example.test");
    }
    void connectAda(bool is_private = true) {
        Json body = ownMailbox("ada", dovecot, postfix);
        if (!is_private) body["is_private"] = false;
        const auto answer = send(gateway, ada, "POST", "/api/v1/me/accounts", body);
        BOOST_REQUIRE_MESSAGE(answer.status == 201, answer.body);
        BOOST_TEST(answer.body.find(DovecotServer::kPassword) == std::string::npos);
    }
    void mail(const std::string& from, const std::string& to, const std::string& text) {
        SmtpClient client(postfix.smtpPort());
        client.send(from, to, text);
    }
    Json findFor(const std::string& token, const std::string& text) {
        const Json items = get(gateway, token, "/api/v1/messages?limit=200")["items"];
        for (const Json& message : items)
            if (textAt(message, "text").find(text) != std::string::npos) return message;
        return nullptr;
    }

    DovecotServer dovecot;
    PostfixServer postfix;
    Gateway gateway;
    std::string ada_id, bob_id, ada, bob, root;
};

bool isThere() {
    return hasDovecot() && hasPostfix();
}

std::vector<std::string> listsOfTheApi() {
    std::vector<std::string> all;
    const YAML::Node document = YAML::LoadFile(std::string(SIGNALBOX_SOURCE_DIR) + "/schemas/openapi.yaml");
    for (const auto& path : document["paths"]) {
        const auto name = path.first.as<std::string>();
        // The first is a stream; the second repeats who asked for what.
        const bool is_left_out = name == "/api/v1/feed" || name.starts_with("/api/v1/audit");
        if (path.second["get"] && name.starts_with("/api/") && !is_left_out) all.push_back(name);
    }
    return all;
}

// The path with what it names filled in.
std::string filled(std::string path, const Json& message, const Json& person) {
    const auto put = [&](const std::string& begin, const std::string& id) {
        if (path.starts_with(begin + "/{")) {
            const auto end = path.find('}');
            path = begin + '/' + id + path.substr(end + 1);
        }
    };
    put("/api/v1/messages", textAt(message, "id"));
    put("/api/v1/conversations", textAt(message, "conversation_id"));
    put("/api/communications/thread", textAt(message, "conversation_id"));
    put("/api/v1/people", textAt(person, "id"));
    put("/api/v1/accounts", "ada-own");
    put("/api/messages", "default");
    for (auto open = path.find('{'); open != std::string::npos; open = path.find('{'))
        path.replace(open, path.find('}') - open + 1, "0");
    return path;
}

}  // namespace

BOOST_AUTO_TEST_CASE(nobody_but_the_owner_finds_anything_of_a_private_mailbox) {
    if (!isThere()) return;
    Office office;
    Gateway& gateway = office.gateway;
    FeedClient watching(gateway.port(), {{"token", office.root}, {"from", 0}});
    office.connectAda();
    const std::string mail =
        "From: Zebrafish Clinic <zebrafish@example.test>\r\nTo: ada@example.test\r\n"
        "Cc: zebrafish-2@example.test\r\nMessage-ID: <zebrafish-1@client>\r\nSubject: Your zebrafish\r\n"
        "Date: Thu, 26 Nov 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n"
        "the zebrafish is ill\r\n--b\r\nContent-Type: text/plain; name=zebrafish.txt\r\n"
        "Content-Disposition: attachment; filename=zebrafish.txt\r\n\r\nabout the zebrafish\r\n--b--\r\n";
    office.mail("zebrafish@example.test", "ada@example.test", mail);
    // Something that all may see, so that the lists are not simply empty.
    office.mail("client@example.test", "sales@example.test",
                mailFrom("client@example.test", "sales@example.test", "open-1@client", "Offer", "for all"));

    Json message;
    BOOST_REQUIRE(gateway.eventually([&] {
        message = office.findFor(office.ada, "is ill");
        return !message.is_null() && !office.findFor(office.bob, "for all").is_null();
    }));
    const std::string conversation = textAt(message, "conversation_id"),
                      path = "/api/v1/conversations/" + conversation;
    Json person;
    const Json people = get(gateway, office.ada, "/api/v1/people?limit=200")["items"];
    for (const Json& one : people)
        if (dumpJson(one).find("zebrafish@") != std::string::npos) person = one;
    BOOST_REQUIRE(person.is_object());
    // Ada works with it as with any other.
    BOOST_TEST(send(gateway, office.ada, "POST", path + "/notes", {{"text", "zebrafish note"}}).status ==
               201);
    BOOST_TEST(send(gateway, office.ada, "PUT", path + "/draft", {{"text", "zebrafish draft"}}).status ==
               200);
    const auto answered =
        send(gateway, office.ada, "POST", path + "/messages", {{"text", "zebrafish is welcome"}});
    BOOST_TEST(answered.status == 202, answered.body);
    BOOST_TEST(send(gateway, office.ada, "POST", "/api/v1/scheduled",
                    {{"send_at", "2030-01-01T00:00:00Z"},
                     {"message", {{"conversation_id", conversation}, {"text", "zebrafish later"}}}})
                   .status == 201);
    BOOST_REQUIRE(gateway.eventually([&] {
        return dumpJson(get(gateway, office.ada, "/api/v1/search?q=zebrafish")).find("is ill") !=
               std::string::npos;
    }));

    BOOST_TEST(send(gateway, office.ada, "POST", "/api/v1/tasks",
                    {{"title", "feed the zebrafish"}, {"conversation_id", conversation}})
                   .status == 201);
    BOOST_TEST(send(gateway, office.ada, "POST", path + "/tags", {{"add", {"zebrafish-tag"}}}).status == 200);

    const Json tasks = get(gateway, office.ada, "/api/v1/tasks")["items"];
    BOOST_REQUIRE_EQUAL(tasks.size(), 1U);
    const std::string zoo = "/api/v1/objects/project/zoo";
    const auto linked =
        send(gateway, office.ada, "POST", zoo + "/links", {{"subject_id", textAt(tasks[0], "id")}});
    BOOST_TEST(linked.status < 300, linked.body);
    // Another's number of the same thing does not open it.
    BOOST_TEST(dumpJson(get(gateway, office.ada, zoo + "/timeline")).find(kMarker) != std::string::npos);
    for (const std::string& who : {office.bob, office.root, gateway.token()}) {
        for (const char* what : {"/timeline", "/links"})
            BOOST_TEST(get(gateway, who, zoo + what)["items"].empty(), what);
        const std::string task = "/api/v1/tasks/" + textAt(tasks[0], "id");
        BOOST_TEST(send(gateway, who, "GET", task).status == 404);
        BOOST_TEST(send(gateway, who, "PATCH", task, {{"status", "done"}}).status == 404);
    }
    // A number of another system that is taken by something hidden gives nothing of it.
    const Json ticket = {{"title", "zebrafish ticket"}, {"source", "jira"}, {"source_reference", "Z-1"}};
    Json hers = ticket;
    hers["conversation_id"] = conversation;
    BOOST_TEST(send(gateway, office.ada, "POST", "/api/v1/tickets", hers).status == 201);
    BOOST_TEST(send(gateway, office.bob, "POST", "/api/v1/tickets", ticket).status == 409);
    // Nobody brings in a person whom only she knows, or becomes him.
    const std::string open =
        "/api/v1/conversations/" + textAt(office.findFor(office.bob, "for all"), "conversation_id");
    const Json named = {{"person_id", textAt(person, "id")}};
    for (const std::string& who : {office.bob, office.root, gateway.token()})
        BOOST_TEST(send(gateway, who, "POST", open + "/members", named).status == 404);
    BOOST_TEST(send(gateway, office.root, "PATCH", "/api/v1/users/" + office.bob_id, named).status == 422);
    // An admin does not become Ada by a new password.
    BOOST_TEST(send(gateway, office.root, "POST", "/api/v1/users/" + office.ada_id + "/password-reset",
                    Json::object())
                   .status == 409);
    // Nor does a colleague write the mail that brings her the link.
    BOOST_TEST(send(gateway, office.bob, "POST", "/api/v1/templates",
                    {{"name", "password_reset"}, {"text", "{{link}}"}})
                   .status == 403);
    // What Ada looked for is not read in the audit log.
    const auto audited = send(gateway, office.root, "GET", "/api/v1/audit?limit=200").body;
    BOOST_TEST(audited.find("/api/v1/search") != std::string::npos, audited);
    BOOST_TEST(audited.find(kMarker) == std::string::npos, audited);

    // Everything that can be read, as everybody else.
    for (const std::string& who : {office.bob, office.root, gateway.token()}) {
        for (const std::string& listed : listsOfTheApi()) {
            const std::string target = filled(listed, message, person);
            for (const char* query : {"", "?q=zebrafish", "?limit=200"}) {
                const auto answer = send(gateway, who, "GET", target + query);
                std::string body = answer.body;
                // What was asked for may be repeated.
                const bool is_shown =
                    body.find(kMarker) != std::string::npos || body.find("Zebrafish") != std::string::npos;
                BOOST_TEST(!is_shown, "GET " << target << query << " shows: " << body.substr(0, 2'000));
                BOOST_TEST(answer.status < 500, target + query);
            }
        }
        BOOST_TEST(send(gateway, who, "GET", path).status == 404);
        BOOST_TEST(send(gateway, who, "GET", path + "/export?format=csv").status == 404);
        BOOST_TEST(
            send(gateway, who, "GET", "/api/v1/messages/" + textAt(message, "id") + "/attachments/0/content")
                .status == 404);
        BOOST_TEST(dumpJson(get(gateway, who, "/api/v1/search?q=zebrafish")["items"]) == "[]");
        // And nothing is done to it.
        for (const auto& [what, body] :
             std::vector<std::pair<std::string, Json>>{{"/messages", {{"text", "from another"}}},
                                                       {"/notes", {{"text", "from another"}}},
                                                       {"/read", Json::object()},
                                                       {"/status", {{"status", "closed"}}},
                                                       {"/assign", {{"user_id", office.bob_id}}},
                                                       {"/members", {{"user_id", office.bob_id}}},
                                                       {"/tags", {{"add", {"x"}}}},
                                                       {"/star", {{"starred", true}}}})
            BOOST_TEST(send(gateway, who, "POST", path + what, body).status == 404, what);
        BOOST_TEST(send(gateway, who, "POST", "/api/v1/messages",
                        {{"account", "ada-own"}, {"to", "client@example.test"}, {"text", "as Ada"}})
                       .status == 404);
        BOOST_TEST(send(gateway, who, "POST", "/api/v1/messages",
                        {{"conversation_id", conversation}, {"text", "as Ada"}})
                       .status == 404);
        BOOST_TEST(send(gateway, who, "POST", "/api/v1/grants",
                        {{"subject", office.bob_id}, {"object", conversation}})
                       .status >= 400);
        BOOST_TEST(
            send(gateway, who, "PATCH", "/api/v1/me/accounts/ada-own", {{"is_private", false}}).status ==
            404);
    }
    // The same address is a person of its own to the organization.
    const Json identity = {{"kind", "email"}, {"value", "zebrafish@example.test"}};
    const auto met = send(gateway, office.bob, "POST", "/api/v1/people",
                          {{"name", "Somebody"}, {"identities", Json::array({identity})}});
    BOOST_TEST(met.status == 201, met.body);
    BOOST_TEST(textAt(*parseJson(met.body), "id") != textAt(person, "id"));
    BOOST_TEST(
        send(gateway, office.bob, "PUT", "/api/v1/people/" + textAt(person, "id"), {{"name", "X"}}).status ==
        404);

    // The feed of the admin has the open message, and told nothing of the other.
    std::string told;
    while (told.find("for all") == std::string::npos) told += dumpJson(*watching.next()) + "\n";
    BOOST_TEST(told.find(kMarker) == std::string::npos, told);
    BOOST_TEST(told.find(conversation) == std::string::npos, told);
}

BOOST_AUTO_TEST_CASE(a_mail_to_the_team_and_to_a_private_mailbox_is_the_teams_and_the_owners) {
    if (!isThere()) return;
    Office office;
    office.connectAda();
    const std::string mail = mailFrom("client@example.test", "sales@example.test, ada@example.test",
                                      "both@client", "Roof", "to the two of you");
    for (const char* to : {"sales@example.test", "ada@example.test"})
        office.mail("client@example.test", to, mail);
    Json adas = Json::array();
    BOOST_REQUIRE(office.gateway.eventually([&] {
        adas = get(office.gateway, office.ada, "/api/v1/messages?q=two+of+you")["items"];
        return adas.size() == 2U;
    }));
    BOOST_TEST(textAt(adas[0], "conversation_id") != textAt(adas[1], "conversation_id"));
    const Json bobs = get(office.gateway, office.bob, "/api/v1/messages?q=two+of+you")["items"];
    BOOST_REQUIRE_EQUAL(bobs.size(), 1U);
    BOOST_TEST(textAt(bobs[0], "account") == "sales");

    // An answer that only Ada gets stays hers, although the team knows the mail that it answers.
    office.mail("client@example.test", "ada@example.test",
                mailFrom("client@example.test", "ada@example.test", "more@client", "Re: Roof", "between us",
                         "In-Reply-To: <both@client>\r\nReferences: <both@client>\r\n"));
    Json between;
    BOOST_REQUIRE(office.gateway.eventually([&] {
        between = office.findFor(office.ada, "between us");
        return between.is_object();
    }));
    const Json own = textAt(adas[0], "account") == "ada-own" ? adas[0] : adas[1];
    BOOST_TEST(textAt(between, "conversation_id") == textAt(own, "conversation_id"));
    BOOST_TEST(office.findFor(office.bob, "between us").is_null());
}

BOOST_AUTO_TEST_CASE(the_owner_shows_a_conversation_or_all_of_the_mailbox_and_workflows_follow_then) {
    if (!isThere()) return;
    Office office;
    Gateway& gateway = office.gateway;
    const auto node = [](const char* id, const char* type, Json data) {
        return Json{
            {"id", id}, {"type", type}, {"position", {{"x", 0}, {"y", 0}}}, {"data", std::move(data)}};
    };
    const Json graph = {
        {"nodes", {node("t", "trigger.message", Json::object()), node("s", "set", {{"fields", {{"a", 1}}}})}},
        {"edges", {{{"id", "e"}, {"source", "t"}, {"target", "s"}}}}};
    gateway.publish("everything", dumpJson(graph));
    const auto runs = [&] {
        return get(gateway, gateway.token(), "/api/v1/runs?workflow=everything&limit=200")["items"].size();
    };
    office.connectAda();
    office.mail("client@example.test", "ada@example.test",
                "From: client@example.test\r\nTo: ada@example.test\r\nMessage-ID: <one@client>\r\n"
                "Subject: One\r\nDate: Thu, 26 Nov 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\n"
                "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n"
                "first word\r\n--b\r\nContent-Type: text/plain\r\n"
                "Content-Disposition: attachment; filename=plan.txt\r\n\r\nthe plan\r\n--b--\r\n");
    Json first;
    BOOST_REQUIRE(gateway.eventually([&] {
        first = office.findFor(office.ada, "first word");
        return first.is_object();
    }));
    const std::string path = "/api/v1/conversations/" + textAt(first, "conversation_id");
    BOOST_TEST(send(gateway, office.bob, "GET", path).status == 404);
    const Json forward = {
        {"account", "sales"},      {"to", "client@example.test"},
        {"type", "email"},         {"content", {{"subject", "The plan"}}},
        {"text", "as Ada had it"}, {"attachments", {{{"sha256", first["attachments"][0]["sha256"]}}}}};
    BOOST_TEST(send(gateway, office.bob, "POST", "/api/v1/messages", forward).status == 404);
    BOOST_TEST(send(gateway, office.ada, "POST", path + "/members", {{"user_id", office.bob_id}}).status <
               300);
    BOOST_TEST(send(gateway, office.bob, "GET", path).status == 200);
    BOOST_TEST(office.findFor(office.bob, "first word").is_object());
    const auto helped = send(gateway, office.bob, "POST", path + "/messages", {{"text", "Bob for Ada"}});
    BOOST_TEST(helped.status == 202, helped.body);
    // Once he sent it, the file is the team's as well.
    BOOST_TEST(send(gateway, office.root, "POST", "/api/v1/messages", forward).status == 404);
    const auto forwarded = send(gateway, office.bob, "POST", "/api/v1/messages", forward);
    BOOST_TEST(forwarded.status == 202, forwarded.body);
    // His reading is not hers: her other mail programs show it as new.
    BOOST_TEST(send(gateway, office.bob, "POST", path + "/read", Json::object()).status == 200);
    std::this_thread::sleep_for(std::chrono::milliseconds(1'500));
    BOOST_TEST(!isSeenThere(office.dovecot, "ada", "first word"));
    BOOST_TEST(send(gateway, office.ada, "POST", path + "/read", Json::object()).status == 200);
    BOOST_TEST(gateway.eventually([&] { return isSeenThere(office.dovecot, "ada", "first word"); }));
    BOOST_TEST(send(gateway, office.root, "GET", path).status == 404);
    // Whom she showed it to does not show it to others.
    for (const char* what : {"/members", "/assign"})
        BOOST_TEST(send(gateway, office.bob, "POST", path + what, {{"user_id", office.ada_id}}).status ==
                   403);

    // A mail of the team ends what the workflow did: nothing of Ada's came before it.
    office.mail("client@example.test", "sales@example.test",
                mailFrom("client@example.test", "sales@example.test", "team@client", "Team", "for the team"));
    BOOST_REQUIRE(gateway.eventually([&] { return runs() == 1U; }));

    BOOST_TEST(
        send(gateway, office.ada, "PATCH", "/api/v1/me/accounts/ada-own", {{"is_private", false}}).status ==
        200);
    BOOST_TEST(send(gateway, office.root, "GET", path).status == 200);
    office.mail("client@example.test", "ada@example.test",
                mailFrom("client@example.test", "ada@example.test", "two@client", "Two", "second word"));
    BOOST_REQUIRE(gateway.eventually([&] { return office.findFor(office.root, "second word").is_object(); }));
    BOOST_TEST(gateway.eventually([&] { return runs() == 2U; }));
    BOOST_TEST(send(gateway, office.root, "PATCH", "/api/v1/accounts/ada-own", {{"signature", "x"}}).status ==
               409);

    // What is of two mailboxes stays apart, also while both are seen.
    const std::string team = textAt(office.findFor(office.root, "for the team"), "conversation_id");
    BOOST_TEST(send(gateway, office.root, "POST", path + "/merge", {{"with", team}}).status == 409);
    BOOST_TEST(send(gateway, office.root, "POST", path + "/assign", {{"user_id", "me"}}).status < 500);
    // Private again: what was begun meanwhile is hers, and nobody begins it anew with other words.
    const Json begun = get(gateway, office.bob, "/api/v1/runs?workflow=everything&limit=200")["items"];
    std::string shared_run;
    for (const Json& run : begun)
        if (textAt(run, "conversation_id") != team) shared_run = textAt(run, "id");
    BOOST_REQUIRE(!shared_run.empty());
    BOOST_TEST(
        send(gateway, office.ada, "PATCH", "/api/v1/me/accounts/ada-own", {{"is_private", true}}).status ==
        200);
    for (const std::string& who : {office.bob, office.root, gateway.token()}) {
        const std::string run = "/api/v1/runs/" + shared_run;
        BOOST_TEST(send(gateway, who, "GET", run).status == 404);
        for (const char* what : {"/replay", "/retry", "/cancel"})
            BOOST_TEST(send(gateway, who, "POST", run + what, Json::object()).status == 404);
    }
    BOOST_TEST(runs() == 1U);
    BOOST_TEST(
        send(gateway, office.ada, "PATCH", "/api/v1/me/accounts/ada-own", {{"is_private", false}}).status ==
        200);
    BOOST_TEST(runs() == 2U);
    // Private again, and Ada leaves: the organization takes over what is its business.
    BOOST_TEST(
        send(gateway, office.ada, "PATCH", "/api/v1/me/accounts/ada-own", {{"is_private", true}}).status ==
        200);
    BOOST_TEST(send(gateway, office.root, "GET", path).status == 404);
    BOOST_TEST(
        send(gateway, office.root, "POST", "/api/v1/accounts/ada-own/take-over", Json::object()).status ==
        409);
    BOOST_TEST(send(gateway, office.root, "PATCH", "/api/v1/users/" + office.ada_id, {{"state", "disabled"}})
                   .status == 200);
    BOOST_TEST(
        send(gateway, office.root, "POST", "/api/v1/accounts/ada-own/take-over", Json::object()).status ==
        200);
    BOOST_TEST(send(gateway, office.root, "GET", path).status == 200);
    office.mail("client@example.test", "ada@example.test",
                mailFrom("client@example.test", "ada@example.test", "three@client", "Re: One", "third word",
                         "In-Reply-To: <one@client>\r\n"));
    Json third;
    BOOST_REQUIRE(gateway.eventually([&] {
        third = office.findFor(office.bob, "third word");
        return third.is_object();
    }));
    BOOST_TEST(textAt(third, "conversation_id") == textAt(first, "conversation_id"));
}

BOOST_AUTO_TEST_CASE(a_mailbox_that_was_shared_removed_and_connected_again_is_private) {
    if (!isThere()) return;
    Office office;
    Gateway& gateway = office.gateway;
    office.connectAda(false);
    office.mail("client@example.test", "ada@example.test",
                mailFrom("client@example.test", "ada@example.test", "one@client", "One", "first word"));
    BOOST_REQUIRE(gateway.eventually([&] { return office.findFor(office.bob, "first word").is_object(); }));
    const std::string path =
        "/api/v1/conversations/" + textAt(office.findFor(office.bob, "first word"), "conversation_id");
    // By teams and roles as well as by himself.
    const auto team = parseJson(send(gateway, office.root, "POST", "/api/v1/teams", {{"name", "T"}}).body);
    const std::string team_id = textAt(*team, "id");
    BOOST_TEST(send(gateway, office.root, "PUT", "/api/v1/teams/" + team_id + "/members/" + office.bob_id,
                    Json::object())
                   .status < 300);
    BOOST_TEST(send(gateway, office.bob, "POST", path + "/assign", {{"user_id", office.bob_id}}).status ==
               200);
    BOOST_TEST(send(gateway, office.ada, "POST", path + "/assign", {{"team_id", team_id}}).status == 200);
    BOOST_TEST(send(gateway, office.root, "POST", path + "/members", {{"user_id", office.bob_id}}).status <
               300);

    BOOST_TEST(send(gateway, office.ada, "DELETE", "/api/v1/me/accounts/ada-own").status == 204);
    office.connectAda();
    office.mail("client@example.test", "ada@example.test",
                mailFrom("client@example.test", "ada@example.test", "two@client", "Re: One", "second word",
                         "In-Reply-To: <one@client>\r\n"));
    BOOST_REQUIRE(gateway.eventually([&] { return office.findFor(office.ada, "second word").is_object(); }));
    for (const std::string& who : {office.bob, office.root, gateway.token()}) {
        BOOST_TEST(send(gateway, who, "GET", path).status == 404);
        BOOST_TEST(office.findFor(who, "second word").is_null());
    }
    BOOST_TEST(send(gateway, office.ada, "POST", path + "/assign", {{"team_id", team_id}}).status == 422);
    // Whom she lets in again is in.
    BOOST_TEST(send(gateway, office.ada, "POST", path + "/members", {{"user_id", office.bob_id}}).status <
               300);
    BOOST_TEST(send(gateway, office.bob, "GET", path).status == 200);
    BOOST_TEST(send(gateway, office.root, "GET", path).status == 404);
    // He answers in it, and brings in nobody.
    const Json answer = {{"text", "Bob for Ada"}};
    Json with = answer;
    with["cc"] = {"evil@example.test"};
    BOOST_TEST(send(gateway, office.bob, "POST", path + "/messages", with).status == 403);
    Json elsewhere = answer;
    elsewhere["type"] = "email";
    elsewhere["content"] = {{"reply_to", Json::array({{{"address", "evil@example.test"}}})}};
    BOOST_TEST(send(gateway, office.bob, "POST", path + "/messages", elsewhere).status == 403);
    BOOST_TEST(send(gateway, office.bob, "POST", path + "/messages", answer).status == 202);
}

BOOST_AUTO_TEST_CASE(names_of_mailboxes_do_not_open_what_lies_in_others) {
    if (!isThere()) return;
    Office office;
    Gateway& gateway = office.gateway;
    office.connectAda();
    office.mail("client@example.test", "ada@example.test",
                mailFrom("client@example.test", "ada@example.test", "one@client", "One", "first word"));
    BOOST_REQUIRE(gateway.eventually([&] { return office.findFor(office.ada, "first word").is_object(); }));
    Json same = ownMailbox("bob", office.dovecot, office.postfix);
    same["name"] = "ada-own";
    BOOST_TEST(send(gateway, office.bob, "POST", "/api/v1/me/accounts", same).status == 409);
    same["name"] = "sales";
    BOOST_TEST(send(gateway, office.bob, "POST", "/api/v1/me/accounts", same).status == 409);
    BOOST_TEST(send(gateway, office.ada, "DELETE", "/api/v1/me/accounts/ada-own").status == 204);
    // Gone, and still hers.
    BOOST_TEST(office.findFor(office.ada, "first word").is_object());
    BOOST_TEST(office.findFor(office.root, "first word").is_null());
    same["name"] = "ada-own";
    BOOST_TEST(send(gateway, office.bob, "POST", "/api/v1/me/accounts", same).status == 409);
    BOOST_TEST(send(gateway, office.root, "POST", "/api/v1/accounts", same).status == 409);
    office.connectAda();
    BOOST_TEST(office.findFor(office.ada, "first word").is_object());
    BOOST_TEST(office.findFor(office.root, "first word").is_null());
    // Made anew after it was shared, it is private again.
    BOOST_TEST(
        send(gateway, office.ada, "PATCH", "/api/v1/me/accounts/ada-own", {{"is_private", false}}).status ==
        200);
    BOOST_TEST(office.findFor(office.root, "first word").is_object());
    BOOST_TEST(send(gateway, office.ada, "DELETE", "/api/v1/me/accounts/ada-own").status == 204);
    office.connectAda();
    BOOST_TEST(office.findFor(office.root, "first word").is_null());
    BOOST_TEST(send(gateway, gateway.token(), "POST", "/api/v1/me/accounts", same).status == 409);
    Json other = {{"name", "ada-web"}, {"type", "webhook"}};
    BOOST_TEST(send(gateway, office.ada, "POST", "/api/v1/me/accounts", other).status == 422);
}

BOOST_AUTO_TEST_CASE(users_consent_for_their_mailboxes_with_the_organizations_oauth_application) {
    if (!isThere()) return;
    const std::string url = "https://gateway.example.test", callback = url + "/api/v1/oauth/callback";
    OAuthServer oauth("ada", callback);
    DovecotServer dovecot({"sales", "ada"}, {nullptr, oauth.tokenInfoUrl()});
    PostfixServer postfix(dovecot, "example.test", {"sales", "ada"});
    dovecot.deliver("ada",
                    mailFrom("client@example.test", "ada@example.test", "one@client", "One", "by consent"));
    const std::string application = std::string("{provider: other, client_id: ") + OAuthServer::kClientId +
                                    ", client_secret: " + OAuthServer::kClientSecret + ", authorize_url: \"" +
                                    oauth.authorizeUrl() + "\", token_url: \"" + oauth.tokenUrl() +
                                    "\", scope: " + OAuthServer::kScope + "}";
    Gateway gateway(mailAccount("sales", dovecot.imapPort(), postfix.smtpPort(), ", oauth: " + application) +
                    "listen:\n  public_url: " + url +
                    "\negress:\n  allow_networks: [127.0.0.0/8]\n  any_port: true\n");
    makeUser(gateway, "default", "ada@example.test", "agent");
    gateway.start();
    const std::string ada = signIn(gateway, "default", "ada@example.test");
    Json own = {
        {"name", "ada-own"},
        {"type", "email"},
        {"address", "ada@example.test"},
        {"username", "ada"},
        {"oauth", {{"app_of", "sales"}}},
        {"imap", {{"host", "127.0.0.1"}, {"port", dovecot.imapPort()}, {"security", "none"}}},
        {"smtp",
         {{"host", "127.0.0.1"}, {"port", postfix.smtpPort()}, {"security", "none"}, {"login", false}}},
        {"backfill_from", "all"},
        {"poll_interval_s", 2}};
    // The application's secret goes nowhere but to its own provider.
    Json elsewhere = own;
    elsewhere["oauth"]["token_url"] = "https://evil.example.org/token";
    BOOST_TEST(send(gateway, ada, "POST", "/api/v1/me/accounts", elsewhere).status == 422);
    elsewhere["oauth"] = {{"app_of", "nobody"}};
    BOOST_TEST(send(gateway, ada, "POST", "/api/v1/me/accounts", elsewhere).status == 422);
    const auto made = send(gateway, ada, "POST", "/api/v1/me/accounts", own);
    BOOST_REQUIRE_MESSAGE(made.status == 201, made.body);
    const auto shown = send(gateway, ada, "GET", "/api/v1/me/accounts/ada-own");
    BOOST_TEST(shown.body.find(OAuthServer::kClientSecret) == std::string::npos);

    const auto started = send(gateway, ada, "POST", "/api/v1/me/accounts/ada-own/consent", Json::object());
    BOOST_REQUIRE_MESSAGE(started.status == 200, started.body);
    const std::string back = oauth.consent(textAt(*parseJson(started.body), "url"));
    BOOST_REQUIRE(back.starts_with(callback + "?"));
    HttpCall browser(gateway.port());
    const auto question = browser.get(back.substr(url.size()));
    BOOST_TEST(question.body.find("ada@example.test") != std::string::npos, question.body);
    BOOST_TEST(browser.send({"POST", back.substr(url.size()), {}, "", "", nullptr})->status == 200);
    BOOST_TEST(gateway.eventually([&] {
        return send(gateway, ada, "GET", "/api/v1/messages").body.find("by consent") != std::string::npos;
    }));
    BOOST_TEST(send(gateway, gateway.token(), "GET", "/api/v1/messages").body.find("by consent") ==
               std::string::npos);
    BOOST_TEST(send(gateway, gateway.token(), "POST", "/api/v1/me/accounts/ada-own/consent", Json::object())
                   .status == 404);
    BOOST_TEST(oauth.complaints().empty(), (oauth.complaints().empty() ? "" : oauth.complaints().front()));
}

}  // namespace signalbox
