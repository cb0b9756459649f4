#include "hub/webhooks/webhooks.h"

#include <boost/test/unit_test.hpp>

#include "hub/webhooks/webhook_feed.h"
#include "tests/support/outbox_fixture.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

struct WebhookFixture : OutboxFixture {
    WebhookFixture() {
        Account built_in{0, kDefaultOrg, "_http", "http", "http", "", false};
        if (!accounts.replace(*store, ids, clock, {built_in})) throw std::runtime_error("accounts");
        outbox.watchWith(webhooks);
        feed.step();
    }

    Webhooks::Made make(std::initializer_list<const char*> events) {
        Json list = Json::array();
        for (const char* one : events) list.push_back(one);
        auto made = webhooks.create(kDefaultOrg, {{"url", "https://shop.test/hooks?key=s"}, {"events", list}},
                                    "user:me");
        if (!made) throw std::runtime_error(made.error().message);
        return *made;
    }
    void happen(const std::string& type, const Json& data) {
        const std::string payload = dumpJson(data);
        std::int64_t offset = 0;
        write([&](Tx& tx) { offset = log.append(tx, {kDefaultOrg, type, 0, 0, payload}); });
        log.waitBeyond(offset - 1, 10s, {});  // the log tells of a commit a moment after it
        while (feed.step()) {
        }
    }
    std::vector<Lease> due(Id subscription) {
        return lease("_http", "http " + idText(kWebhookId, subscription));
    }
    Json stateOfSubscription(Id id) { return webhooks.shown(kDefaultOrg, id).value_or(Json()); }
    void tryAndFail(Id subscription, const Error& error) {
        for (const Lease& one : due(subscription)) {
            TryResult result = endedWith(TryResult::State::Retry, error);
            result.next_at = clock.now();
            finish(one, result);
        }
    }

    std::unique_ptr<Vault> vault = std::move(*Vault::open(*store, clock, dir.file("vault.key")));
    Notices notices{ids, clock, log};
    Webhooks webhooks{{*store, ids, clock, *vault, log, notices}};
    WebhookFeed feed{{*store, clock, accounts, log, outbox, webhooks}};
};

const Error kAway{ErrorKind::Unavailable, "http POST shop.test: HTTP 503", {}, "http_503"};

}  // namespace

