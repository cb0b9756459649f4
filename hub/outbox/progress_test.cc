// A message to several recipients of whom some have to wait: who has it never gets it again, the others do.
#include "hub/outbox/progress.h"

#include <boost/test/unit_test.hpp>

#include "tests/support/outbox_fixture.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;
using State = TryResult::State;

StatusUpdate told(const std::string& recipient, DeliveryState state, const std::string& code = "") {
    StatusUpdate update;
    update.recipient = recipient;
    update.state = state;
    update.code = code;
    update.text = code;
    return update;
}

Receipt partReceipt(std::vector<StatusUpdate> recipients) {
    Receipt receipt{"ext-1", DeliveryState::Accepted, Json::object()};
    receipt.recipients = std::move(recipients);
    receipt.form = {{"at", 7}};
    return receipt;
}

const std::vector<StatusUpdate> kOneWaits = {told("ada@x", DeliveryState::Accepted),
                                             told("ben@x", DeliveryState::Delayed, "4.2.1"),
                                             told("eve@x", DeliveryState::Failed, "5.1.1")};

struct Several : OutboxFixture {
    Several() : queued(enqueue({{"account", "idem"}, {"to", "ada"}, {"text", "hello"}})) {}

    TryResult waits(std::vector<StatusUpdate> recipients) {
        TryResult result = endedWith(State::Retry, {ErrorKind::Throttled, "busy", {}, "4.2.1"});
        result.receipt = partReceipt(std::move(recipients));
        result.next_at = clock.now() + 10s;
        result.is_counted = false;
        return result;
    }
    std::string stateOfRecipient(const std::string& recipient) {
        const Json shown = message();
        for (const Json& one : shown["deliveries"]) {
            if (textAt(one, "recipient") == recipient) return textAt(one, "state");
        }
        return "none";
    }
    Json message() { return *findMessage(*store, accounts, kDefaultOrg, queued.message); }
    std::vector<Lease> nextTry() {
        clock.advance(11s);
        return lease("idem");
    }
    const Queued queued;
};

}  // namespace

BOOST_AUTO_TEST_CASE(who_has_to_wait_is_tried_again_alone_and_holds_up_nobody) {
    Several hub;
    const Queued second = hub.enqueue({{"account", "idem"}, {"to", "ada"}, {"text", "and then"}});

    hub.finish(hub.lease("idem").at(0), hub.waits(kOneWaits));

    BOOST_TEST(hub.statusOf(hub.queued.message) == "accepted");
    BOOST_TEST(hub.stateOfRecipient("ada@x") == "accepted");
    BOOST_TEST(hub.stateOfRecipient("ben@x") == "delayed");
    BOOST_TEST(hub.stateOfRecipient("eve@x") == "failed");
    BOOST_TEST(hub.message()["error"]["code"] == "5.1.1");
    const auto others = hub.lease("idem");
    BOOST_REQUIRE(others.size() == 1U);
    BOOST_TEST(others[0].id == second.outbox);

    const auto again = hub.nextTry();
    BOOST_REQUIRE(again.size() == 1U);
    BOOST_TEST(again[0].id == hub.queued.outbox);
    BOOST_TEST(again[0].progress.taken == std::vector<std::string>{"ada@x"});
    BOOST_TEST(again[0].progress.failed == std::vector<std::string>{"eve@x"});
    BOOST_TEST(again[0].progress.form["at"] == 7);
    TryResult done;
    done.receipt = partReceipt({told("ben@x", DeliveryState::Accepted)});
    BOOST_TEST(hub.finish(again[0], done));

    BOOST_TEST(hub.stateOf(hub.queued.outbox) == "sent");
    BOOST_TEST(hub.stateOfRecipient("ben@x") == "accepted");
    BOOST_TEST(hub.statusOf(hub.queued.message) == "accepted");
    BOOST_TEST(hub.message()["error"]["code"] == "5.1.1");  // still to be seen
}

