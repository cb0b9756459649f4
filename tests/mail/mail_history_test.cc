// What lay in a mailbox when it was connected is history: shown, but no workflow answers mail of last year.
// What comes while the daemon is down is news. With a real Dovecot; left out, with a word, where it is not
// installed.
#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "tests/support/flow.h"
#include "tests/support/mail_client.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

void deliver(DovecotServer& dovecot, const std::string& id, const std::string& headers = "",
             const std::string& folder = "") {
    dovecot.deliver("sales",
                    mailFrom("ada@example.net", "sales@example.test", id + "@x", "About " + id,
                             "text " + id + ".", headers),
                    folder);
}

std::size_t runsOf(Gateway& gateway, const std::string& workflow) {
    return HttpCall(gateway.port(), gateway.token())
        .json("/api/v1/runs?limit=200&workflow=" + workflow)["items"]
        .size();
}

BOOST_AUTO_TEST_CASE(a_backfill_starts_no_workflow_and_an_outage_does_also_after_a_crash) {
    if (!hasDovecot()) return;
    constexpr std::size_t kHistory = 230;  // three pages
    DovecotServer dovecot({"sales"});
    for (std::size_t i = 0; i < kHistory; ++i) deliver(dovecot, "old" + std::to_string(i));
    dovecot.kill();
    Gateway gateway(mailAccount("sales", dovecot.imapPort()));
    gateway.start();
    const auto publish = [&](const std::string& name, const std::string& params) {
        gateway.publish(name, workflow::flowText(
                                  R"("t":{"type":"trigger.message","account":"sales")" + params +
                                      R"(},"s":{"type":"set_variable","changes":[{"name":"a","value":"b"}]})",
                                  "t>s"));
    };
    publish("news", "");
    publish("machines", R"(,"include_automatic":["list"])");
    publish("history", R"(,"include_history":true)");
    dovecot.start();

    // Killed within the backfill, while something new comes.
    Box(gateway).call.post("/api/v1/accounts/sales/fetch", Json::object());  // it waits after the failure
    BOOST_REQUIRE(gateway.eventually([&] { return !Box(gateway).messages().empty(); }, 60s));
    gateway.kill9();
    deliver(dovecot, "news1");
    deliver(dovecot, "list1", "List-Unsubscribe: <mailto:leave@example.net>\r\n");
    gateway.start();
    Box box(gateway);
    BOOST_REQUIRE(gateway.eventually([&] { return box.find("text list1.").is_object(); }, 60s));
    BOOST_TEST(gateway.eventually([&] { return runsOf(gateway, "history") == 200U; },
                                  60s));  // as many as a page holds

    BOOST_TEST(gateway.eventually([&] { return runsOf(gateway, "news") == 1U; }));
    BOOST_TEST(gateway.eventually([&] { return runsOf(gateway, "machines") == 2U; }));
    const Json first = box.find("text old0.");
    BOOST_TEST(first.is_null());  // it is behind the newest 200
    const Json some = box.find("text old200.");
    BOOST_REQUIRE(some.is_object());
    BOOST_TEST(flagAt(some["content"], "is_history"));
    BOOST_TEST(!flagAt(box.find("text news1.")["content"], "is_history"));

    // As it came.
    const std::string original = "/api/v1/messages/" + textAt(box.find("text news1."), "id") + "/original";
    const auto bytes = box.call.get(original);
    BOOST_TEST(bytes.status == 200);
    BOOST_TEST(bytes.body.find("Message-ID: <news1@x>") != std::string::npos);
    BOOST_TEST(std::string(bytes.headers.get("content-type")) == "message/rfc822");
    BOOST_TEST(std::string(bytes.headers.get("content-disposition")).starts_with("attachment"));
    BOOST_TEST(box.call.get("/api/v1/messages/msg_0000000000001/original").status == 404);
    BOOST_TEST(HttpCall(gateway.port()).get(original).status == 401);
    BOOST_TEST(gateway.stop() == 0);
}

}  // namespace
}  // namespace signalbox
