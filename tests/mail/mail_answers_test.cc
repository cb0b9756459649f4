// To whom answers go and what they look like, with a real Dovecot and a real Postfix: Carl writes with copies
// for Dora and Eve, Dora answers us alone.
#include <boost/test/unit_test.hpp>

#include "tests/support/mail_client.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

const std::vector<std::string> kUsers = {"sales", "carl", "dora", "eve", "boss"};

// Quoted-printable, as far as it matters.
std::string plain(std::string mail) {
    for (const auto& [coded, text] : {std::pair{"=\r\n", ""}, {"=\n", ""}, {"=3D", "="}, {"=20", " "}}) {
        for (auto at = mail.find(coded); at != std::string::npos; at = mail.find(coded, at))
            mail.replace(at, std::string(coded).size(), text);
    }
    return mail;
}

struct StartedGateway : Gateway {
    explicit StartedGateway(const std::string& accounts) : Gateway(accounts) { start(); }
};

struct Group {
    Group() {
        come("carl", "c1@client", "Offer", "hello all", "Cc: Dora <dora@example.test>, eve@example.test\r\n");
        BOOST_REQUIRE(gateway.eventually([&] { return box.find("hello all").is_object(); }));
        conversation = textAt(box.find("hello all"), "conversation_id");
    }
    void come(const std::string& who, const std::string& id, const std::string& subject,
              const std::string& text, const std::string& headers) {
        SmtpClient client(postfix.smtpPort());
        client.send(
            who + "@example.test", "sales@example.test",
            mailFrom(who + " <" + who + "@example.test>", "sales@example.test", id, subject, text, headers));
    }
    // Empty: there is none.
    std::string mailOf(const std::string& who, const std::string& text) const {
        for (const std::string& mail : mailsIn(dovecot.maildir(who)))
            if (mail.find(text) != std::string::npos) return plain(mail);
        return "";
    }
    Json post(const std::string& path, const Json& body) {
        const auto sent = box.call.post(path, body);
        BOOST_REQUIRE_MESSAGE(sent.status == 202, sent.body);
        return *parseJson(sent.body);
    }
    Json answer(Json body) {
        body["type"] = "email";
        return post("/api/v1/conversations/" + conversation + "/messages", body);
    }
    bool arrives(const std::string& who, const std::string& text) {
        return gateway.eventually([&] { return !mailOf(who, text).empty(); }, 30s);
    }

    DovecotServer dovecot{kUsers};
    PostfixServer postfix{dovecot, "example.test", kUsers};
    StartedGateway gateway{mailAccount("sales", dovecot.imapPort(), postfix.smtpPort())};
    Box box{gateway};
    std::string conversation;
};

BOOST_AUTO_TEST_CASE(an_answer_reaches_who_wrote_and_an_answer_to_all_everybody) {
    if (!hasPostfix()) return;
    Group group;
    group.come("dora", "d1@client", "Re: Offer", "between us",
               "In-Reply-To: <c1@client>\r\nReferences: <c1@client>\r\n");
    BOOST_REQUIRE(group.gateway.eventually([&] { return group.box.find("between us").is_object(); }));

    const Json to_dora =
        group.answer({{"text", "for dora"}, {"reply_to", textAt(group.box.find("between us"), "id")}});
    BOOST_TEST(group.arrives("dora", "for dora"));
    BOOST_TEST(headerOf(group.mailOf("dora", "for dora"), "In-Reply-To") == "<d1@client>");
    BOOST_TEST(textAt(to_dora["content"]["to"][0], "address") == "dora@example.test");
    BOOST_TEST(textAt(to_dora["content"]["from"][0], "address") == "sales@example.test");

    const Json all = group.answer({{"reply_to", textAt(group.box.find("hello all"), "id")},
                                   {"reply_all", true},
                                   {"bcc", "boss@example.test"},
                                   {"request_receipt", true},
                                   {"html", "<p onclick=\"x()\">for all</p><script>steal()</script>"}});
    for (const char* who : {"carl", "dora", "eve", "boss"}) BOOST_TEST(group.arrives(who, "for all"), who);
    const std::string mail = group.mailOf("carl", "for all");
    BOOST_TEST(group.mailOf("carl", "for dora").empty());
    BOOST_TEST(headerOf(mail, "To") == "carl <carl@example.test>");
    BOOST_TEST(headerOf(mail, "Cc") == "Dora <dora@example.test>, eve@example.test");
    BOOST_TEST(headerOf(mail, "Disposition-Notification-To") == "<sales@example.test>");
    BOOST_TEST(headerOf(mail, "Bcc").empty());
    BOOST_TEST(mail.find("<p>for all</p>") != std::string::npos);
    BOOST_TEST(mail.find("steal") == std::string::npos);
    BOOST_TEST(textAt(all["content"], "html") == "<p>for all</p>");

    // The copy in Sent says whom it went to.
    std::string copy;
    BOOST_TEST(group.gateway.eventually([&] {
        for (const std::string& sent : mailsIn(fs::path(group.dovecot.maildir("sales")) / ".Sent"))
            if (sent.find("for all") != std::string::npos) copy = sent;
        return !copy.empty();
    }));
    BOOST_TEST(headerOf(copy, "Bcc") == "boss@example.test");
    // Each recipient once, and nobody without a name.
    std::vector<std::string> recipients;
    BOOST_TEST(group.gateway.eventually([&] {
        recipients.clear();
        const Json shown = group.box.call.json("/api/v1/messages/" + textAt(all, "id"));
        for (const Json& one : memberAt(shown, "deliveries")) recipients.push_back(textAt(one, "recipient"));
        return recipients.size() == 4U;
    }));
    BOOST_TEST((recipients == std::vector<std::string>{"boss@example.test", "carl@example.test",
                                                       "dora@example.test", "eve@example.test"}));
    const Json alone = group.box.call.json("/api/v1/messages/" + textAt(to_dora, "id"))["deliveries"];
    BOOST_REQUIRE(alone.size() == 1U);
    BOOST_TEST(textAt(alone[0], "recipient") == "dora@example.test");

    // Another customer's mail is answered in its own conversation.
    group.come("eve", "e1@client", "Roof", "about the roof", "");
    BOOST_REQUIRE(group.gateway.eventually([&] { return group.box.find("about the roof").is_object(); }));
    const auto mixed = group.box.call.post(
        "/api/v1/conversations/" + group.conversation + "/messages",
        {{"type", "email"}, {"text", "mixed"}, {"reply_to", textAt(group.box.find("about the roof"), "id")}});
    BOOST_TEST(mixed.status == 422, mixed.body);

    // Named, somebody else gets it in the same thread.
    group.post("/api/v1/messages", {{"conversation_id", group.conversation},
                                    {"to", {"eve@example.test"}},
                                    {"type", "email"},
                                    {"text", "for eve"}});
    BOOST_TEST(group.arrives("eve", "for eve"));
    BOOST_TEST(headerOf(group.mailOf("eve", "for eve"), "Subject") == "Re: Offer");
    BOOST_TEST(group.gateway.stop() == 0);
}

