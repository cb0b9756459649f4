// What mail owes to those who get it: automatic mails that can be ended, reports that are asked for and
// understood, vacation programs that are left alone.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <set>
#include <thread>

#include "tests/support/mail_client.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

// Publishes a workflow that mails `to` and runs it; the run when it has ended.
Json runMail(Gateway& gateway, const std::string& name, const std::string& to) {
    const Json graph = {{"nodes",
                         {{{"id", "t"},
                           {"type", "trigger.manual"},
                           {"position", {{"x", 0}, {"y", 0}}},
                           {"data", Json::object()}},
                          {{"id", "n"},
                           {"type", "send_email"},
                           {"position", {{"x", 0}, {"y", 0}}},
                           {"data",
                            {{"type", "send_email"},
                             {"account", "sales"},
                             {"to", to},
                             {"subject", "News"},
                             {"text", "from a machine"}}}}}},
                        {"edges", {{{"id", "e"}, {"source", "t"}, {"target", "n"}}}}};
    gateway.publish(name, dumpJson(graph));
    const auto started =
        gateway.call().post("/api/v1/workflows/" + name + "/run", {{"input", Json::object()}});
    BOOST_REQUIRE_MESSAGE(started.status < 300, started.body);
    const Json answer = *parseJson(started.body);
    const std::string id = textAt(answer, "id", textAt(answer, "run_id", textAt(answer, "run")));
    Json run;
    BOOST_REQUIRE(gateway.eventually([&] {
        run = *parseJson(gateway.call().get("/api/v1/runs/" + id).body);
        return textAt(run, "status") == "succeeded" || textAt(run, "status") == "failed";
    }));
    return run;
}

std::string between(const std::string& text, const std::string& before, char after) {
    const auto at = text.find(before);
    if (at == std::string::npos) return "";
    const auto begin = at + before.size();
    return text.substr(begin, text.find(after, begin) - begin);
}

Json suppressed(Box& box, const std::string& address) {
    const Json found = box.call.json("/api/v1/mail/suppressions?q=" + address)["items"];
    return found.empty() ? Json(nullptr) : found[0];
}

