// The live feed from outside: hundred clients that are killed and come back miss and double nothing, filters
// and rights hold for each event, typing reaches colleagues and no customers.
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <mutex>
#include <random>
#include <thread>

#include "hub/store/store.h"
#include "tests/support/feed_client.h"
#include "tests/support/people_of_gateway.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

const std::string kAccounts = "  - {name: wa, type: whatsapp_cloud, app_secret: " + kAppSecret +
                              ", verify_token: " + kVerifyToken +
                              ", phone_number_id: '1001', access_token: t, base_url: 'http://127.0.0.1:9'}\n";
constexpr int kClients = 100;
const std::string kTheEnd = "that was the last one";

int seconds() {
    const char* text = std::getenv("SIGNALBOX_LIVE_SECONDS");
    return text != nullptr ? std::atoi(text) : 8;
}

std::string textOf(const Json& event) {
    return textAt(memberAt(memberAt(event, "data"), "message"), "text");
}

void post(HttpCall& http, const std::string& from, const std::string& id, const std::string& text) {
    const auto answer = http.send(whatsappText("wa", from, id, text));
    if (!answer || answer->status != 200) throw std::runtime_error("callback was not taken");
}

// Watches until the end, dropped and opened again at random; the offset and text of each event it was given.
std::vector<std::pair<std::int64_t, std::string>> watchWithDrops(int port, const std::string& token,
                                                                 unsigned seed) {
    std::mt19937 dice(seed);
    std::vector<std::pair<std::int64_t, std::string>> held;
    std::int64_t last = 0;
    while (true) {
        FeedClient client(port, {{"token", token}, {"from", last}, {"types", {"message.*"}}});
        for (unsigned left = 1 + dice() % 60; left > 0; --left) {
            const auto frame = client.next();
            if (!frame) break;
            if (!frame->contains("offset")) continue;  // hello
            last = (*frame)["offset"];
            held.emplace_back(last, textOf(*frame));
            if (held.back().second == kTheEnd) return held;
        }
    }
}

Json conversationOf(HttpCall& http, const std::string& text) {
    const Json page = http.json("/api/v1/messages");
    for (const Json& message : page["items"])
        if (message["text"] == text) return message;
    throw std::runtime_error("no message «" + text + "»");
}

}  // namespace

BOOST_AUTO_TEST_CASE(hundred_clients_that_are_killed_and_come_back_hold_exactly_the_messages_of_the_log) {
    Gateway gateway(kAccounts);
    gateway.start();
    HttpCall http = gateway.call();
    std::vector<std::vector<std::pair<std::int64_t, std::string>>> held(kClients);
    std::vector<std::string> failures;
    std::mutex mutex;
    std::vector<std::thread> clients;
    for (unsigned i = 0; i < kClients; ++i) {
        clients.emplace_back([&, i] {
            try {
                held[i] = watchWithDrops(gateway.port(), gateway.token(), i);
            } catch (const std::exception& failure) {
                std::lock_guard lock(mutex);
                failures.emplace_back(failure.what());
            }
        });
    }

    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(seconds());
    int count = 0;
    for (; std::chrono::steady_clock::now() < until; ++count) {
        post(http, "49170123456" + std::to_string(10 + count % 20), "wamid." + std::to_string(count),
             "message " + std::to_string(count));
        if (count % 10 == 0) std::this_thread::sleep_for(30ms);
    }
    post(http, "4917012345678", "wamid.end", kTheEnd);
    for (auto& client : clients) client.join();

    BOOST_TEST(failures.empty(), (failures.empty() ? "" : failures.front()));
    std::vector<std::pair<std::int64_t, std::string>> logged;
    std::string at = "0";
    while (true) {
        const Json page = http.json("/api/v1/events?limit=200&type=message.*&from=" + at);
        for (const Json& event : page["items"]) logged.emplace_back(event["offset"], textOf(event));
        if (page["next"].is_null()) break;
        at = page["next"];
    }
    BOOST_TEST(logged.size() == static_cast<std::size_t>(count) + 1);
    for (const auto& one : held) BOOST_TEST((one == logged), one.size() << " of " << logged.size());
    BOOST_TEST_MESSAGE(logged.size() << " messages, " << kClients << " clients");
    BOOST_TEST(gateway.stop() == 0);
}

