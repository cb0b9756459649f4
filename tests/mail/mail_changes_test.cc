// A mailbox changes while it is fetched: huge mails, folders numbered anew in the middle of a catch-up,
// another password. SIGNALBOX_MAIL_BACKFILL=20000 is the long form.
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <fstream>
#include <map>

#include "tests/support/mail_client.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

int backfill() {
    const char* const wanted = std::getenv("SIGNALBOX_MAIL_BACKFILL");
    return wanted == nullptr ? 600 : std::max(200, std::atoi(wanted));
}

// How often each text is there.
std::map<std::string, int> textsOf(Box& box) {
    std::map<std::string, int> counts;
    std::string cursor;
    do {
        const Json page =
            box.call.json("/api/v1/messages?limit=200" + (cursor.empty() ? "" : "&cursor=" + cursor));
        for (const Json& one : page["items"]) ++counts[textAt(one, "text")];
        cursor = textAt(page, "next");
    } while (!cursor.empty());
    return counts;
}

// In MB.
long mostMemory(pid_t process) {
    std::ifstream in("/proc/" + std::to_string(process) + "/status");
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("VmHWM:")) return std::atol(line.c_str() + 6) / 1024;
    }
    return 0;
}

Json accountOf(Box& box) {
    return box.call.json("/api/v1/accounts")["items"][0];
}

// As a client writes an attachment: lines of base64.
std::string hugeMail(const std::string& id, std::size_t megabytes) {
    std::string mail = mailFrom("ada@example.net", "sales@example.test", id, "Huge " + id, "see the file",
                                "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n");
    const auto body = mail.find("\r\n\r\n") + 4;
    mail.replace(body, std::string::npos,
                 "--b\r\nContent-Type: text/plain\r\n\r\nsee the file of " + id +
                     "\r\n--b\r\nContent-Type: application/zip; name=a.zip\r\nContent-Transfer-Encoding: "
                     "base64\r\nContent-Disposition: attachment; filename=a.zip\r\n\r\n");
    const std::string line = std::string(76, 'A') + "\r\n";
    mail.reserve(mail.size() + (megabytes << 20) + 200);
    while (mail.size() < megabytes << 20) mail += line;
    return mail + "--b--\r\n";
}

BOOST_AUTO_TEST_CASE(a_huge_mail_comes_whole_or_its_beginning_as_the_account_says_and_others_with_it) {
    if (!hasDovecot()) return;
    DovecotServer dovecot({"sales"});
    for (const bool is_whole : {false, true}) {
        Gateway gateway(
            mailAccount("sales", dovecot.imapPort(), 0, is_whole ? ", max_mail_bytes: 104857600" : ""));
        if (!is_whole) {
            dovecot.deliver("sales",
                            mailFrom("ada@example.net", "sales@example.test", "1@x", "One", "before"));
            dovecot.deliver("sales", hugeMail("h@x", 60));
            dovecot.deliver("sales",
                            mailFrom("ada@example.net", "sales@example.test", "2@x", "Two", "after"));
        }
        gateway.start();
        Box box(gateway);

        BOOST_TEST(gateway.eventually([&] { return box.find("after").is_object(); }, 60s));

        BOOST_TEST(box.find("before").is_object());
        const Json huge = box.find("see the file of h@x");
        BOOST_REQUIRE(huge.is_object());
        BOOST_TEST(huge["content"].contains("truncated_bytes") == !is_whole);
        if (!is_whole) BOOST_TEST(numberAt(huge["content"], "truncated_bytes") > 60'000'000);
        if (is_whole) BOOST_TEST(numberAt(huge["attachments"][0], "size") > 40'000'000);
        BOOST_TEST(textAt(huge["attachments"][0], "state") == (is_whole ? "fetched" : "failed"));
        const long memory = mostMemory(gateway.daemon().process().pid());
        BOOST_TEST_MESSAGE("at most " << memory << " MB");
        BOOST_TEST(memory < (is_whole ? 450 : 200));
        BOOST_TEST(gateway.stop() == 0);
    }
}

