#include "workflow/engine/event_waits.h"

#include <boost/test/unit_test.hpp>

#include "tests/support/engine_fixture.h"

namespace signalbox::workflow {

using namespace std::chrono_literals;

const char* const kPayment =
    R"("t":{"type":"trigger.webhook"},"w":{"type":"wait_event","event":"custom.paid","key_path":"order.id",
       "key":"{{ content.body.order }}","condition":"amount > 10","timeout_s":60},
       "p":{"type":"set","fields":{"paid":"{{ item.amount }}"}},"l":{"type":"set","fields":{"late":true}})";
const char* const kPaymentEdges = "t>w w:event>p w:timeout>l";

struct EventWaitFixture : EngineFixture {
    using EngineFixture::EngineFixture;
    void pay(int order, int amount) {
        append("custom.paid", {{"order", {{"id", order}}}, {"amount", amount}});
    }
    Json result(std::size_t at = 0) { return run(runs()[at]["id"])["result"]; }
};

BOOST_AUTO_TEST_CASE(only_the_event_with_the_value_and_the_condition_answers) {
    EventWaitFixture fixture;
    fixture.start();
    fixture.publish("pay", kPayment, kPaymentEdges);
    fixture.webhook({{"order", 17}});
    fixture.until([&] { return fixture.runsThatAre("waiting") == 1; }, "it waits");

    fixture.pay(18, 100);
    fixture.pay(17, 5);
    fixture.untilIdle();
    BOOST_TEST(fixture.runsThatAre("waiting") == 1U);
    fixture.pay(17, 50);

    fixture.until([&] { return fixture.runsThatAre("succeeded") == 1; }, "it goes on");
    BOOST_TEST(fixture.result()["paid"] == 50);
}

BOOST_AUTO_TEST_CASE(an_event_that_came_before_the_node_waited_is_found) {
    EventWaitFixture fixture;
    fixture.start();
    fixture.publish("pay", R"("s":{"type":"wait","seconds":10},)" + std::string(kPayment),
                    "t>s s>w w:event>p w:timeout>l");
    fixture.webhook({{"order", 17}});
    fixture.until([&] { return fixture.runsThatAre("waiting") == 1; }, "it sleeps");
    fixture.pay(17, 1);
    fixture.pay(17, 70);
    fixture.untilIdle();

    fixture.clock.advance(11s);

    fixture.until([&] { return fixture.runsThatAre("succeeded") == 1; }, "it goes on");
    BOOST_TEST(fixture.result()["paid"] == 70);
}

BOOST_AUTO_TEST_CASE(the_one_among_very_many_events_that_came_before_is_found) {
    EventWaitFixture fixture;
    fixture.start();
    fixture.publish("pay",
                    R"("t":{"type":"trigger.webhook"},"s":{"type":"wait","seconds":10},
                       "w":{"type":"wait_event","event":"custom.paid","condition":"amount == 1234","timeout_s":60},
                       "p":{"type":"set","fields":{"paid":"{{ item.amount }}"}},"l":{"type":"set","fields":{"late":true}})",
                    "t>s s>w w:event>p w:timeout>l");
    fixture.webhook();
    fixture.until([&] { return fixture.runsThatAre("waiting") == 1; }, "it sleeps");
    BOOST_REQUIRE(fixture.db.store()
                      .writeAndWait([&](Tx& tx) {
                          for (int i = 1; i <= 1300; ++i) {
                              const std::string payload = dumpJson({{"amount", i}});
                              fixture.last_offset = fixture.log.append(tx, {1, "custom.paid", 0, 0, payload});
                          }
                          for (int i = 0; i < 11'000; ++i)
                              fixture.last_offset = fixture.log.append(tx, {1, "custom.other", 0, 0, "{}"});
                      })
                      .ok());
    fixture.untilIdle();

    fixture.clock.advance(11s);
    fixture.until([&] { return fixture.runsThatAre("waiting") == 0; }, "it goes on");

    BOOST_TEST(fixture.result()["paid"] == 1234);
}

BOOST_AUTO_TEST_CASE(waits_of_one_run_for_the_same_events_each_find_their_own) {
    EventWaitFixture fixture;
    fixture.start();
    fixture.publish("pay",
                    R"("t":{"type":"trigger.webhook"},"s":{"type":"wait","seconds":10},
                       "a":{"type":"wait_event","event":"custom.paid","condition":"amount > 0"},
                       "b":{"type":"wait_event","event":"custom.paid","condition":"amount > 1"},
                       "r":{"type":"set","fields":{"a":"{{ nodes.a.output.amount }}","b":"{{ nodes.b.output.amount }}"}})",
                    "t>s s>a s>b a:event>r b:event>r");
    fixture.webhook();
    fixture.until([&] { return fixture.runsThatAre("waiting") == 1; }, "it sleeps");
    for (int amount = 2; amount <= 4; ++amount) fixture.pay(1, amount);
    fixture.untilIdle();

    fixture.clock.advance(11s);
    fixture.until([&] { return fixture.runsThatAre("succeeded") == 1; }, "both are answered");

    BOOST_TEST(fixture.result()["a"] != fixture.result()["b"]);
}

BOOST_AUTO_TEST_CASE(one_event_answers_a_run_once) {
    EventWaitFixture fixture;
    fixture.start();
    fixture.publish("twice",
                    R"("t":{"type":"trigger.webhook"},"a":{"type":"wait_event","event":"custom.paid"},
                       "b":{"type":"wait_event","event":"custom.paid"},
                       "r":{"type":"set","fields":{"first":"{{ nodes.a.output.amount }}","second":"{{ nodes.b.output.amount }}"}})",
                    "t>a a:event>b b:event>r");
    fixture.webhook();
    fixture.until([&] { return fixture.runsThatAre("waiting") == 1; }, "it waits");

    fixture.pay(1, 1);
    fixture.untilIdle();
    BOOST_TEST(fixture.runsThatAre("waiting") == 1U);
    fixture.pay(2, 2);

    fixture.until([&] { return fixture.runsThatAre("succeeded") == 1; }, "both are answered");
    BOOST_TEST(fixture.result()["first"] == 1);
    BOOST_TEST(fixture.result()["second"] == 2);
}

BOOST_AUTO_TEST_CASE(a_wait_survives_a_restart_and_gives_up_in_time) {
    EventWaitFixture fixture;
    fixture.start();
    fixture.publish("pay", kPayment, kPaymentEdges);
    fixture.webhook({{"order", 17}});
    fixture.webhook({{"order", 18}});
    fixture.until([&] { return fixture.runsThatAre("waiting") == 2; }, "they wait");

    fixture.restart();
    fixture.pay(17, 50);
    fixture.until([&] { return fixture.runsThatAre("succeeded") == 1; }, "one goes on");
    fixture.clock.advance(61s);
    fixture.until([&] { return fixture.runsThatAre("succeeded") == 2; }, "the other gives up");

    // Decided once: what comes now changes nothing.
    fixture.pay(18, 50);
    fixture.untilIdle();
    BOOST_TEST(fixture.count("SELECT COUNT(*) FROM run_waits") == 0);
    // Which of the two runs began first is not said.
    BOOST_TEST((fixture.result(0)["late"] == true || fixture.result(1)["late"] == true));
    BOOST_TEST((fixture.result(0)["paid"] == 50 || fixture.result(1)["paid"] == 50));
}

}  // namespace signalbox::workflow