BOOST_AUTO_TEST_CASE(a_watcher_hears_what_it_asked_for_and_may_ask_for_something_else) {
    Gateway gateway(kAccounts);
    gateway.start();
    HttpCall http = gateway.call();
    post(http, "4917011111111", "wamid.1", "from one");
    post(http, "4917022222222", "wamid.2", "from two");
    const Json two = conversationOf(http, "from two");

    FeedClient of_two(gateway.port(),
                      {{"token", gateway.token()}, {"from", 0}, {"conversation_id", two["conversation_id"]}});
    BOOST_TEST(of_two.next()->at("type") == "hello");
    BOOST_TEST(textOf(of_two.nextOf("message.received")) == "from two");

    of_two.say(
        {{"type", "subscribe"},
         {"filters", {{{"person_id", two["person_id"]}, {"types", "message.*"}}, {{"types", {"tag.*"}}}}}});
    BOOST_TEST(of_two.nextOf("subscribed").contains("offset"));
    post(http, "4917011111111", "wamid.3", "one again");
    post(http, "4917022222222", "wamid.4", "two again");
    BOOST_TEST(textOf(of_two.nextOf("message.received")) == "two again");

    FeedClient nowhere(gateway.port(), {{"token", gateway.token()}, {"from", 0}, {"account", "other"}});
    nowhere.say({{"type", "ping"}});
    BOOST_TEST(nowhere.next()->at("type") == "hello");
    BOOST_TEST(nowhere.next()->at("type") == "pong");
    FeedClient wrong(gateway.port(), {{"token", gateway.token()}, {"conversation_id", "msg_1"}, {"from", 0}});
    BOOST_TEST(!wrong.next().has_value());
    BOOST_TEST(wrong.close_code == 1008);
}

BOOST_AUTO_TEST_CASE(an_offset_that_the_log_does_not_have_is_answered_by_a_hint_to_load_anew) {
    Gateway gateway(kAccounts);
    gateway.start();
    HttpCall http = gateway.call();
    post(http, "4917011111111", "wamid.1", "hello");

    FeedClient client(gateway.port(), {{"token", gateway.token()}, {"from", 1'000'000}});
    BOOST_TEST(client.next()->at("type") == "hello");
    const Json hint = client.nextOf("resync");

    BOOST_TEST(hint["reason"] == "ahead_of_log");
    BOOST_TEST(hint["offset"].get<int>() < 1000);
    post(http, "4917011111111", "wamid.2", "goes on");
    BOOST_TEST(textOf(client.nextOf("message.received")) == "goes on");
}

BOOST_AUTO_TEST_CASE(who_asks_for_more_than_is_kept_is_told_to_load_anew_and_hears_the_rest) {
    Gateway gateway(kAccounts);
    gateway.start();
    HttpCall http = gateway.call();
    for (int i = 0; i < 10; ++i) post(http, "4917011111111", "w" + std::to_string(i), std::to_string(i));
    BOOST_TEST(gateway.stop() == 0);
    std::int64_t head = 0, oldest = 0;
    {
        StoreOptions options;
        options.url = gateway.database();
        auto opened = openStore(options);
        BOOST_REQUIRE(opened.ok());
        const auto store = *std::move(opened);
        (void)store->writeAndWait([&](Tx& tx) {
            head = tx.query("SELECT MAX(log_offset) FROM events").at(0).integer(0);
            oldest = head - 2;
            tx.exec("DELETE FROM events WHERE log_offset < $1", {oldest});
        });
        store->close();
    }
    gateway.start();

    FeedClient client(gateway.port(), {{"token", gateway.token()}, {"from", 1}});
    const Json hint = client.nextOf("resync");
    BOOST_TEST(hint["reason"] == "no_longer_kept");
    BOOST_TEST(hint["offset"] == oldest - 1);
    std::vector<std::int64_t> heard;
    while (heard.empty() || heard.back() < head) {
        const auto frame = client.next();
        BOOST_REQUIRE(frame);
        if (frame->contains("data")) heard.push_back(frame->at("offset"));
    }
    BOOST_TEST(heard == (std::vector<std::int64_t>{head - 2, head - 1, head}),
               boost::test_tools::per_element());

    FeedClient exact(gateway.port(), {{"token", gateway.token()}, {"from", oldest - 1}});
    BOOST_TEST(exact.next()->at("type") == "hello");
    BOOST_TEST(exact.next()->at("offset") == oldest);
}

