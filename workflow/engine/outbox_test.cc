// The engine with the real outbox: a message comes in, the workflow answers, the receipt ends the run.
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <thread>

#include "tests/support/fake_lua.h"
#include "tests/support/flow.h"
#include "tests/support/outbox_fixture.h"
#include "workflow/engine/engine.h"
#include "workflow/engine/run_queries.h"

using namespace signalbox;
using namespace signalbox::workflow;

namespace {

class OutboxEffects : public Effects {
public:
    explicit OutboxEffects(Outbox& outbox) : outbox_(outbox) {}
    Result<std::function<void(Tx&)>> prepare(const EffectRequest& effect) override {
        RequestSource source;
        source.org = effect.org;
        source.author = "workflow";
        source.idempotency_key = effect.idempotency_key;
        source.run_key = effect.run_key;
        auto prepared = outbox_.prepare(effect.request, source);
        if (!prepared) return prepared.error();
        return std::function<void(Tx&)>(
            [this, request = *prepared](Tx& tx) { outbox_.enqueue(tx, request); });
    }

private:
    Outbox& outbox_;
};

struct Fixture : OutboxFixture {
    Fixture() : engine({*store, clock, ids, log, workflows, effects, &lua, nullptr}, {}) { engine.start(); }
    ~Fixture() { engine.stop(); }

    void publish(const std::string& nodes, const std::string& edges) {
        BOOST_REQUIRE(workflows.saveDraft(1, "answer", flowText(nodes, edges)).ok());
        const auto published = workflows.publish(1, "answer", "test");
        BOOST_REQUIRE_MESSAGE((published.ok() && published->is_published),
                              dumpJson(toJson(published->findings)));
    }
    void receive(const std::string& text) {
        Envelope envelope;
        envelope.external_id = envelope.dedup_key = "wamid." + text;
        envelope.channel = "whatsapp";
        envelope.thread_key = "4917";
        envelope.type = "text";
        envelope.text = text;
        envelope.from = {{{"phone", "+4917012345678"}}, "Ann"};
        accept({envelope});
    }
    std::string status() {
        const Json runs = listRuns(*store, 1, {})["items"];
        return runs.empty() ? "" : textAt(runs[0], "status");
    }
    Json run() {
        return *showRun(*store, 1, *parseId(kRunId, textAt(listRuns(*store, 1, {})["items"][0], "id")));
    }
    void until(const std::string& wanted) {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (status() != wanted) {
            BOOST_REQUIRE_MESSAGE(std::chrono::steady_clock::now() < deadline,
                                  "never " + wanted + ", but " + status());
            std::this_thread::yield();
        }
    }

    FakeLua lua;
    WorkflowStore workflows{*store, ids, clock, &lua};
    OutboxEffects effects{outbox};
    Engine engine;
};

const std::string kAnswer = R"("t":{"type":"trigger.message","channel":"whatsapp","text":"price"},
    "s":{"type":"send_message","text":"Hello {{ message.from.name }}"})";

}  // namespace

BOOST_AUTO_TEST_CASE(a_question_is_answered_in_its_conversation_and_the_receipt_ends_the_run) {
    Fixture f;
    f.publish(kAnswer, "t>s");

    f.receive("what is the price?");
    f.until("waiting");
    const auto leases = f.lease("wa");
    BOOST_REQUIRE(leases.size() == 1U);
    BOOST_TEST(f.finish(leases[0], sentAs("wamid.answer")));
    f.until("succeeded");

    BOOST_TEST(f.run()["result"]["external_id"] == "wamid.answer");
    BOOST_TEST(leases[0].request.find("Hello Ann") != std::string::npos);
    BOOST_TEST(leases[0].idempotency_key.size() == 26U);
}

BOOST_AUTO_TEST_CASE(a_message_that_cannot_be_sent_fails_the_run_with_the_providers_word) {
    Fixture f;
    f.publish(kAnswer, "t>s");
    f.receive("price");
    f.until("waiting");

    TryResult dead;
    dead.state = TryResult::State::Dead;
    dead.error = {ErrorKind::Rejected, "not on whatsapp", {}, "131026"};
    BOOST_TEST(f.finish(f.lease("wa").at(0), dead));
    f.until("failed");

    BOOST_TEST(f.run()["error"]["code"] == "131026", dumpJson(f.run()));
    BOOST_TEST(f.run()["error"]["node"] == "s");
}

BOOST_AUTO_TEST_CASE(an_unknown_account_is_the_nodes_error_and_nothing_is_queued) {
    Fixture f;
    f.publish(R"("t":{"type":"trigger.message"},"s":{"type":"http_request","account":"nowhere","url":"/x"},
        "e":{"type":"set","keep":false,"fields":{"why":"{{ item.error.message }}"}})",
              "t>s s:error>e");

    f.receive("hi");
    f.until("succeeded");

    BOOST_TEST(textAt(f.run()["result"], "why").find("account") != std::string::npos, dumpJson(f.run()));
    BOOST_TEST(f.lease("http").empty());
}

BOOST_AUTO_TEST_CASE(an_http_request_goes_out_by_its_account_and_its_answer_goes_on) {
    Fixture f;
    f.publish(R"("t":{"type":"trigger.message"},"h":{"type":"http_request","account":"http","method":"POST",
        "url":"https://example.test/leads","body":{"text":"{{ message.text }}"}})",
              "t>h");
    f.receive("hi");
    f.until("waiting");

    const auto leases = f.lease("http", "http example.test");
    BOOST_REQUIRE(leases.size() == 1U);
    TryResult answered = sentAs("");
    answered.receipt.content = {{"status", 201}, {"body", {{"id", 7}}}};
    BOOST_TEST(f.finish(leases[0], answered));
    f.until("succeeded");

    BOOST_TEST(f.run()["result"]["body"]["id"] == 7);
}