BOOST_AUTO_TEST_CASE(a_message_that_nobody_took_yet_keeps_its_place_and_fails_once_all_have) {
    Several hub;
    const Queued second = hub.enqueue({{"account", "idem"}, {"to", "ada"}, {"text", "and then"}});

    hub.finish(hub.lease("idem").at(0), hub.waits({told("ada@x", DeliveryState::Delayed, "4.2.1"),
                                                   told("eve@x", DeliveryState::Failed, "5.1.1")}));

    BOOST_TEST(hub.statusOf(hub.queued.message) == "queued");
    BOOST_TEST(hub.lease("idem").empty());  // the second one waits behind it
    TryResult refused = endedWith(State::Dead, {ErrorKind::Rejected, "refused", {}, "5.7.1"});
    refused.receipt = partReceipt({told("ada@x", DeliveryState::Failed, "5.7.1")});
    BOOST_TEST(hub.finish(hub.nextTry().at(0), refused));

    BOOST_TEST(hub.statusOf(hub.queued.message) == "failed");
    BOOST_TEST(hub.stateOfRecipient("ada@x") == "failed");
    BOOST_TEST(hub.lease("idem").at(0).id == second.outbox);
}

BOOST_AUTO_TEST_CASE(cancelled_or_out_of_time_it_fails_for_those_who_waited_and_can_be_sent_to_them_again) {
    Several hub;
    hub.finish(hub.lease("idem").at(0), hub.waits(kOneWaits));
    hub.finish(hub.nextTry().at(0), outOfTime());

    BOOST_TEST(hub.stateOf(hub.queued.outbox) == "dead");
    BOOST_TEST(hub.stateOfRecipient("ben@x") == "failed");
    BOOST_TEST(hub.stateOfRecipient("ada@x") == "accepted");
    BOOST_TEST(hub.statusOf(hub.queued.message) == "accepted");

    hub.write([&](Tx& tx) { BOOST_TEST(hub.outbox.retry(tx, kDefaultOrg, hub.queued.outbox).ok()); });
    BOOST_TEST(hub.stateOfRecipient("ben@x") == "delayed");
    const auto again = hub.lease("idem");
    BOOST_REQUIRE(again.size() == 1U);
    BOOST_TEST(again[0].progress.taken == std::vector<std::string>{"ada@x"});
    hub.finish(again[0], hub.waits({told("ben@x", DeliveryState::Delayed, "4.2.1")}));
    hub.clock.advance(1s);
    hub.write([&](Tx& tx) { BOOST_TEST(hub.outbox.cancel(tx, kDefaultOrg, hub.queued.outbox).ok()); });
    BOOST_TEST(hub.stateOfRecipient("ben@x") == "failed");
    BOOST_TEST(hub.stateOfRecipient("ada@x") == "accepted");
}

BOOST_AUTO_TEST_CASE(after_a_crash_each_recipient_is_what_it_was_told_before_the_last_byte) {
    Several hub;
    const Lease first = hub.lease("idem").at(0);
    hub.write([&](Tx& tx) { BOOST_TEST(hub.outbox.noteLeaving(tx, first, {kOneWaits, {{"at", 7}}})); });
    hub.write([&](Tx& tx) { hub.outbox.recover(tx, TimePoint::max(), 10); });

    const Lease again = hub.lease("idem").at(0);

    BOOST_TEST(again.was_leaving);
    BOOST_REQUIRE(again.progress.leaving.size() == 3U);
    BOOST_TEST(again.progress.form["at"] == 7);
    BOOST_TEST(again.progress.taken.empty());
    // Nobody knows; then its copy is found, and with it who has it.
    hub.finish(again, endedWith(State::Uncertain, {ErrorKind::Uncertain, "?", {}, "not_in_sent"}));
    BOOST_TEST(hub.statusOf(hub.queued.message) == "uncertain");
    hub.write([&](Tx& tx) { hub.inbox.tellSent(tx, *hub.accounts.byName("idem"), hub.queued.message); });
    hub.write([&](Tx& tx) {
        hub.inbox.markSent(tx, *hub.accounts.byName("idem"), hub.queued.message, "ext-1",
                           DeliveryState::Sent);
        hub.outbox.tidy(tx, hub.clock.now() - 24h);
    });
    BOOST_TEST(hub.stateOf(hub.queued.outbox) == "pending");
    BOOST_TEST(hub.stateOfRecipient("ben@x") == "delayed");
    BOOST_TEST(hub.nextTry().at(0).progress.taken == std::vector<std::string>{"ada@x"});
}

