// People decide what a workflow asked: by the link, by the API, over a restart, once, and in time.
#include "workflow/engine/approvals.h"

#include "tests/support/engine_fixture.h"

using namespace signalbox;
using namespace signalbox::workflow;
using namespace std::chrono_literals;

namespace {

struct Fixture : EngineFixture {
    Approvals approvals{db.store(), ids, clock, log, effects, "https://box.example.org"};

    Fixture() {
        actions.other = [this](const ActionRequest& action) { return approvals.create(action); };
        publish("ask", R"("t":{"type":"trigger.webhook"},
            "a":{"type":"wait_approval","title":"Refund {{ trigger.content.body.n }}?","timeout_s":60,
                 "notify":{"account":"sms","to":"+49301234567","type":"text","text":"Please decide: {approval_url} !"}},
            "y":{"type":"set","keep":false,"fields":{"said":"yes","by":"{{ item.by }}","comment":"{{ item.comment }}"}},
            "n":{"type":"set","keep":false,"fields":{"said":"no"}},"l":{"type":"set","keep":false,"fields":{"said":"late"}})",
                "t>a a:approved>y a:rejected>n a:timeout>l");
        start();
        webhook({{"n", 7}});
        until([&] { return runsThatAre("waiting") == 1; }, "the run waits");
    }

    std::string token() {
        std::string text;
        db.store().read([&](Reader& reader) {
            text =
                textAt(Json::parse(reader.query("SELECT request FROM noted_effects").at(0).text(0)), "text");
        });
        const std::string start = "https://box.example.org/approvals/";
        const auto at = text.find(start);
        BOOST_REQUIRE(at != std::string::npos);
        return text.substr(at + start.size(), text.find(' ', at) - at - start.size());
    }
    std::string id() { return textAt(approvals.list(1, "", 0, 10)["items"][0], "id"); }
    Json result() {
        until([&] { return runsThatAre("succeeded") == 1; }, "the run is over");
        return run(textAt(runs()[0], "id"))["result"];
    }
    std::string status() { return textAt(*approvals.find(1, *parseId(kApprovalId, id())), "status"); }
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(the_link_decides_once_also_after_a_restart, Fixture) {
    const std::string link = token();
    restart();

    BOOST_TEST(textAt(*approvals.findByToken(link), "title") == "Refund 7?");
    BOOST_TEST(approvals.decideByToken(link, {true, "fine", "link"}).ok());
    const auto again = approvals.decideByToken(link, {false, "", "link"});

    BOOST_TEST(dumpJson(result()) == R"({"by":"link","comment":"fine","said":"yes"})");
    BOOST_REQUIRE(!again.ok());
    BOOST_TEST(again.error().code == "approval_over");
    BOOST_TEST(status() == "approved");
}

BOOST_FIXTURE_TEST_CASE(a_person_decides_through_the_api_and_the_link_is_worth_nothing_then, Fixture) {
    const auto approval = *parseId(kApprovalId, id());

    BOOST_TEST(!approvals.decide(2, approval, {true, "", "another organization"}).ok());
    BOOST_TEST(approvals.decide(1, approval, {false, "", "ann"}).ok());

    BOOST_TEST(dumpJson(result()) == R"({"said":"no"})");
    BOOST_TEST(approvals.decideByToken(token(), {true, "", "link"}).error().code == "approval_over");
    BOOST_TEST((approvals.decideByToken("guessed", {true, "", "link"}).error().kind == ErrorKind::NotFound));
}

BOOST_FIXTURE_TEST_CASE(nobody_decides_what_is_over, Fixture) {
    clock.advance(61s);
    BOOST_TEST(dumpJson(result()) == R"({"said":"late"})");

    BOOST_TEST(approvals.decideByToken(token(), {true, "", "link"}).error().code == "approval_over");
    BOOST_TEST(status() == "over");
    BOOST_TEST(count("SELECT COUNT(*) FROM runs") == 1);
}

BOOST_FIXTURE_TEST_CASE(a_decision_and_the_time_out_at_one_moment_are_decided_once, Fixture) {
    const std::string link = token();
    std::jthread decides([&] { (void)approvals.decideByToken(link, {true, "", "link"}); });
    clock.advance(60s);
    decides.join();

    const std::string said = textAt(result(), "said");

    BOOST_TEST((said == "yes" || said == "late"), said);
    untilIdle();
    BOOST_TEST(run(textAt(runs()[0], "id"))["nodes"].size() == 3U);
}