BOOST_AUTO_TEST_CASE(who_unsubscribes_gets_no_more_mail_from_machines) {
    if (!hasPostfix()) return;
    DovecotServer dovecot({"sales", "ada", "bob"});
    PostfixServer postfix(dovecot, "example.test", {"sales", "ada", "bob"});
    Gateway gateway(mailAccount("sales", dovecot.imapPort(), postfix.smtpPort()) +
                    "listen:\n  public_url: https://gateway.example.test\n");
    gateway.start();
    Box box(gateway);

    // By the link, as a mail program does it (RFC 8058).
    BOOST_TEST(textAt(runMail(gateway, "to_ada", "ada@example.test"), "status") == "succeeded");
    BOOST_REQUIRE(gateway.eventually([&] { return mailsIn(dovecot.maildir("ada")).size() == 1U; }));
    const std::string news = mailsIn(dovecot.maildir("ada")).front();
    const std::string ways = headerOf(news, "List-Unsubscribe");
    BOOST_TEST(headerOf(news, "List-Unsubscribe-Post") == "List-Unsubscribe=One-Click");
    BOOST_TEST(headerOf(news, "Auto-Submitted") == "auto-generated");
    const std::string path = between(ways, "<https://gateway.example.test", '>');
    BOOST_REQUIRE_MESSAGE(path.starts_with("/unsubscribe/u."), ways);
    HttpCall anybody(gateway.port());
    BOOST_TEST(anybody.get(path).status == 200);
    BOOST_TEST(suppressed(box, "ada").is_null());  // scanners look at links, too
    HttpRequest one_click{"POST",
                          path,
                          {{"content-type", "application/x-www-form-urlencoded"}},
                          "List-Unsubscribe=One-Click",
                          ""};
    for (int time = 0; time < 2; ++time) BOOST_TEST(anybody.send(one_click)->status == 200);
    one_click.target = "/unsubscribe/" + path.substr(13, 15) + ".0123456789abcdef";
    BOOST_TEST(anybody.send(one_click)->status == 404);
    BOOST_TEST(textAt(suppressed(box, "ada"), "reason") == "unsubscribed");

    // By the mail that others send (RFC 2369): kept in the thread, and no work for anybody.
    BOOST_TEST(textAt(runMail(gateway, "to_bob", "bob@example.test"), "status") == "succeeded");
    BOOST_REQUIRE(gateway.eventually([&] { return mailsIn(dovecot.maildir("bob")).size() == 1U; }));
    const std::string subject =
        "unsubscribe " + between(headerOf(mailsIn(dovecot.maildir("bob")).front(), "List-Unsubscribe"),
                                 "<mailto:sales@example.test?subject=unsubscribe%20", '>');
    SmtpClient client(postfix.smtpPort());
    client.send("bob@example.test", "sales@example.test",
                mailFrom("bob@example.test", "sales@example.test", "u1@client", subject, "please stop"));
    BOOST_TEST(gateway.eventually([&] { return textAt(suppressed(box, "bob"), "reason") == "unsubscribed"; }),
               mailsIn(dovecot.maildir("bob")).front() + subject);
    const Json asked = box.find("please stop");
    BOOST_REQUIRE(asked.is_object());
    const Json out = box.messages("&direction=out");
    BOOST_TEST((dumpJson(out).find("unsubscribe/u.") == std::string::npos));
    BOOST_TEST(std::count_if(out.begin(), out.end(), [&](const Json& one) {
                   return textAt(one, "conversation_id") == textAt(asked, "conversation_id");
               }) == 1);

    BOOST_TEST(textAt(runMail(gateway, "again", "ada@example.test"), "status") == "failed");
    const auto by_hand = box.call.post("/api/v1/messages", {{"account", "sales"},
                                                            {"to", "ada@example.test"},
                                                            {"type", "email"},
                                                            {"subject", "You asked"},
                                                            {"text", "from a person"}});
    BOOST_TEST(by_hand.status == 202, by_hand.body);
    BOOST_REQUIRE(gateway.eventually([&] { return mailsIn(dovecot.maildir("ada")).size() == 2U; }));
    const auto mails = mailsIn(dovecot.maildir("ada"));
    BOOST_TEST(std::count_if(mails.begin(), mails.end(), [](const std::string& mail) {
                   return headerOf(mail, "List-Unsubscribe").empty() &&
                          headerOf(mail, "Auto-Submitted").empty();
               }) == 1);
    BOOST_TEST(gateway.stop() == 0);
}

BOOST_AUTO_TEST_CASE(a_report_is_asked_for_and_names_the_mail_and_whom_it_was_written_to) {
    if (!hasPostfix()) return;
    DovecotServer dovecot({"sales"});
    PostfixServer postfix(dovecot, "example.test", {"sales"});
    Gateway gateway(mailAccount("sales", dovecot.imapPort(), postfix.smtpPort()));
    gateway.start();
    Box box(gateway);

    const auto sent = box.call.post("/api/v1/messages", {{"account", "sales"},
                                                         {"to", "nobody+x=1@bounce.test"},
                                                         {"type", "email"},
                                                         {"subject", "Hello"},
                                                         {"text", "into the void"}});
    BOOST_REQUIRE_MESSAGE(sent.status == 202, sent.body);
    BOOST_REQUIRE(gateway.eventually([&] { return mailsIn(dovecot.maildir("sales")).size() == 1U; }));

    // Postfix repeats what it was given (RFC 3464).
    const std::string report = mailsIn(dovecot.maildir("sales")).front();
    const std::string id = textAt(*parseJson(sent.body), "id");
    const std::string message_id = between(report, "Original-Envelope-Id: ", '\n');
    BOOST_TEST(message_id.starts_with("m." + id.substr(4)), report);
    BOOST_TEST(message_id.ends_with("@example.test"));
    BOOST_TEST(report.find("Original-Recipient: rfc822;nobody+x=1@bounce.test") != std::string::npos, report);
    BOOST_TEST(report.find("into the void") == std::string::npos);  // RET=HDRS
    BOOST_TEST(gateway.eventually(
        [&] { return textAt(box.call.json("/api/v1/messages/" + id), "status") == "failed"; }));
    BOOST_TEST(textAt(suppressed(box, "nobody"), "reason") == "hard_bounce");
    BOOST_TEST(gateway.stop() == 0);
}

