#include "daemon/client/program.h"

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/build_places.h"
#include "tests/support/fake_daemon.h"
#include "tests/support/temp_folder.h"

namespace signalbox::client {
namespace {

// Time passes when someone waits for it.
class HastyClock : public Clock {
public:
    TimePoint now() const override { return now_; }
    void wait(Wakeup&, TimePoint until, const std::stop_token&) override { now_ = std::max(now_, until); }

private:
    TimePoint now_ = *parseRfc3339("2026-11-21T07:00:00Z");
};

struct Ran {
    int exit = -1;
    std::string out, err;
};

// The program in this process, without this machine's environment.
struct Fixture {
    Fixture() {
        for (const char* name :
             {"SIGNALBOX_URL", "SIGNALBOX_TOKEN", "SIGNALBOX_TOKEN_FILE", "SIGNALBOX_CONFIG"})
            ::unsetenv(name);
        ::setenv("XDG_CONFIG_HOME", folder.file("config").c_str(), 1);
    }

    Ran run(std::vector<std::string> arguments, std::size_t columns = 0) {
        std::ostringstream out, err;
        arguments.insert(arguments.end(), {"--url", daemon.url()});
        Ran ran;
        ran.exit = runProgram(arguments, "1.2.3", {out, err, columns}, clock);
        ran.out = out.str();
        ran.err = err.str();
        return ran;
    }
    std::string file(const std::string& name, const std::string& text) {
        std::filesystem::create_directories(std::filesystem::path(folder.file(name)).parent_path());
        std::ofstream(folder.file(name), std::ios::binary) << text;
        return folder.file(name);
    }

