// Mailboxes end to end: the real daemon, a real Dovecot and a real Postfix on the loopback, and a foreign
// client that speaks plain SMTP and reads its own Maildir. Left out, with a word, where the programs are not
// installed.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <map>
#include <set>

#include "tests/support/mail_client.h"

namespace signalbox {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

// Where daemons share a database, what a dead one held is free after a minute or two; else at once.
std::chrono::seconds untilLeasesEnd(const Gateway& gateway, std::chrono::seconds else_within) {
    return gateway.database().starts_with("sqlite") ? else_within : 180s;
}

BOOST_AUTO_TEST_CASE(a_mailbox_is_fetched_followed_and_marked_without_losing_or_doubling_a_mail) {
    if (!hasDovecot()) return;
    DovecotServer dovecot({"sales", "support"});
    dovecot.deliver("sales",
                    mailFrom("ada@example.net", "sales@example.test", "a1@x", "Offer", "first mail"));
    Gateway gateway(mailAccount("sales", dovecot.imapPort()) + mailAccount("support", dovecot.imapPort()));
    gateway.start();
    Box box(gateway);

    BOOST_REQUIRE(gateway.eventually([&] { return box.find("first mail").is_object(); }));
    // IDLE: what comes now is there at once; a reply joins, a second mailbox adds a place only.
    dovecot.deliver("sales", mailFrom("ada@example.net", "sales@example.test", "a2@x", "Re: Offer",
                                      "second mail", "In-Reply-To: <a1@x>\r\nReferences: <a1@x>\r\n"));
    dovecot.deliver("support",
                    mailFrom("ada@example.net", "sales@example.test", "a1@x", "Offer", "first mail"));
    // Written in another program, saved in Sent: joins the thread as ours.
    dovecot.deliver("sales",
                    mailFrom("sales@example.test", "ada@example.net", "s1@x", "Re: Offer", "our own answer",
                             "In-Reply-To: <a2@x>\r\nReferences: <a1@x> <a2@x>\r\n"),
                    "Sent");
    BOOST_REQUIRE(gateway.eventually([&] { return box.messages().size() == 3U; }));

    const Json first = box.find("first mail"), second = box.find("second mail"), ours = box.find("our own");
    BOOST_TEST(textAt(first, "conversation_id") == textAt(second, "conversation_id"));
    BOOST_TEST(textAt(first, "conversation_id") == textAt(ours, "conversation_id"));
    BOOST_TEST(textAt(ours, "direction") == "out");
    // Moved to another folder, or the mailbox numbered anew: no new message.
    dovecot.kill();
    dovecot.deliver("sales",
                    mailFrom("ada@example.net", "sales@example.test", "a3@x", "Third", "third mail"));
    fs::remove(fs::path(dovecot.maildir("sales")) / "dovecot-uidlist");
    dovecot.start();
    box.call.post("/api/v1/accounts/sales/fetch", Json::object());
    BOOST_REQUIRE(gateway.eventually([&] { return box.find("third mail").is_object(); }, 60s));
    std::this_thread::sleep_for(500ms);
    BOOST_TEST(box.messages().size() == 4U);
    for (const Json& one : box.call.json("/api/v1/accounts")["items"]) {
        BOOST_TEST(textAt(one, "state") == "connected");
        BOOST_TEST(textAt(one["sync"], "last_sync_at") != "");
    }
    BOOST_TEST(gateway.stop() == 0);
}

BOOST_AUTO_TEST_CASE(killed_at_any_moment_it_fetches_each_mail_once) {
    if (!hasDovecot()) return;
    constexpr int kMails = 120;
    DovecotServer dovecot({"sales"});
    Gateway gateway(mailAccount("sales", dovecot.imapPort()));
    int delivered = 0;
    for (int life = 0; life < 4; ++life) {
        gateway.start();
        for (int i = 0; i < kMails / 4; ++i) {
            const std::string number = std::to_string(delivered++);
            dovecot.deliver("sales", mailFrom("ada@example.net", "sales@example.test", "m" + number + "@x",
                                              "Mail " + number, "text " + number + "."));
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(40 * life));
        gateway.kill9();
    }
    gateway.start();
    Box box(gateway);

    BOOST_TEST(
        gateway.eventually([&] { return box.messages().size() == kMails; }, untilLeasesEnd(gateway, 60s)));

    std::map<std::string, int> counts;
    for (const Json& message : box.messages()) ++counts[textAt(message, "text")];
    BOOST_TEST(counts.size() == static_cast<std::size_t>(kMails));
    BOOST_TEST(gateway.stop() == 0);
}

BOOST_AUTO_TEST_CASE(a_conversation_with_a_foreign_client_holds_together) {
    if (!hasPostfix()) return;
    DovecotServer dovecot({"sales", "support", "ada"});
    PostfixServer postfix(dovecot, "example.test", {"sales", "support", "ada"});
    Gateway gateway(mailAccount("sales", dovecot.imapPort(), postfix.smtpPort()) +
                    mailAccount("support", dovecot.imapPort(), postfix.smtpPort()));
    gateway.start();
    Box box(gateway);
    SmtpClient client(postfix.smtpPort());

    // She asks, we answer, she answers our answer.
    client.send("ada@example.test", "sales@example.test",
                mailFrom("Ada <ada@example.test>", "sales@example.test", "q1@client", "Grüße", "a question"));
    BOOST_REQUIRE(gateway.eventually([&] { return box.find("a question").is_object(); }));
    const std::string conversation = textAt(box.find("a question"), "conversation_id");
    const auto sent = box.call.post("/api/v1/messages", {{"conversation_id", conversation},
                                                         {"type", "email"},
                                                         {"text", "our answer"},
                                                         {"html", "<p>our <b>answer</b></p>"}});
    BOOST_REQUIRE_MESSAGE(sent.status == 202, sent.body);
    BOOST_REQUIRE(gateway.eventually([&] { return mailsIn(dovecot.maildir("ada")).size() == 1U; }));
    const std::string answer = mailsIn(dovecot.maildir("ada")).front();
    BOOST_TEST(headerOf(answer, "In-Reply-To") == "<q1@client>");
    BOOST_TEST(headerOf(answer, "References") == "<q1@client>");
    BOOST_TEST(headerOf(answer, "Message-ID").starts_with("<m."));
    BOOST_TEST(answer.find("multipart/alternative") != std::string::npos);
    client.send("ada@example.test", "sales@example.test",
                mailFrom("Ada <ada@example.test>", "sales@example.test", "q2@client", "AW: anything",
                         "her second mail", "In-Reply-To: " + headerOf(answer, "Message-ID") + "\r\n"));
    BOOST_REQUIRE(gateway.eventually([&] { return box.find("her second mail").is_object(); }));
    // Another subject: a conversation of its own. The same subject stays.
    BOOST_TEST(textAt(box.find("her second mail"), "conversation_id") != conversation);
    client.send("ada@example.test", "sales@example.test",
                mailFrom("Ada <ada@example.test>", "sales@example.test", "q3@client",
                         "Re: =?utf-8?q?Gr=C3=BC=C3=9Fe?=", "her third mail",
                         "References: <q1@client> " + headerOf(answer, "Message-ID") + "\r\n"));
    BOOST_REQUIRE(gateway.eventually([&] { return box.find("her third mail").is_object(); }));
    BOOST_TEST(textAt(box.find("her third mail"), "conversation_id") == conversation);
    // Our answer is in Sent, once, and became no second message here.
    BOOST_TEST(gateway.eventually(
        [&] { return mailsIn(fs::path(dovecot.maildir("sales")) / ".Sent").size() == 1U; }));
    std::this_thread::sleep_for(2500ms);
    BOOST_TEST(box.messages("&direction=out").size() == 1U);

    // A vacation program answers: shown in the thread, and no event that a workflow waits for.
    client.send(
        "ada@example.test", "sales@example.test",
        mailFrom("Ada <ada@example.test>", "sales@example.test", "v1@client", "Out of office", "I am away",
                 "In-Reply-To: " + headerOf(answer, "Message-ID") + "\r\nAuto-Submitted: auto-replied\r\n"));
    BOOST_REQUIRE(gateway.eventually([&] { return box.find("I am away").is_object(); }));
    BOOST_TEST(textAt(box.find("I am away"), "conversation_id") == conversation);

    // To nobody: the bounce tells the message that it failed, for good, with the code.
    const auto lost = box.call.post("/api/v1/messages", {{"account", "sales"},
                                                         {"to", "nobody@bounce.test"},
                                                         {"type", "email"},
                                                         {"subject", "Hello"},
                                                         {"text", "into the void"}});
    BOOST_REQUIRE_MESSAGE(lost.status == 202, lost.body);
    const std::string lost_id = textAt(*parseJson(lost.body), "id");
    BOOST_TEST(gateway.eventually(
        [&] { return textAt(box.call.json("/api/v1/messages/" + lost_id), "status") == "failed"; }));
    const Json failed = box.call.json("/api/v1/messages/" + lost_id);
    BOOST_TEST(dumpJson(failed).find("5.1.1") != std::string::npos);
    BOOST_TEST(dumpJson(failed).find("nobody@bounce.test") != std::string::npos);
    // Machines write there no more until somebody takes it off the list.
    BOOST_TEST(gateway.eventually([&] {
        const Json kept = box.call.json("/api/v1/mail/suppressions?q=nobody")["items"];
        return kept.size() == 1U && textAt(kept[0], "reason") == "hard_bounce";
    }));
    BOOST_TEST(gateway.stop() == 0);
}

BOOST_AUTO_TEST_CASE(a_prepared_text_leaves_as_a_mail_and_its_receipt_is_told) {
    if (!hasPostfix()) return;
    DovecotServer dovecot({"sales", "ada"});
    PostfixServer postfix(dovecot, "example.test", {"sales", "ada"});
    Gateway gateway(mailAccount("sales", dovecot.imapPort(), postfix.smtpPort()));
    gateway.start();
    Box box(gateway);
    const auto prepared = box.call.post("/api/v1/templates", {{"name", "order_ready"},
                                                              {"subject", "Order {{order}}"},
                                                              {"text", "Order {{order}} waits for you."},
                                                              {"html", "<p>Order <b>{{order}}</b></p>"}});
    BOOST_REQUIRE_MESSAGE(prepared.status == 201, prepared.body);
    Json request = {{"account", "sales"},
                    {"to", "ada@example.test"},
                    {"type", "email"},
                    {"template_id", textAt(*parseJson(prepared.body), "id")}};

    const auto incomplete = box.call.post("/api/v1/messages", request);
    request["variables"] = {{"order", "17 & 18"}};
    const auto sent = box.call.post("/api/v1/messages", request);

    BOOST_TEST(incomplete.status == 422);
    BOOST_REQUIRE_MESSAGE(sent.status == 202, sent.body);
    BOOST_REQUIRE(gateway.eventually([&] { return mailsIn(dovecot.maildir("ada")).size() == 1U; }));
    const std::string mail = mailsIn(dovecot.maildir("ada")).front();
    BOOST_TEST(headerOf(mail, "Subject") == "Order 17 & 18");
    BOOST_TEST(mail.find("Order 17 & 18 waits for you.") != std::string::npos);
    BOOST_TEST(mail.find("<b>17 &amp; 18</b>") != std::string::npos);

    // Her mail program tells that she has read it (RFC 8098).
    const std::string original = headerOf(mail, "Message-ID");
    SmtpClient client(postfix.smtpPort());
    client.send("ada@example.test", "sales@example.test",
                "From: ada@example.test\r\nTo: sales@example.test\r\nSubject: Read: Order 17 & 18\r\n"
                "Message-ID: <mdn1@client>\r\nDate: Thu, 26 Nov 2026 08:00:00 +0000\r\nMIME-Version: 1.0\r\n"
                "Content-Type: multipart/report; report-type=disposition-notification; boundary=b\r\n\r\n"
                "--b\r\nContent-Type: text/plain\r\n\r\nIt was displayed.\r\n--b\r\n"
                "Content-Type: message/disposition-notification\r\n\r\n"
                "Final-Recipient: rfc822; ada@example.test\r\nOriginal-Message-ID: " +
                    original +
                    "\r\nDisposition: manual-action/MDN-sent-manually; displayed\r\n\r\n--b--\r\n");
    const std::string id = textAt(*parseJson(sent.body), "id");
    BOOST_TEST(gateway.eventually(
        [&] { return textAt(box.call.json("/api/v1/messages/" + id), "status") == "read"; }));
    BOOST_TEST(gateway.stop() == 0);
}

// The link in a mail that the daemon wrote; quoted-printable is undone as far as it matters.
std::string tokenIn(std::string mail, const std::string& prefix) {
    for (const auto& [coded, plain] : {std::pair{"=\r\n", ""}, {"=\n", ""}, {"=3D", "="}}) {
        for (auto at = mail.find(coded); at != std::string::npos; at = mail.find(coded))
            mail.replace(at, std::string(coded).size(), plain);
    }
    const auto begin = mail.find(prefix);
    return begin == std::string::npos ? "" : mail.substr(begin, mail.find_first_of(" \r\n\"", begin) - begin);
}

BOOST_AUTO_TEST_CASE(invitations_and_new_passwords_go_by_mail_and_stay_out_of_the_inbox) {
    if (!hasPostfix()) return;
    DovecotServer dovecot({"office", "ada"});
    PostfixServer postfix(dovecot, "example.test", {"office", "ada"});
    Gateway gateway(mailAccount("office", dovecot.imapPort(), postfix.smtpPort()));
    gateway.start();
    Box box(gateway);
    const auto set = box.call.put("/api/v1/settings/mail",
                                  R"({"account":"office","invitation_url":"https://x.test/join?t={token}",)"
                                  R"("reset_url":"https://x.test/new?t={token}"})");
    BOOST_REQUIRE_MESSAGE(set.status == 200, set.body);

    const auto invited =
        box.call.post("/api/v1/invitations", {{"email", "ada@example.test"}, {"role", "agent"}});
    BOOST_REQUIRE_MESSAGE(invited.status == 201, invited.body);
    BOOST_TEST(flagAt(*parseJson(invited.body), "is_mailed"));
    BOOST_TEST(invited.body.find("sbi_") == std::string::npos);
    BOOST_REQUIRE(gateway.eventually([&] { return mailsIn(dovecot.maildir("ada")).size() == 1U; }));
    const std::string token = tokenIn(mailsIn(dovecot.maildir("ada")).front(), "sbi_");
    const auto accepted =
        box.call.post("/api/v1/invitations/accept",
                      {{"token", token}, {"name", "Ada"}, {"password", "a long one for the test"}});
    BOOST_REQUIRE_MESSAGE(accepted.status == 201, accepted.body);

    const Json session = box.call.json("/api/v1/me");
    const std::string organization = textAt(memberAt(session, "organization"), "name");
    for (const char* who : {"ada@example.test", "nobody@example.test"}) {
        const auto asked = box.call.post("/api/v1/password-resets/requests",
                                         {{"organization", organization}, {"email", who}});
        BOOST_TEST(asked.status == 202, asked.body);
    }
    BOOST_REQUIRE(gateway.eventually([&] { return mailsIn(dovecot.maildir("ada")).size() == 2U; }));
    std::string reset;
    for (const std::string& mail : mailsIn(dovecot.maildir("ada"))) {
        if (const std::string found = tokenIn(mail, "sbr_"); !found.empty()) reset = found;
    }
    BOOST_TEST(
        box.call.post("/api/v1/password-resets", {{"token", reset}, {"password", "another long one for it"}})
            .status == 204);

    std::this_thread::sleep_for(2500ms);
    BOOST_TEST(box.messages().empty());
    BOOST_TEST(mailsIn(fs::path(dovecot.maildir("office")) / ".Sent").empty());
    BOOST_TEST(gateway.stop() == 0);
}

BOOST_AUTO_TEST_CASE(killed_while_it_sends_no_mail_arrives_twice_and_none_is_missing_silently) {
    if (!hasPostfix()) return;
    constexpr int kMails = 24;
    DovecotServer dovecot({"sales", "ada"});
    PostfixServer postfix(dovecot, "example.test", {"sales", "ada"});
    Gateway gateway(mailAccount("sales", dovecot.imapPort(), postfix.smtpPort()));
    int number = 0;
    // Twice: what a process dies of three times is given up as poison (hub/outbox).
    for (int life = 0; life < 2; ++life) {
        gateway.start();
        HttpCall call(gateway.port(), gateway.token());
        for (int i = 0; i < kMails / 2; ++i, ++number) {
            const auto queued = call.post("/api/v1/messages", {{"account", "sales"},
                                                               {"to", "ada@example.test"},
                                                               {"type", "email"},
                                                               {"subject", "Mail " + std::to_string(number)},
                                                               {"text", "number " + std::to_string(number)}});
            BOOST_REQUIRE_MESSAGE(queued.status == 202, queued.body);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(60 * life));
        gateway.kill9();
    }
    gateway.start();

    // A mail whose end the process did not live to see is not handed in again, and a person is told.
    Box box(gateway);
    BOOST_TEST(gateway.eventually(
        [&] {
            const Json all = box.messages("&direction=out");
            return all.size() == kMails && std::all_of(all.begin(), all.end(), [](const Json& one) {
                       const std::string status = textAt(one, "status");
                       return status == "sent" || status == "accepted" || status == "uncertain";
                   });
        },
        untilLeasesEnd(gateway, 150s)));
    const Json all = box.messages("&direction=out");
    const auto unknown = static_cast<std::size_t>(std::count_if(
        all.begin(), all.end(), [](const Json& one) { return textAt(one, "status") == "uncertain"; }));
    BOOST_TEST_INFO_SCOPE(dumpJson(all));
    std::multiset<std::string> ids;
    BOOST_TEST(gateway.eventually([&] {
        ids.clear();
        for (const std::string& mail : mailsIn(dovecot.maildir("ada")))
            ids.insert(headerOf(mail, "Message-ID"));
        return ids.size() + unknown >= kMails;
    }));
    for (const std::string& id : ids) BOOST_TEST(ids.count(id) == 1U, id);
    BOOST_TEST(gateway.stop() == 0);
}

}  // namespace
}  // namespace signalbox