BOOST_AUTO_TEST_CASE(a_subscription_gets_what_it_wants_once_and_from_its_beginning) {
    WebhookFixture hub;
    hub.happen("lead.created", {{"n", 0}});
    const Id leads = hub.make({"lead.*"}).id;
    const Id orders = hub.make({"order.paid"}).id;
    hub.clock.advance(1s);

    hub.happen("lead.created", {{"n", 1}});
    hub.happen("task.created", {{"n", 2}});
    hub.happen("webhook.emitted", {{"type", "order.paid"}, {"data", {{"n", 3}}}, {"workflow", "w"}});
    WebhookFeed another{{*hub.store, hub.clock, hub.accounts, hub.log, hub.outbox, hub.webhooks}};
    while (another.step()) {
    }

    const auto to_leads = hub.due(leads), to_orders = hub.due(orders);
    BOOST_REQUIRE(to_leads.size() == 1U);
    BOOST_REQUIRE(to_orders.size() == 1U);
    const Json content = (*parseJson(to_leads[0].request))["content"];
    BOOST_TEST(content["credential"] == webhookTarget(leads));
    BOOST_TEST(content["body"]["type"] == "lead.created");
    BOOST_TEST(content["body"]["data"]["n"] == 1);
    BOOST_TEST((*parseJson(to_orders[0].request))["content"]["body"]["type"] == "order.paid");
    BOOST_TEST(to_leads[0].request.find("shop.test") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(many_events_for_many_subscriptions_are_put_down_in_pieces) {
    WebhookFixture hub;
    for (int i = 0; i < 10; ++i) hub.make({"lead.*"});
    hub.clock.advance(1s);
    std::int64_t last = 0;
    hub.write([&](Tx& tx) {
        for (int i = 0; i < 100; ++i) last = hub.log.append(tx, {kDefaultOrg, "lead.created", 0, 0, "{}"});
    });
    hub.log.waitBeyond(last - 1, 10s, {});
    const auto rows = [&] {
        std::int64_t count = 0;
        hub.store->read([&](Reader& reader) {
            count = reader.query("SELECT COUNT(DISTINCT idempotency_key) FROM outbox").at(0).integer(0);
        });
        return count;
    };

    BOOST_TEST(hub.feed.step());
    BOOST_TEST(rows() == 500);
    while (hub.feed.step()) {
    }
    BOOST_TEST(rows() == 1000);
}

BOOST_AUTO_TEST_CASE(after_a_rotation_both_secrets_sign_for_a_day) {
    WebhookFixture hub;
    const auto made = hub.make({"*"});
    const auto keys = [&] {
        std::vector<std::string> texts;
        const auto target = hub.webhooks.target(kDefaultOrg, made.id);
        for (const Secret& key : target->keys) texts.push_back("whsec_" + toBase64(key.reveal()));
        return texts;
    };
    BOOST_TEST(keys() == std::vector<std::string>{made.secret});

    const auto next = hub.webhooks.rotate(kDefaultOrg, made.id, {{kDefaultOrg, 0, 0, "user:me"}, 1});

    BOOST_REQUIRE(next.ok());
    BOOST_TEST(keys() == (std::vector<std::string>{*next, made.secret}));
    hub.clock.advance(25h);
    BOOST_TEST(keys() == std::vector<std::string>{*next});
    BOOST_TEST(dumpJson(hub.webhooks.list(kDefaultOrg)).find("whsec_") == std::string::npos);
    const auto late = hub.webhooks.rotate(kDefaultOrg, made.id, {{kDefaultOrg, 0, 0, "user:me"}, 1});
    BOOST_TEST(late.error().code == "changed_meanwhile");
}

BOOST_AUTO_TEST_CASE(a_receiver_that_fails_for_five_days_is_switched_off_and_told_of) {
    WebhookFixture hub;
    hub.write([&](Tx& tx) {
        tx.exec(
            "INSERT INTO users (id, org, email, name, role, state, password, created_at, changed_at)"
            " VALUES (7, 1, 'ada@x.test', 'Ada', 'admin', 'active', '', 0, 0)",
            {});
    });
    const Id id = hub.make({"*"}).id;
    hub.clock.advance(1s);
    hub.happen("lead.created", {{"n", 1}});

    hub.tryAndFail(id, kAway);
    hub.clock.advance(60h);
    hub.tryAndFail(id, kAway);
    BOOST_TEST(hub.stateOfSubscription(id)["state"] == "active");
    BOOST_TEST(hub.stateOfSubscription(id)["failures"] == 2);
    hub.clock.advance(61h);
    hub.happen("lead.created", {{"n", 2}});
    hub.tryAndFail(id, kAway);

    BOOST_TEST(hub.stateOfSubscription(id)["state"] == "disabled");
    BOOST_TEST(hub.webhooks.target(kDefaultOrg, id).error().code == "webhook_disabled");
    BOOST_REQUIRE(hub.events("webhook.disabled").size() == 1U);
    BOOST_TEST(hub.events("webhook.disabled")[0]["host"] == "shop.test");
    BOOST_TEST(hub.events("notice.created").size() == 1U);
    const auto again =
        hub.webhooks.change(kDefaultOrg, id, {{"state", "active"}}, {{kDefaultOrg, 0, 0, "user:me"}, {}});
    BOOST_TEST(again.ok());
    BOOST_TEST(hub.stateOfSubscription(id)["failing_since"].is_null());
}

BOOST_AUTO_TEST_CASE(one_success_begins_the_count_anew_and_each_try_is_kept) {
    WebhookFixture hub;
    const Id id = hub.make({"*"}).id;
    hub.clock.advance(1s);
    hub.happen("lead.created", {{"n", 1}});
    hub.tryAndFail(id, kAway);
    hub.tryAndFail(id, Error{ErrorKind::Throttled, "slow down", 30s, "http_429"});
    const auto leases = hub.due(id);
    BOOST_REQUIRE(leases.size() == 1U);

    TryResult sent;
    sent.receipt.content = {{"status", 204}, {"duration_ms", 12}};
    hub.finish(leases[0], sent);

    BOOST_TEST(hub.stateOfSubscription(id)["failures"] == 0);
    const Json tries = hub.webhooks.triesOf(std::vector<Id>{leases[0].id}).at(leases[0].id);
    BOOST_REQUIRE(tries.size() == 3U);
    BOOST_TEST(tries[0]["status"] == 503);
    BOOST_TEST(tries[1]["status"] == 429);
    BOOST_TEST(tries[2]["outcome"] == "delivered");
    BOOST_TEST(tries[2]["duration_ms"] == 12);
}

BOOST_AUTO_TEST_CASE(a_receiver_that_is_gone_is_switched_off_at_once) {
    WebhookFixture hub;
    const Id id = hub.make({"*"}).id;
    hub.clock.advance(1s);
    hub.happen("lead.created", {{"n", 1}});
    const auto leases = hub.due(id);

    hub.finish(leases.at(0),
               endedWith(TryResult::State::Dead,
                         {ErrorKind::NotFound, "http POST shop.test: HTTP 410", {}, "http_410"}));

    BOOST_TEST(hub.stateOfSubscription(id)["state"] == "disabled");
    hub.happen("lead.created", {{"n", 2}});
    BOOST_TEST(hub.due(id).empty());
}

BOOST_AUTO_TEST_CASE(a_feed_that_looks_while_a_receiver_is_switched_off_learns_of_it) {
    WebhookFixture hub;
    const Id id = hub.make({"lead.*"}).id;
    hub.clock.advance(1s);
    hub.happen("lead.created", {{"n", 1}});
    const auto leases = hub.due(id);
    std::int64_t other = 0;
    hub.write([&](Tx& tx) { other = hub.log.append(tx, {kDefaultOrg, "task.created", 0, 0, "{}"}); });
    hub.log.waitBeyond(other - 1, 10s, {});

    const TryResult gone = endedWith(TryResult::State::Dead, {ErrorKind::NotFound, "gone", {}, "http_410"});
    hub.write([&](Tx& tx) {
        hub.webhooks.tried(tx, {leases.at(0).id, id, gone});
        hub.feed.step();  // before the commit
    });
    hub.happen("lead.created", {{"n", 2}});

    BOOST_TEST(hub.stateOfSubscription(id)["state"] == "disabled");
    BOOST_TEST(hub.due(id).empty());
}

BOOST_AUTO_TEST_CASE(a_form_says_what_is_wrong_with_it) {
    const auto faultOf = [](const Json& form) {
        const auto read = readSubscription(form, {});
        return read ? std::string() : read.error().message;
    };

    BOOST_TEST(faultOf({{"url", "https://x.test"}, {"events", {"*"}}}).empty());
    BOOST_TEST(faultOf({{"url", "https://x.test"}}).starts_with("events: is missing"));
    BOOST_TEST(faultOf({{"events", {"*"}}}).starts_with("url: "));
    BOOST_TEST(
        faultOf({{"url", "https://x.test"}, {"events", {"Lead Created"}}}).starts_with("events: must be"));
    BOOST_TEST(
        faultOf({{"url", "https://x.test"}, {"events", {"*"}}, {"secret", "mine"}}).starts_with("secret: "));
    BOOST_TEST(
        faultOf({{"url", "https://x.test"}, {"events", {"*"}}, {"state", "off"}}).starts_with("state: "));
}

}  // namespace signalbox