// Half a minute of real time: how long a reader that takes nothing is borne with. Who wakes up soon enough
// finds 1013 with where to go on behind what was queued for him, who sleeps on finds the connection gone.
BOOST_AUTO_TEST_CASE(a_reader_that_takes_nothing_is_let_go_and_comes_back_without_a_gap) {
    Gateway gateway(kAccounts);
    gateway.start();
    HttpCall http = gateway.call();
    const Json first = {{"token", gateway.token()}, {"from", 0}, {"types", {"message.*"}}};
    FeedClient lazy(gateway.port(), first, "", 4096);
    FeedClient brisk(gateway.port(), first);
    BOOST_TEST(lazy.next()->at("type") == "hello");
    constexpr int kCount = 3'000;
    std::thread reader([&] {
        while (textOf(brisk.nextOf("message.received")) != kTheEnd) {
        }
    });
    for (int i = 0; i < kCount; ++i)
        post(http, "49170123456" + std::to_string(10 + i % 20), "wamid." + std::to_string(i),
             std::string(3'000, 'x'));
    post(http, "4917012345678", "wamid.end", kTheEnd);
    reader.join();  // long before the lazy one is given up

    std::this_thread::sleep_for(32s);
    std::vector<std::int64_t> held;
    try {
        while (const auto frame = lazy.next())
            if (frame->contains("data")) held.push_back(frame->at("offset"));
        BOOST_TEST(lazy.close_code == 1013);
        BOOST_TEST(lazy.close_reason == "too slow; go on with from=" + std::to_string(held.back()));
    } catch (const std::runtime_error&) {
        BOOST_TEST_MESSAGE("the connection was gone already");
    }
    BOOST_REQUIRE(!held.empty());
    BOOST_TEST(held.size() < static_cast<std::size_t>(kCount));

    FeedClient again(gateway.port(),
                     {{"token", gateway.token()}, {"from", held.back()}, {"types", {"message.*"}}});
    while (true) {
        const auto frame = again.next();
        BOOST_REQUIRE(frame);
        if (!frame->contains("data")) continue;
        held.push_back(frame->at("offset"));
        if (textOf(*frame) == kTheEnd) break;
    }
    BOOST_TEST(held.size() == static_cast<std::size_t>(kCount) + 1);
    BOOST_TEST(std::is_sorted(held.begin(), held.end()));
    BOOST_TEST((std::adjacent_find(held.begin(), held.end()) == held.end()));
}

BOOST_AUTO_TEST_CASE(a_customer_hears_of_his_own_conversations_and_neither_of_notes_nor_of_typing) {
    Gateway gateway(kAccounts);
    const std::string customer = makeUser(gateway, "default", "customer@x.example", "customer");
    makeUser(gateway, "default", "ada@x.example", "agent");
    makeUser(gateway, "default", "bob@x.example", "agent");
    gateway.start();
    HttpCall http = gateway.call();
    post(http, "4917011111111", "wamid.1", "mine");
    post(http, "4917022222222", "wamid.2", "not mine");
    const Json mine = conversationOf(http, "mine");
    const std::string body = dumpJson(Json{{"person_id", mine["person_id"]}});
    BOOST_REQUIRE_EQUAL(
        http.send({"PATCH", "/api/v1/users/" + customer, {{"content-type", "application/json"}}, body, ""})
            ->status,
        200);
    const std::string conversation = mine["conversation_id"];
    FeedClient theirs(gateway.port(),
                      {{"token", signIn(gateway, "default", "customer@x.example")}, {"from", 0}});
    FeedClient ada(gateway.port(), {{"token", signIn(gateway, "default", "ada@x.example")}});
    FeedClient bob(gateway.port(), {{"token", signIn(gateway, "default", "bob@x.example")}});
    ada.nextOf("hello");
    bob.nextOf("hello");

    ada.say({{"type", "typing"}, {"conversation_id", conversation}});
    ada.say({{"type", "presence"}, {"state", "busy"}});
    const Json typing = bob.nextOf("typing");
    BOOST_TEST(typing["conversation_id"] == conversation);
    BOOST_TEST(typing["is_typing"] == true);
    BOOST_TEST(bob.nextOf("presence")["user_id"] == typing["user_id"]);
    BOOST_TEST(http.json("/api/v1/presence")["items"][0]["user_id"] == typing["user_id"]);
    BOOST_REQUIRE_EQUAL(
        http.post("/api/v1/conversations/" + conversation + "/notes", {{"text", "between us"}}).status, 201);
    post(http, "4917022222222", "wamid.3", "not mine either");
    post(http, "4917011111111", "wamid.4", "mine again");

    BOOST_TEST(theirs.next()->at("type") == "hello");
    std::vector<std::string> heard;
    while (heard.empty() || heard.back() != "mine again") {
        const auto frame = theirs.next();
        BOOST_REQUIRE(frame);
        BOOST_TEST(textAt(*frame, "type") != "typing");
        BOOST_TEST(textAt(*frame, "type") != "presence");
        BOOST_TEST(textAt(*frame, "conversation_id") == conversation);
        if (!textOf(*frame).empty()) heard.push_back(textOf(*frame));
    }
    const std::vector<std::string> expected{"mine", "mine again"};
    BOOST_TEST(heard == expected, boost::test_tools::per_element());
}

}  // namespace signalbox