// What another mail program does when somebody reads there: the mail's file gets the flag S.
bool readElsewhere(const DovecotServer& dovecot, const std::string& user, const std::string& text) {
    namespace fs = std::filesystem;
    for (const auto& entry : fs::directory_iterator(fs::path(dovecot.maildir(user)) / "cur")) {
        std::ifstream in(entry.path(), std::ios::binary);
        const std::string mail((std::istreambuf_iterator<char>(in)), {});
        if (mail.find(text) == std::string::npos) continue;
        const std::string name = entry.path().filename().string();
        const auto flags = name.find(":2,");
        const std::string without = flags == std::string::npos ? name : name.substr(0, flags);
        fs::rename(entry.path(), entry.path().parent_path() / (without + ":2,S"));
        return true;
    }
    return false;
}

BOOST_AUTO_TEST_CASE(a_mail_that_is_moved_stays_one_message_and_is_marked_where_it_lies) {
    namespace fs = std::filesystem;
    if (!hasDovecot()) return;
    DovecotServer dovecot({"sales"});
    dovecot.deliver("sales", mailFrom("bob@example.net", "sales@example.test", "old@x", "Old", "an old one"),
                    "Archive");
    dovecot.deliver("sales", mailFrom("ada@example.net", "sales@example.test", "mv@x", "Move", "is moved"));
    Gateway gateway(mailAccount("sales", dovecot.imapPort(), 0, ", folders: [INBOX, Archive]"));
    gateway.start();
    Box box(gateway);
    BOOST_REQUIRE(gateway.eventually([&] { return box.messages().size() == 2U; }));

    const fs::path inbox = fs::path(dovecot.maildir("sales")) / "cur";
    const fs::path archive = fs::path(dovecot.maildir("sales")) / ".Archive" / "cur";
    const auto isIn = [](const fs::path& folder, const std::string& text) -> fs::path {
        for (const auto& entry : fs::directory_iterator(folder)) {
            std::ifstream in(entry.path(), std::ios::binary);
            const std::string mail((std::istreambuf_iterator<char>(in)), {});
            if (mail.find(text) != std::string::npos) return entry.path();
        }
        return {};
    };
    BOOST_REQUIRE(gateway.eventually([&] { return !isIn(inbox, "is moved").empty(); }));
    const fs::path moved = isIn(inbox, "is moved");
    fs::rename(moved, archive / moved.filename());
    box.call.post("/api/v1/accounts/sales/fetch", Json::object());
    std::this_thread::sleep_for(3s);  // both folders are looked into every 2 s
    BOOST_TEST(box.messages().size() == 2U);

    box.call.post("/api/v1/conversations/" + textAt(box.find("is moved"), "conversation_id") + "/read",
                  Json::object());
    BOOST_TEST(gateway.eventually([&] {
        const std::string name = isIn(archive, "is moved").filename().string();
        const auto flags = name.find(":2,");
        return flags != std::string::npos && name.find('S', flags) != std::string::npos;
    }));
    BOOST_TEST(gateway.stop() == 0);
}