BOOST_AUTO_TEST_CASE(folders_that_are_numbered_anew_in_the_middle_of_a_catch_up_lose_and_double_nothing) {
    if (!hasDovecot()) return;
    DovecotServer dovecot({"sales"});
    const int count = backfill();
    const auto deliver = [&](int number) {
        const std::string text = std::to_string(number);
        dovecot.deliver("sales", mailFrom("ada@example.net", "sales@example.test", "b" + text + "@x",
                                          "Mail " + text, "number " + text));
    };
    for (int i = 0; i < count; ++i) deliver(i);
    Gateway gateway(mailAccount("sales", dovecot.imapPort()));
    gateway.start();
    Box box(gateway);
    Json progress;
    BOOST_TEST(gateway.eventually([&] {
        progress = memberAt(memberAt(accountOf(box), "sync"), "progress");
        return numberAt(progress, "done") > 0;
    }));
    BOOST_TEST(numberAt(progress, "total") <= count);
    BOOST_TEST(numberAt(progress, "total") >= count / 2);

    dovecot.kill9();
    dovecot.renumber("sales");
    std::this_thread::sleep_for(300ms);
    dovecot.start();
    box.call.post("/api/v1/accounts/sales/fetch", Json::object());
    deliver(count);

    // Once more from the beginning; what is known already is known by its content.
    std::map<std::string, int> texts;
    BOOST_TEST(gateway.eventually(
        [&] {
            std::this_thread::sleep_for(500ms);
            const Json sync = memberAt(accountOf(box), "sync");
            if (textAt(sync, "state") != "connected" || sync.contains("progress")) return false;
            texts = textsOf(box);
            return texts.size() > static_cast<std::size_t>(count);
        },
        240s));
    BOOST_TEST(texts.size() == static_cast<std::size_t>(count + 1));
    for (const auto& [text, times] : texts) BOOST_TEST(times == 1, text << " is there " << times << " times");
    // What is read here is marked there, under the numbers that are good now.
    const Json newest = box.messages().at(0);
    const auto read =
        box.call.post("/api/v1/conversations/" + textAt(newest, "conversation_id") + "/read", Json::object());
    BOOST_TEST(read.status == 200, read.body);
    BOOST_TEST(gateway.eventually([&] {
        for (const auto& entry : std::filesystem::directory_iterator(dovecot.maildir("sales") + "/cur")) {
            if (entry.path().filename().string().find(":2,S") != std::string::npos) return true;
        }
        return false;
    }));
    BOOST_TEST_MESSAGE("at most " << mostMemory(gateway.daemon().process().pid()) << " MB");
    BOOST_TEST(gateway.stop() == 0);
}

BOOST_AUTO_TEST_CASE(another_password_stops_the_account_until_it_is_told_the_new_one) {
    if (!hasDovecot()) return;
    DovecotServer dovecot({"sales"});
    Gateway gateway("  []\negress:\n  allow_networks: ['127.0.0.0/8']\n  any_port: true\n");
    gateway.start();
    Box box(gateway);
    const Json account = {
        {"name", "sales"},
        {"type", "email"},
        {"address", "sales@example.test"},
        {"username", "sales"},
        {"password", DovecotServer::kPassword},
        {"imap", {{"host", "127.0.0.1"}, {"port", dovecot.imapPort()}, {"security", "none"}}},
        {"backfill_from", "all"},
        {"poll_interval_s", 2}};
    const auto made = box.call.post("/api/v1/accounts", account);
    BOOST_REQUIRE_MESSAGE(made.status == 201, made.body);
    dovecot.deliver("sales", mailFrom("ada@example.net", "sales@example.test", "1@x", "One", "the first"));
    BOOST_REQUIRE(gateway.eventually([&] { return box.find("the first").is_object(); }));

    dovecot.kill9();
    dovecot.setPassword("another-secret");
    dovecot.start();
    dovecot.deliver("sales", mailFrom("ada@example.net", "sales@example.test", "2@x", "Two", "the second"));
    box.call.post("/api/v1/accounts/sales/fetch", Json::object());
    BOOST_TEST(gateway.eventually([&] { return textAt(accountOf(box), "state") == "reauth"; }, 60s));
    const std::string reason = textAt(accountOf(box), "state_reason");
    BOOST_TEST(reason.find("check username and password") != std::string::npos, reason);
    BOOST_TEST(reason.find(DovecotServer::kPassword) == std::string::npos);

    const auto changed =
        box.call.send({"PATCH",
                       "/api/v1/accounts/sales",
                       {{"content-type", "application/json"}, {"authorization", "Bearer " + gateway.token()}},
                       dumpJson({{"password", "another-secret"}}),
                       ""});
    BOOST_REQUIRE(changed.has_value());
    BOOST_TEST(changed->status == 200, changed->body);
    BOOST_TEST(gateway.eventually([&] { return box.find("the second").is_object(); }, 30s));
    BOOST_TEST(textAt(accountOf(box), "state") == "connected");
    BOOST_TEST(box.messages().size() == 2U);
    BOOST_TEST(gateway.stop() == 0);
}

}  // namespace
}  // namespace signalbox