BOOST_AUTO_TEST_CASE(what_is_uncertain_for_the_late_ones_is_not_settled_by_those_who_have_it) {
    Several hub;
    hub.finish(hub.lease("idem").at(0), hub.waits(kOneWaits));
    hub.finish(hub.nextTry().at(0),
               endedWith(State::Uncertain, {ErrorKind::Uncertain, "?", {}, "no_answer"}));

    hub.write([&](Tx& tx) { hub.outbox.tidy(tx, hub.clock.now() - 24h); });

    BOOST_TEST(hub.stateOf(hub.queued.outbox) == "uncertain");
    BOOST_TEST(hub.statusOf(hub.queued.message) == "accepted");
    hub.write([&](Tx& tx) { BOOST_TEST(hub.outbox.retry(tx, kDefaultOrg, hub.queued.outbox).ok()); });
    BOOST_TEST(hub.lease("idem").at(0).progress.taken == std::vector<std::string>{"ada@x"});
}

BOOST_AUTO_TEST_CASE(a_bounce_of_one_of_several_does_not_fail_the_message) {
    Several hub;
    TryResult sent;
    sent.receipt =
        partReceipt({told("ada@x", DeliveryState::Accepted), told("ben@x", DeliveryState::Accepted)});
    hub.finish(hub.lease("idem").at(0), sent);
    const auto bounce = [&](const std::string& recipient) {
        Envelope status;
        status.kind = EnvelopeKind::Status;
        status.target = status.external_id = "ext-1";
        status.status = told(recipient, DeliveryState::Failed, "5.2.2");
        hub.write([&](Tx& tx) { hub.inbox.apply(tx, *hub.accounts.byName("idem"), status); });
    };

    bounce("ben@x");
    BOOST_TEST(hub.statusOf(hub.queued.message) == "accepted");
    BOOST_TEST(hub.events("message.status").back()["recipient"] == "ben@x");
    BOOST_TEST(hub.events("message.status").back()["state"] == "failed");
    bounce("ada@x");
    BOOST_TEST(hub.statusOf(hub.queued.message) == "failed");
}

BOOST_AUTO_TEST_CASE(a_run_that_waits_goes_on_once_somebody_has_it_and_is_told_once) {
    OutboxFixture hub;
    RequestSource source{kDefaultOrg, "workflow"};
    source.run_key = "run_1/send";
    hub.enqueue({{"account", "idem"}, {"to", "ada"}, {"text", "hello"}}, source);
    TryResult part = endedWith(State::Retry, {ErrorKind::Throttled, "busy", {}, "4.2.1"});
    part.receipt = partReceipt(kOneWaits);
    part.next_at = hub.clock.now();
    hub.finish(hub.lease("idem").at(0), part);

    BOOST_REQUIRE(hub.events("outbox.finished").size() == 1U);
    BOOST_TEST(hub.events("outbox.finished")[0]["state"] == "sent");
    TryResult done;
    done.receipt = partReceipt({told("ben@x", DeliveryState::Accepted)});
    hub.finish(hub.lease("idem").at(0), done);

    BOOST_TEST(hub.events("outbox.finished").size() == 1U);
}

}  // namespace signalbox