BOOST_AUTO_TEST_CASE(a_forwarded_mail_begins_a_thread_and_brings_everything_along) {
    if (!hasPostfix()) return;
    Group group;
    const std::string parts =
        "From: Carl <carl@example.test>\r\nTo: sales@example.test\r\nSubject: Plans\r\nMessage-ID: "
        "<p1@client>\r\n"
        "Date: Thu, 26 Nov 2026 08:00:00 +0000\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n"
        "Content-Type: multipart/related; boundary=r\r\n\r\n--r\r\nContent-Type: text/html\r\n\r\n"
        "<p>the <b>plan</b></p><img src=\"cid:pic@client\">\r\n--r\r\nContent-Type: image/png; "
        "name=\"p.png\"\r\n"
        "Content-ID: <pic@client>\r\nContent-Disposition: inline; "
        "filename=\"p.png\"\r\n\r\nPNGBYTES\r\n--r--\r\n"
        "--m\r\nContent-Type: text/csv; name=\"list.csv\"\r\n"
        "Content-Disposition: attachment; filename=\"list.csv\"\r\n\r\na,b\r\n--m--\r\n";
    SmtpClient client(group.postfix.smtpPort());
    client.send("carl@example.test", "sales@example.test", parts);
    BOOST_REQUIRE(group.gateway.eventually([&] { return group.box.find("the plan").is_object(); }));
    const Json original = group.box.find("the plan");

    const Json sent = group.post("/api/v1/messages/" + textAt(original, "id") + "/forward",
                                 {{"to", {"boss@example.test"}}, {"text", "please look"}});

    BOOST_TEST(textAt(sent, "forwarded_from") == textAt(original, "id"));
    BOOST_TEST(textAt(sent, "conversation_id") != textAt(original, "conversation_id"));
    BOOST_REQUIRE(group.arrives("boss", "please look"));
    const std::string mail = group.mailOf("boss", "please look");
    BOOST_TEST(headerOf(mail, "Subject") == "Fwd: Plans");
    BOOST_TEST(headerOf(mail, "In-Reply-To").empty());
    for (const char* part :
         {"---------- Forwarded message ----------", "From: Carl <carl@example.test>",
          "Date: Thu, 26 Nov 2026 08:00:00 +0000", "Subject: Plans", "To: sales@example.test",
          "the <b>plan</b>", "list.csv", "cid:inline1-p.png", "Content-Id: <inline1-p.png>"}) {
        BOOST_TEST(mail.find(part) != std::string::npos, part);
    }

    // Into a conversation it stays in that thread.
    group.post("/api/v1/messages/" + textAt(original, "id") + "/forward",
               {{"conversation_id", group.conversation}, {"text", "as promised"}});
    BOOST_REQUIRE(group.arrives("carl", "as promised"));
    BOOST_TEST(headerOf(group.mailOf("carl", "as promised"), "Subject") == "Fwd: Plans");
    BOOST_TEST(headerOf(group.mailOf("carl", "as promised"), "In-Reply-To") == "<c1@client>");
    BOOST_TEST(group.gateway.stop() == 0);
}

BOOST_AUTO_TEST_CASE(a_mail_that_waits_for_its_server_says_why_and_until_when) {
    if (!hasDovecot()) return;
    DovecotServer dovecot({"sales"});
    Gateway gateway(mailAccount("sales", dovecot.imapPort(), 1));
    gateway.start();
    Box box(gateway);
    const auto sent = box.call.post("/api/v1/messages", {{"account", "sales"},
                                                         {"to", "ada@example.test"},
                                                         {"type", "email"},
                                                         {"subject", "Hello"},
                                                         {"text", "x"}});
    BOOST_REQUIRE_MESSAGE(sent.status == 202, sent.body);
    const std::string id = textAt(*parseJson(sent.body), "id");

    Json message;
    BOOST_TEST(gateway.eventually([&] {
        message = box.call.json("/api/v1/messages/" + id);
        return !textAt(message, "next_attempt_at").empty();
    }));

    BOOST_TEST(textAt(message, "status") == "queued");
    BOOST_TEST(textAt(memberAt(message, "error"), "message") != "", dumpJson(message));
    BOOST_TEST(textAt(box.messages()[0], "next_attempt_at") == textAt(message, "next_attempt_at"));
    BOOST_TEST(gateway.stop() == 0);
}

}  // namespace
}  // namespace signalbox