BOOST_AUTO_TEST_CASE(what_is_read_in_one_place_is_read_in_the_other) {
    if (!hasDovecot()) return;
    DovecotServer dovecot({"sales"});
    Gateway gateway(mailAccount("sales", dovecot.imapPort()));
    gateway.start();
    Box box(gateway);
    for (const char* id : {"r1", "r2"}) {
        dovecot.deliver("sales", mailFrom("ada@example.net", "sales@example.test", std::string(id) + "@x",
                                          std::string("About ") + id, std::string("text ") + id));
    }
    BOOST_REQUIRE(gateway.eventually([&] { return box.messages().size() == 2U; }));
    const auto unread = [&](const std::string& text) {
        const std::string id = textAt(box.find(text), "conversation_id");
        return numberAt(box.conversation(id), "unread_count");
    };
    BOOST_TEST(unread("text r1") == 1);
    BOOST_TEST(unread("text r2") == 1);

    // There → here.
    BOOST_REQUIRE(gateway.eventually([&] { return readElsewhere(dovecot, "sales", "text r1"); }));
    box.call.post("/api/v1/accounts/sales/fetch", Json::object());
    BOOST_TEST(gateway.eventually([&] { return unread("text r1") == 0; }));
    BOOST_TEST(unread("text r2") == 1);
    // Here → there.
    const auto read = box.call.post(
        "/api/v1/conversations/" + textAt(box.find("text r2"), "conversation_id") + "/read", Json::object());
    BOOST_TEST(read.status == 200, read.body);
    BOOST_TEST(gateway.eventually([&] { return isSeenThere(dovecot, "sales", "text r2"); }));

    // And it stays quiet: nothing goes to and fro.
    box.call.post("/api/v1/accounts/sales/fetch", Json::object());
    std::this_thread::sleep_for(2500ms);
    const std::string marks = box.call.get("/api/v1/outbox?limit=50").body;
    BOOST_TEST(unread("text r2") == 0);
    const Json events = box.call.json("/api/v1/events?from=0&limit=200")["items"];
    BOOST_TEST(std::count_if(events.begin(), events.end(),
                             [](const Json& one) { return textAt(one, "type") == "message.seen"; }) == 1,
               marks);
    BOOST_TEST(gateway.stop() == 0);
}

// Answers whatever comes to a mailbox, each mail once, as the vacation program of a mail server does.
class VacationProgram {
public:
    VacationProgram(const DovecotServer& dovecot, const std::string& user, int smtp_port)
        : thread_([&dovecot, user, smtp_port](const std::stop_token& stop) {
              std::set<std::string> answered;
              while (!stop.stop_requested()) {
                  for (const std::string& mail : mailsIn(dovecot.maildir(user))) {
                      const std::string id = headerOf(mail, "Message-ID");
                      if (!answered.insert(id).second) continue;
                      const std::string number = std::to_string(answered.size());
                      SmtpClient(smtp_port).send(
                          "", "sales@example.test",
                          mailFrom(user + "@example.test", "sales@example.test", "vac" + number + "@client",
                                   "Automatic reply: " + headerOf(mail, "Subject"), "on the beach " + number,
                                   "In-Reply-To: " + id + "\r\nAuto-Submitted: auto-replied\r\n"));
                  }
                  std::this_thread::sleep_for(50ms);
              }
          }) {}

private:
    std::jthread thread_;
};