    TempFolder folder;
    FakeDaemon daemon;
    HastyClock clock;
};

Json page(Json items, Json next = nullptr) {
    return {{"items", std::move(items)}, {"next", std::move(next)}};
}

Json message(const std::string& id, const std::string& text) {
    return {{"id", id},
            {"account", "wa"},
            {"direction", "in"},
            {"type", "text"},
            {"text", text},
            {"status", "received"},
            {"conversation_id", "cnv_1"},
            {"created_at", "2026-11-21T07:00:00.123Z"}};
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(a_list_is_a_table_for_people_and_json_for_programs, Fixture) {
    const Json answer = page(Json::array({message("msg_1", "How much?\x1b[31m")}));
    daemon.answer("GET /api/v1/messages", answer);

    const Ran people = run({"messages", "--account", "wa", "--status", "received"});
    const Ran programs = run({"messages", "--json"});

    BOOST_TEST(people.exit == 0);
    BOOST_TEST(people.out ==
               "TIME (UTC)           ID     ACCOUNT     STATUS    CONVERSATION  TEXT\n"
               "2026-11-21 07:00:00  msg_1  wa       ←  received  cnv_1         How much?\uFFFD[31m\n");
    BOOST_TEST(daemon.requests()[0].target == "/api/v1/messages?account=wa&status=received&limit=50");
    BOOST_TEST(*parseJson(programs.out) == answer);
}

BOOST_FIXTURE_TEST_CASE(a_list_longer_than_a_page_is_put_together, Fixture) {
    Json first = Json::array(), second = Json::array();
    for (int i = 0; i < 200; ++i) first.push_back(message("msg_" + std::to_string(i), "x"));
    for (int i = 200; i < 250; ++i) second.push_back(message("msg_" + std::to_string(i), "x"));
    daemon.answer("GET /api/v1/messages", page(first, "msg_199"));
    daemon.answer("GET /api/v1/messages", page(second, "msg_249"));

    const Ran ran = run({"messages", "--limit", "250", "--cursor", "msg_start", "--json"});

    BOOST_TEST(parseJson(ran.out)->at("items").size() == 250u);
    BOOST_TEST(parseJson(ran.out)->at("next") == "msg_249");
    BOOST_TEST(daemon.requests()[0].target == "/api/v1/messages?cursor=msg_start&limit=200");
    BOOST_TEST(daemon.requests()[1].target == "/api/v1/messages?limit=50&cursor=msg_199");
}

BOOST_FIXTURE_TEST_CASE(an_empty_list_says_so_on_the_side, Fixture) {
    daemon.answer("GET /api/v1/runs", page(Json::array()));

    const Ran ran = run({"runs"});

    BOOST_TEST(ran.exit == 0);
    BOOST_TEST(ran.out == "");
    BOOST_TEST(ran.err == "no runs\n");
}

BOOST_FIXTURE_TEST_CASE(a_refusal_is_exit_1_with_detail_and_code, Fixture) {
    daemon.answer("GET /api/v1/status", 403,
                  R"({"status":403,"code":"right_missing","detail":"this token may not do that"})");

    const Ran ran = run({"status"});

    BOOST_TEST(ran.exit == 1);
    BOOST_TEST(ran.err == "signalbox: this token may not do that (right_missing)\n");
}

BOOST_FIXTURE_TEST_CASE(a_daemon_that_is_not_there_is_exit_3_with_a_remedy, Fixture) {
    std::string gone;
    { gone = FakeDaemon().url(); }
    std::ostringstream out, err;

    const int exit = runProgram({"status", "--url", gone}, "1", {out, err}, clock);

    BOOST_TEST(exit == 3);
    BOOST_TEST(err.str() ==
               "signalbox: no answer from " + gone +
                   " (connect: Connection refused); is signalboxd running there? (--url, SIGNALBOX_URL)\n");
}

BOOST_FIXTURE_TEST_CASE(a_post_without_an_answer_is_sent_again_with_the_same_key, Fixture) {
    daemon.answerRaw("POST /api/v1/runs/run_1/retry", "");
    daemon.answer("POST /api/v1/runs/run_1/retry", Json{{"id", "run_1"}, {"status", "running"}});

    const Ran ran = run({"runs", "retry", "run_1"});

    BOOST_TEST(ran.exit == 0);
    BOOST_TEST(ran.out == "run_1 running\n");
    BOOST_REQUIRE(daemon.requests().size() == 2u);
    BOOST_TEST(daemon.requests()[0].headers.get("idempotency-key").size() == 32u);
    BOOST_TEST(daemon.requests()[0].headers.get("idempotency-key") ==
               daemon.requests()[1].headers.get("idempotency-key"));
}

BOOST_FIXTURE_TEST_CASE(a_token_is_made_once_or_reported_as_uncertain, Fixture) {
    daemon.answerRaw("POST /api/v1/tokens", "");

    const Ran ran = run({"token", "create", "--role", "admin"});

    BOOST_TEST(ran.exit == 4);
    BOOST_TEST(ran.err.find("may or may not have been done") != std::string::npos);
    BOOST_TEST(daemon.requests().size() == 1u);
    BOOST_TEST(!daemon.last().headers.find("idempotency-key"));
}

BOOST_FIXTURE_TEST_CASE(a_new_token_stands_alone_on_its_line, Fixture) {
    daemon.answer("POST /api/v1/tokens", 201,
                  R"({"id":"tok_1","token":"sbt_secret","name":"shop","role":"agent"})");

    const Ran ran = run({"token", "create", "--role", "agent", "--name", "shop", "--scope", "messages:send"});

    BOOST_TEST(ran.out == "sbt_secret\n");
    BOOST_TEST(daemon.last().body == R"({"name":"shop","role":"agent","scopes":["messages:send"]})");
}

BOOST_FIXTURE_TEST_CASE(the_token_comes_from_option_file_or_home, Fixture) {
    daemon.answer("GET /api/v1/accounts", page(Json::array()));
    const auto authorization = [&] { return std::string(daemon.last().headers.get("authorization")); };

    // Not where a demo runs: its token is found, too.
    const auto before = std::filesystem::current_path();
    std::filesystem::current_path("/");

    run({"accounts"});
    BOOST_TEST(authorization() == "");
    file("config/signalbox/token", "sbt_home\n");
    run({"accounts"});
    BOOST_TEST(authorization() == "Bearer sbt_home");
    run({"accounts", "--token-file", file("t", " sbt_file \n")});
    BOOST_TEST(authorization() == "Bearer sbt_file");
    run({"accounts", "--token", "sbt_option"});
    BOOST_TEST(authorization() == "Bearer sbt_option");

    const Ran missing = run({"accounts", "--token-file", folder.file("none")});
    BOOST_TEST(missing.exit == 2);
    BOOST_TEST(missing.err ==
               "signalbox: " + folder.file("none") + ": cannot be read: No such file or directory\n");
    std::filesystem::current_path(before);
}

BOOST_FIXTURE_TEST_CASE(send_puts_the_options_into_one_message, Fixture) {
    daemon.answer("POST /api/v1/messages", 202,
                  R"({"id":"msg_1","status":"queued","conversation_id":"cnv_1"})");

    const Ran ran = run({"send", "--account", "wa", "--to", "+4915112345678", "--type", "template",
                         "--template", "@" + file("t.json", R"({"name":"order_ready"})"), "--key", "k1"});

    BOOST_TEST(ran.out == "msg_1 queued in cnv_1\n");
    BOOST_TEST(
        daemon.last().body ==
        R"({"account":"wa","template":{"name":"order_ready"},"to":"+4915112345678","type":"template"})");
    BOOST_TEST(daemon.last().headers.get("idempotency-key") == "k1");
    BOOST_TEST(run({"send", "--text", "x"}).exit == 2);
    BOOST_TEST(run({"send", "--text", "x", "--account", "a", "--to", "b", "--conversation", "c"}).exit == 2);
    BOOST_TEST(run({"send", "--account", "a", "--to", "b", "--content", "{"}).err ==
               "signalbox: --content: not JSON: line 1, column 2: not valid JSON\n");
}

BOOST_FIXTURE_TEST_CASE(send_writes_a_mail_to_several_with_its_files, Fixture) {
    daemon.answer("POST /api/v1/uploads", 201, R"({"id":"upl_1","offset":0,"file_id":null})");
    daemon.answer("PATCH /api/v1/uploads/upl_1", 200, R"({"id":"upl_1","file_id":"fil_1"})");
    daemon.answer("POST /api/v1/messages", 202,
                  R"({"id":"msg_1","status":"queued","conversation_id":"cnv_1"})");

    const Ran ran = run({"send", "--account", "sales", "--to", "a@x.org", "--to", "b@x.org", "--cc",
                         "c@x.org", "--subject", "Offer", "--text", "see", "--html",
                         file("m.html", "<p>see</p>"), "--file", file("a.csv", "1,2")});

    BOOST_TEST(ran.out == "msg_1 queued in cnv_1\n", ran.err);
    BOOST_TEST(
        daemon.last().body ==
        R"({"account":"sales","attachments":[{"file_id":"fil_1"}],"cc":["c@x.org"],"html":"<p>see</p>",)"
        R"("subject":"Offer","text":"see","to":["a@x.org","b@x.org"],"type":"email"})");
}

BOOST_FIXTURE_TEST_CASE(send_says_which_option_is_missing_and_answers_by_the_message_alone, Fixture) {
    daemon.answer("GET /api/v1/messages/msg_7", Json{{"id", "msg_7"}, {"conversation_id", "cnv_7"}});
    daemon.answer("POST /api/v1/messages", 422,
                  R"({"code":"invalid_request","detail":"subject: is missing","status":422})");

    const Ran ran = run({"send", "--reply-to", "msg_7", "--text", "yes", "--reply-all"});

    BOOST_TEST(daemon.last().body ==
               R"({"conversation_id":"cnv_7","reply_all":true,"reply_to":"msg_7","text":"yes"})");
    BOOST_TEST(ran.err == "signalbox: subject: is missing (invalid_request); give --subject\n");
}

BOOST_FIXTURE_TEST_CASE(a_draft_goes_and_comes_back_byte_for_byte, Fixture) {
    const std::string graph = "{\n  \"nodes\": [ ],\t\"edges\":[], \"x\": 1.50}\n";
    daemon.answer("PUT /api/v1/workflows/a%20b/draft", Json{{"name", "a b"}, {"findings", Json::array()}});
    daemon.answer("GET /api/v1/workflows/a%20b/draft", 200, graph);

    const Ran pushed = run({"workflow", "push", "a b", file("graph.json", graph)});
    BOOST_TEST(pushed.exit == 0);
    BOOST_TEST(daemon.last().body == graph);
    const Ran printed = run({"workflow", "pull", "a b"});
    const Ran written = run({"workflow", "pull", "a b", folder.file("out.json")});

    BOOST_TEST(printed.out == graph);
    BOOST_TEST(written.exit == 0);
    std::ifstream in(folder.file("out.json"), std::ios::binary);
    BOOST_TEST(std::string(std::istreambuf_iterator<char>(in), {}) == graph);
}

BOOST_FIXTURE_TEST_CASE(lint_works_without_a_daemon_and_exits_1_on_errors, Fixture) {
    const Ran good = run({"workflow", "lint", std::string(SIGNALBOX_SOURCE_DIR) + "/etc/demo/answer.json"});
    const Ran bad = run({"workflow", "lint", "--json",
                         file("bad.json", R"({"nodes":[{"id":"a","type":"lau","data":{}}],"edges":[]})")});
    const Ran no_json = run({"workflow", "lint", file("no.json", "{")});

    BOOST_TEST(good.exit == 0);
    BOOST_TEST(good.out == "ok\n");
    BOOST_TEST(bad.exit == 1);
    BOOST_TEST(parseJson(bad.out)->at("ok") == false);
    BOOST_TEST(dumpJson(parseJson(bad.out)->at("findings")).find("\"node\":\"a\"") != std::string::npos);
    BOOST_TEST(no_json.exit == 1);
    BOOST_TEST(daemon.requests().empty());
}

BOOST_FIXTURE_TEST_CASE(a_run_is_waited_for_and_its_failure_is_exit_1, Fixture) {
    const Json running = {{"id", "run_1"}, {"status", "running"}};
    daemon.answer("POST /api/v1/workflows/answer/run", 202, dumpJson(running));
    daemon.answer("GET /api/v1/runs/run_1", running);
    daemon.answer(
        "GET /api/v1/runs/run_1",
        Json{{"id", "run_1"},
             {"workflow", "answer"},
             {"version", 2},
             {"status", "failed"},
             {"trigger", {{"kind", "manual"}}},
             {"error", {{"code", "E_LUA_RUNTIME"}, {"message", "line 3: no such field"}}},
             {"nodes", {{{"node", "think"}, {"type", "lua"}, {"started_at", "2026-11-21T07:00:00.000Z"}}}}});

    const Ran ran = run({"workflow", "run", "answer", "--input", R"({"a": 1})", "--dry-run", "--wait"});

    BOOST_TEST(ran.exit == 1);
    BOOST_TEST(daemon.requests()[0].body == R"({"dry_run":true,"input":{"a":1}})");
    BOOST_TEST(ran.out.find("status    failed\nerror     line 3: no such field (E_LUA_RUNTIME)\n") !=
                   std::string::npos,
               ran.out);
    BOOST_TEST(ran.out.find("  2026-11-21 07:00:00  think (lua)\n") != std::string::npos, ran.out);
}

BOOST_FIXTURE_TEST_CASE(waiting_for_a_run_ends_in_time_while_the_run_goes_on, Fixture) {
    const Json waiting = {{"id", "run_1"}, {"status", "waiting"}};
    daemon.answer("POST /api/v1/workflows/answer/run", 202, dumpJson(waiting));
    daemon.answer("GET /api/v1/runs/run_1", waiting);

    const Ran ran = run({"workflow", "run", "answer", "--wait", "--timeout", "5"});

    BOOST_TEST(ran.exit == 0);
    BOOST_TEST(ran.err == "not over after 5 s; it goes on: signalbox runs show run_1\n");
}

BOOST_FIXTURE_TEST_CASE(quarantine_is_replayed_until_what_is_left_stays, Fixture) {
    Json round = Json::array();
    for (int i = 0; i < 199; ++i)
        round.push_back({{"id", "req_" + std::to_string(i)}, {"state", "replayed"}});
    round.push_back({{"id", "req_x"}, {"state", "quarantined"}});
    daemon.answer("POST /api/v1/quarantine/replay", page(round));
    daemon.answer("POST /api/v1/quarantine/replay",
                  page(Json::array({{{"id", "req_x"}, {"state", "quarantined"}}})));

    const Ran ran = run({"quarantine", "replay", "--all", "--account", "wa"});

    BOOST_TEST(ran.out == "199 of 200 were understood\n");
    BOOST_TEST(ran.exit == 1);
    BOOST_TEST(daemon.last().body == R"({"account":"wa"})");
    BOOST_TEST(run({"quarantine", "replay"}).exit == 2);
}

BOOST_FIXTURE_TEST_CASE(a_webhook_subscription_is_made_with_its_events_and_its_secret_is_said_once, Fixture) {
    daemon.answer("POST /api/v1/webhook-subscriptions", 201, R"({"id":"whk_1","secret":"whsec_x"})");

    const Ran ran = run({"webhooks", "create", "https://x.test/hooks", "lead.*,order.paid"});

    BOOST_TEST(ran.out == "whk_1: made; its secret, shown this once: whsec_x\n");
    BOOST_TEST(daemon.last().body == R"({"events":["lead.*","order.paid"],"url":"https://x.test/hooks"})");
}

BOOST_FIXTURE_TEST_CASE(dead_letters_are_retried_one_by_one_or_all, Fixture) {
    daemon.answer("POST /api/v1/dead-letters/out_1/retry", 202, R"({"id":"out_1","state":"pending"})");
    daemon.answer("POST /api/v1/dead-letters/retry", 202, R"({"retried":1000,"more":true})");
    daemon.answer("POST /api/v1/dead-letters/retry", 202, R"({"retried":5,"more":false})");

    BOOST_TEST(run({"dead-letters", "retry", "out_1"}).out == "out_1 pending\n");
    BOOST_TEST(run({"dead-letters", "retry", "--all"}).out == "1005 are sent once more\n");
}

BOOST_FIXTURE_TEST_CASE(an_account_that_the_provider_refuses_is_exit_1, Fixture) {
    daemon.answer(
        "POST /api/v1/accounts/wa/check",
        Json{{"ok", false}, {"error", {{"code", "190"}, {"message", "the access token has expired"}}}});

    const Ran ran = run({"accounts", "check", "wa"});

    BOOST_TEST(ran.exit == 1);
    BOOST_TEST(ran.out == "wa: the access token has expired (190)\n");
}

BOOST_FIXTURE_TEST_CASE(what_is_no_daemon_is_told_and_does_no_harm, Fixture) {
    daemon.answer("GET /api/v1/status", 200, "<html>hello</html>");
    daemon.answer("GET /api/v1/runs", 502, "bad gateway");
    daemon.answer("GET /api/v1/tokens", 200, R"([1, {"items": 3}])");

    BOOST_TEST(run({"status"}).err == "signalbox: answered with something that is no JSON\n");
    BOOST_TEST(run({"runs"}).err == "signalbox: answered with status 502\n");
    BOOST_TEST(run({"token", "list"}).exit == 0);
    BOOST_TEST(run({"status", "--token", "x\r\ny: z"}).exit == 2);
}

BOOST_FIXTURE_TEST_CASE(cron_next_prints_a_time_a_line_without_a_daemon, Fixture) {
    const Ran ran = run({"cron", "next", "0 2 * * *", "--tz", "Europe/Berlin", "--from",
                         "2026-03-28T12:00:00Z", "--count", "2"});

    BOOST_TEST(ran.exit == 0);
    BOOST_TEST(ran.out == "2026-03-29T03:00:00+02:00\n2026-03-30T02:00:00+02:00\n");
    BOOST_TEST(run({"cron", "next", "0 2 * * *", "--tz", "Europe/Berlin", "--from", "2026-07-01"}).out ==
               "2026-07-01T02:00:00+02:00\n");
    BOOST_TEST(run({"cron", "next", "0 25 * * *"}).exit == 2);
    BOOST_TEST(run({"cron", "next", "0 25 * * *"}).err ==
               "signalbox: cron expression: column 3: 25 is out of range: hour 0-23\n");
    BOOST_TEST(run({"cron", "next", "@daily", "--tz", "Mars/Base"}).exit == 2);
}

BOOST_FIXTURE_TEST_CASE(expr_eval_prints_texts_bare_and_the_rest_as_json, Fixture) {
    const std::string data = file("data.json", R"({"name": "Ann", "n": 3, "tags": ["a"]})");
    const auto eval = [&](const std::string& text) { return run({"expr", "eval", text, "--data", data}); };

    BOOST_TEST(eval("name").out == "Ann\n");
    BOOST_TEST(eval("item.n > 2 and trigger.n == n").out == "true\n");
    BOOST_TEST(eval("tags").out == "[\"a\"]\n");
    BOOST_TEST(eval("missing.member").out == "null\n");
    BOOST_TEST(eval("n +").exit == 2);
    BOOST_TEST(eval("n < name").err ==
               "signalbox: expression: column 3: cannot order a number and text; convert with number(x) or "
               "text(x)\n");
}

}  // namespace signalbox::client
