// Mail servers and the daemon die at any moment: nothing is missing and nothing is there twice.
// SIGNALBOX_MAIL_KILLS=40 is the long form.
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <map>
#include <random>
#include <set>

#include "tests/support/mail_client.h"
#include "tests/support/smtp_script.h"

namespace signalbox {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

int kills() {
    const char* const wanted = std::getenv("SIGNALBOX_MAIL_KILLS");
    return wanted == nullptr ? 5 : std::max(1, std::atoi(wanted));
}

// Other moments in each run; the number is told when the test fails.
class Moments {
public:
    Moments() : seed_(std::random_device{}()), random_(seed_) {}
    unsigned seed() const { return seed_; }
    std::chrono::milliseconds upTo(int most_ms) {
        return std::chrono::milliseconds(std::uniform_int_distribution<int>(0, most_ms)(random_));
    }

private:
    const unsigned seed_;
    std::mt19937 random_;
};

std::string numbered(int number) {
    const std::string text = std::to_string(number);
    return mailFrom("ada@example.net", "sales@example.test", "k" + text + "@x", "Mail " + text,
                    "number " + text + "." + std::string(20'000, 'x'));
}

// How often each text is there; `limit` as the API has it, so by pages.
std::map<std::string, int> textsOf(Box& box) {
    std::map<std::string, int> counts;
    std::string cursor;
    do {
        const Json page =
            box.call.json("/api/v1/messages?limit=200" + (cursor.empty() ? "" : "&cursor=" + cursor));
        for (const Json& one : page["items"]) {
            const std::string text = textAt(one, "text");
            ++counts[text.substr(0, text.find('.'))];
        }
        cursor = textAt(page, "next");
    } while (!cursor.empty());
    return counts;
}

void checkEachOnce(Gateway& gateway, int delivered) {
    Box box(gateway);
    std::map<std::string, int> counts;
    BOOST_TEST(gateway.eventually(
        [&] {
            counts = textsOf(box);
            return counts.size() >= static_cast<std::size_t>(delivered);
        },
        60s));
    BOOST_TEST(counts.size() == static_cast<std::size_t>(delivered));
    for (const auto& [text, count] : counts)
        BOOST_TEST(count == 1, text << " is there " << count << " times");
}

BOOST_AUTO_TEST_CASE(an_imap_server_that_is_killed_loses_and_doubles_nothing) {
    if (!hasDovecot()) return;
    DovecotServer dovecot({"sales"});
    Gateway gateway(mailAccount("sales", dovecot.imapPort()));
    gateway.start();
    HttpCall call(gateway.port(), gateway.token());
    Moments moments;
    BOOST_TEST_INFO_SCOPE("seed " << moments.seed());
    int delivered = 0;
    for (int kill = 0; kill < kills(); ++kill) {
        // Even rounds: in the middle of a catch-up; odd ones: while it waits for news, which come just then.
        for (int i = 0; i < 30; ++i) dovecot.deliver("sales", numbered(delivered++));
        call.post("/api/v1/accounts/sales/fetch", Json::object());
        std::this_thread::sleep_for(kill % 2 == 0 ? moments.upTo(120) : 700ms);
        if (kill % 2 == 1) dovecot.deliver("sales", numbered(delivered++));
        dovecot.kill9();
        dovecot.deliver("sales", numbered(delivered++));
        std::this_thread::sleep_for(moments.upTo(50));
        dovecot.start();
        call.post("/api/v1/accounts/sales/fetch", Json::object());
    }

    checkEachOnce(gateway, delivered);
    BOOST_TEST(gateway.stop() == 0);
}

BOOST_AUTO_TEST_CASE(an_smtp_server_that_is_killed_gets_no_mail_twice_and_none_is_lost_silently) {
    if (!hasPostfix()) return;
    DovecotServer dovecot({"sales", "ada"});
    PostfixServer postfix(dovecot, "example.test", {"sales", "ada"});
    Gateway gateway(mailAccount("sales", dovecot.imapPort(), postfix.smtpPort(), ", request_timeout_s: 5"));
    gateway.start();
    HttpCall call(gateway.port(), gateway.token());
    Moments moments;
    BOOST_TEST_INFO_SCOPE("seed " << moments.seed());
    std::set<std::string> ids;
    for (int kill = 0; kill < kills(); ++kill) {
        for (int i = 0; i < 6; ++i) {
            const auto queued =
                call.post("/api/v1/messages", {{"account", "sales"},
                                               {"to", "ada@example.test"},
                                               {"type", "email"},
                                               {"subject", "Mail"},
                                               {"text", "number " + std::to_string(ids.size())}});
            BOOST_REQUIRE_MESSAGE(queued.status == 202, queued.body);
            ids.insert(textAt(*parseJson(queued.body), "id"));
        }
        std::this_thread::sleep_for(moments.upTo(150));
        postfix.kill9();
        std::this_thread::sleep_for(moments.upTo(50));
        postfix.start();
    }

    std::map<std::string, std::string> states;
    BOOST_TEST(gateway.eventually(
        [&] {
            states.clear();
            for (const std::string& id : ids) {
                const std::string status = textAt(call.json("/api/v1/messages/" + id), "status");
                if (status == "sent" || status == "accepted" || status == "uncertain") states[id] = status;
            }
            return states.size() == ids.size();
        },
        150s));
    // What Postfix took, by its own numbers: one mail that it delivers twice after its crash is not our
    // doing.
    std::map<std::string, std::set<std::string>> taken;
    const auto isComplete = [&] {
        taken.clear();
        for (const std::string& mail : mailsIn(dovecot.maildir("ada"))) {
            const std::string received = headerOf(mail, "Received");
            const auto id = received.find(" id ");
            taken["msg_" + headerOf(mail, "Message-ID").substr(3, 13)].insert(
                received.substr(id == std::string::npos ? 0 : id + 4, 12));
        }
        return std::all_of(states.begin(), states.end(), [&](const auto& one) {
            return one.second == "uncertain" || taken.contains(one.first);
        });
    };
    BOOST_TEST(gateway.eventually(isComplete, 60s));
    for (const auto& [id, numbers] : taken)
        BOOST_TEST(numbers.size() == 1U, id << " was handed in " << numbers.size() << " times");
    BOOST_TEST_MESSAGE("uncertain: " << std::count_if(states.begin(), states.end(), [](const auto& one) {
                           return one.second == "uncertain";
                       }) << " of " << states.size());
    BOOST_TEST(gateway.stop() == 0);
}

BOOST_AUTO_TEST_CASE(a_daemon_that_is_killed_while_it_fetches_starts_where_it_was) {
    if (!hasDovecot()) return;
    DovecotServer dovecot({"sales"});
    Gateway gateway(mailAccount("sales", dovecot.imapPort()));
    Moments moments;
    BOOST_TEST_INFO_SCOPE("seed " << moments.seed());
    int delivered = 0;
    for (int kill = 0; kill < kills(); ++kill) {
        for (int i = 0; i < 40; ++i) dovecot.deliver("sales", numbered(delivered++));
        gateway.start();
        std::this_thread::sleep_for(moments.upTo(250));
        gateway.kill9();
    }
    gateway.start();

    checkEachOnce(gateway, delivered);
    BOOST_TEST(gateway.stop() == 0);
}

// A mail server that never answers the command, the daemon killed just then, and what became of the mail.
struct KilledWhileSending {
    explicit KilledWhileSending(const std::string& command)
        : smtp(SmtpScript::Answers{{command, SmtpScript::kHang}}),
          gateway(mailAccount("sales", dovecot.imapPort(), smtp.port())) {
        gateway.start();
        HttpCall call(gateway.port(), gateway.token());
        const auto queued = call.post("/api/v1/messages", {{"account", "sales"},
                                                           {"to", "ada@example.test"},
                                                           {"type", "email"},
                                                           {"subject", "Mail"},
                                                           {"text", "just then"}});
        BOOST_REQUIRE_MESSAGE(queued.status == 202, queued.body);
        id = textAt(*parseJson(queued.body), "id");
        message_id = textAt(memberAt(call.json("/api/v1/messages/" + id), "content"), "message_id");
        BOOST_REQUIRE(gateway.eventually([&] { return smtp.isHanging(); }));
        gateway.kill9();
    }
    // A row that a dead process held is free after its lease.
    bool becomes(const std::string& status) {
        gateway.start();
        HttpCall call(gateway.port(), gateway.token());
        return gateway.eventually(
            [&] { return textAt(call.json("/api/v1/messages/" + id), "status") == status; }, 200s);
    }
    std::size_t timesHandedIn() const {
        const std::string all = smtp.received();
        std::size_t count = 0;
        for (auto at = all.find("\r\n.\r\n"); at != std::string::npos; at = all.find("\r\n.\r\n", at + 1))
            ++count;
        return count;
    }

    DovecotServer dovecot{{"sales"}};
    SmtpScript smtp;
    Gateway gateway;
    std::string id, message_id;
};

BOOST_AUTO_TEST_CASE(a_daemon_that_is_killed_before_the_last_byte_sends_the_mail_again) {
    if (!hasDovecot()) return;
    KilledWhileSending killed("DATA");

    BOOST_TEST(killed.becomes("sent"));

    BOOST_TEST(killed.timesHandedIn() == 1U);
    BOOST_TEST(killed.gateway.stop() == 0);
}

BOOST_AUTO_TEST_CASE(a_daemon_that_is_killed_after_the_last_byte_asks_the_folder_of_sent_mail) {
    if (!hasDovecot()) return;
    KilledWhileSending killed(".");
    BOOST_REQUIRE(!killed.message_id.empty());

    // Whatever saved it there: it was sent.
    killed.dovecot.deliver(
        "sales", mailFrom("sales@example.test", "ada@example.test", killed.message_id, "Mail", "just then"),
        "Sent");
    BOOST_TEST(killed.becomes("sent"));

    BOOST_TEST(killed.timesHandedIn() == 1U);
    BOOST_TEST(killed.gateway.stop() == 0);
}

BOOST_AUTO_TEST_CASE(a_daemon_that_is_killed_after_the_last_byte_leaves_to_a_person_what_nobody_knows) {
    if (!hasDovecot()) return;
    KilledWhileSending killed(".");

    BOOST_TEST(killed.becomes("uncertain"));

    BOOST_TEST(killed.timesHandedIn() == 1U);
    HttpCall call(killed.gateway.port(), killed.gateway.token());
    const Json rows = call.json("/api/v1/dead-letters?state=uncertain")["items"];
    BOOST_REQUIRE(rows.size() == 1U);
    const auto repeated =
        call.post("/api/v1/dead-letters/" + textAt(rows[0], "id") + "/retry", Json::object());
    BOOST_TEST(repeated.status < 300, repeated.body);
    BOOST_TEST(killed.gateway.eventually(
        [&] { return textAt(call.json("/api/v1/messages/" + killed.id), "status") == "sent"; }));
    BOOST_TEST(killed.timesHandedIn() == 2U);
    BOOST_TEST(killed.gateway.stop() == 0);
}

BOOST_AUTO_TEST_CASE(a_server_that_falls_silent_after_the_last_byte_gets_the_mail_once) {
    if (!hasDovecot()) return;
    DovecotServer dovecot({"sales"});
    SmtpScript smtp(SmtpScript::Answers{{".", ""}});  // takes it, and closes without a word
    Gateway gateway(mailAccount("sales", dovecot.imapPort(), smtp.port()));
    gateway.start();
    Box box(gateway);
    const auto queued = box.call.post("/api/v1/messages", {{"account", "sales"},
                                                           {"to", "ada@example.test"},
                                                           {"type", "email"},
                                                           {"subject", "Mail"},
                                                           {"text", "into the dark"}});
    BOOST_REQUIRE_MESSAGE(queued.status == 202, queued.body);
    const std::string id = textAt(*parseJson(queued.body), "id");
    const auto shown = [&] { return box.call.json("/api/v1/messages/" + id); };

    // Looked up in Sent some times, and then for a person to decide.
    BOOST_TEST(gateway.eventually([&] { return textAt(shown(), "status") == "uncertain"; }, 60s));
    const std::string all = smtp.received();
    BOOST_TEST(all.find("\r\n.\r\n") != std::string::npos);
    BOOST_TEST(all.find("\r\n.\r\n") == all.rfind("\r\n.\r\n"));
    // A copy that comes to light later settles it.
    dovecot.deliver("sales",
                    mailFrom("sales@example.test", "ada@example.test",
                             textAt(memberAt(shown(), "content"), "message_id"), "Mail", "into the dark"),
                    "Sent");
    box.call.post("/api/v1/accounts/sales/fetch", Json::object());
    BOOST_TEST(gateway.eventually([&] { return textAt(shown(), "status") == "sent"; }, 60s));
    BOOST_TEST(gateway.stop() == 0);
}

}  // namespace
}  // namespace signalbox