BOOST_AUTO_TEST_CASE(a_vacation_reply_is_shown_opens_nothing_and_is_not_answered) {
    if (!hasPostfix()) return;
    DovecotServer dovecot({"sales", "ada"});
    PostfixServer postfix(dovecot, "example.test", {"sales", "ada"});
    Gateway gateway(mailAccount("sales", dovecot.imapPort(), postfix.smtpPort()));
    gateway.start();
    Box box(gateway);
    BOOST_TEST(box.call.put("/api/v1/automatic-answers/received", R"({"text": "We got it."})").status == 200);
    VacationProgram vacation(dovecot, "ada", postfix.smtpPort());
    const auto write = [&](const std::string& id, const std::string& text, const std::string& more = "") {
        // Dated now: what was written long ago gets no automatic answer.
        std::string mail = mailFrom("ada@example.test", "sales@example.test", id, "Order", text, more);
        const auto date = mail.find("Date: ");
        mail.replace(date, mail.find("\r\n", date) - date, "X-No-Date: x");
        SmtpClient(postfix.smtpPort()).send("ada@example.test", "sales@example.test", mail);
    };

    // She asks, our answer goes out, her vacation program answers that one.
    write("q1@client", "where is it");
    BOOST_REQUIRE(gateway.eventually([&] { return box.find("on the beach 1").is_object(); }));
    const std::string conversation = textAt(box.find("where is it"), "conversation_id");
    BOOST_TEST(textAt(box.find("on the beach 1"), "conversation_id") == conversation);
    // The work is done; a person's answer leads to another reply from the beach.
    const auto resolved =
        box.call.post("/api/v1/conversations/" + conversation + "/status", {{"status", "resolved"}});
    BOOST_TEST(resolved.status == 200, resolved.body);
    const auto answer =
        box.call.post("/api/v1/messages",
                      {{"conversation_id", conversation}, {"type", "email"}, {"text", "it left today"}});
    BOOST_TEST(answer.status == 202, answer.body);
    BOOST_REQUIRE(gateway.eventually([&] { return box.find("on the beach 2").is_object(); }));
    std::this_thread::sleep_for(2500ms);
    BOOST_TEST(textAt(box.conversation(conversation), "status") == "resolved");
    BOOST_TEST(box.messages("&direction=out").size() == 2U);
    const auto ours = mailsIn(dovecot.maildir("ada"));
    BOOST_TEST(ours.size() == 2U);
    for (const std::string& mail : ours) {
        const bool is_automatic = mail.find("We got it.") != std::string::npos;
        BOOST_TEST(headerOf(mail, "Auto-Submitted") == (is_automatic ? "auto-replied" : ""));
        BOOST_TEST(headerOf(mail, "List-Unsubscribe").starts_with("<mailto:sales@example.test?") ==
                   is_automatic);
    }

    // A word of her own brings it back.
    write("q2@client", "thank you", "In-Reply-To: <q1@client>\r\n");
    BOOST_REQUIRE(gateway.eventually([&] { return box.find("thank you").is_object(); }));
    BOOST_TEST(textAt(box.find("thank you"), "conversation_id") == conversation);
    BOOST_TEST(textAt(box.conversation(conversation), "status") == "open");
    BOOST_TEST(gateway.stop() == 0);
}

BOOST_AUTO_TEST_CASE(an_archive_of_years_keeps_nobody_waiting) {
    if (!hasDovecot()) return;
    constexpr int kOld = 1'500;
    DovecotServer dovecot({"sales"});
    for (int i = 0; i < kOld; ++i) {
        dovecot.deliver("sales",
                        mailFrom("bob@example.net", "sales@example.test", "o" + std::to_string(i) + "@x",
                                 "Old " + std::to_string(i), "old"),
                        "Archive");
    }
    dovecot.deliver("sales",
                    mailFrom("sales@example.test", "ada@example.net", "s1@x", "Hello", "sent elsewhere"),
                    "Sent");
    dovecot.deliver("sales", mailFrom("ada@example.net", "sales@example.test", "n1@x", "New", "new"));
    Gateway gateway(mailAccount("sales", dovecot.imapPort(), 0, ", folders: [Archive, Sent, INBOX]"));
    gateway.start();
    Box box(gateway);

    const auto positionOf = [&](const std::string& id) -> std::int64_t {
        std::string from = "0";
        std::int64_t position = 0;
        for (int page = 0; page < 3 && !from.empty(); ++page) {
            const Json found = box.call.json("/api/v1/events?limit=200&from=" + from);
            for (const Json& event : found["items"]) {
                if (dumpJson(event).find("\"" + id + "\"") != std::string::npos) return position;
                ++position;
            }
            from = textAt(found, "next");
        }
        return -1;
    };
    // INBOX at once, Sent after one page of the archive, whatever the order they are written in.
    BOOST_TEST(gateway.eventually([&] { return positionOf("n1@x") >= 0 && positionOf("s1@x") >= 0; }));
    BOOST_TEST(positionOf("n1@x") < 5);
    BOOST_TEST(positionOf("s1@x") < 450);
    BOOST_TEST(gateway.eventually(
                   [&] {
                       const Json account = box.call.json("/api/v1/accounts")["items"][0];
                       return numberAt(memberAt(account, "sync"), "fetched") >= kOld + 2;
                   },
                   120s),
               dumpJson(box.call.json("/api/v1/accounts")));
    BOOST_TEST(gateway.stop() == 0);
}

}  // namespace
}  // namespace signalbox
