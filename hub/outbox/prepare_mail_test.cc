#include <boost/test/unit_test.hpp>

#include "hub/outbox/outbox.h"
#include "tests/support/mail_fixture.h"

namespace signalbox {
namespace {

Json listOf(const std::vector<std::string>& addresses) {
    Json list = Json::array();
    for (const std::string& address : addresses) list.push_back({{"name", ""}, {"address", address}});
    return list;
}

// To and Cc of what is sent, as «a@x b@x | c@x».
std::string shown(const PreparedRequest& prepared) {
    const auto content = parseJson(prepared.draft.content);
    std::string text;
    for (const char* role : {"to", "cc"}) {
        if (role == std::string_view("cc")) text += " |";
        for (const Json& one : memberAt(*content, role))
            text += (text.empty() ? "" : " ") + textAt(one, "address");
    }
    return text;
}

// A thread in which Carl writes to sales@ with a copy for Dora.
struct Thread : MailFixture {
    Thread() {
        const Account wa{0, kDefaultOrg, "wa", "whatsapp_cloud", "whatsapp", "DE", false};
        if (!accounts.replace(*store, ids, clock,
                              {*accounts.byName("sales"), *accounts.byName("support"), wa}))
            throw std::runtime_error("accounts");
        outbox.cleanHtmlWith([](std::string_view html) -> Outbox::CleanHtml {
            return {"sent:" + std::string(html), "shown:" + std::string(html), "plain"};
        });
        come({"carl@x", "carl@example.org"}, listOf({"sales@example.com"}), listOf({"dora@example.org"}));
        conversation = conversationOf("carl@x");
    }
    ~Thread() { store->close(); }  // the outbox listens to its commits

    void come(const MailText& mail, const Json& to, const Json& cc = {}, const Json& reply_to = {}) {
        std::vector<FetchedMail> page;
        page.push_back(fetched(mail, ++uid));
        Json& content = page[0].envelopes[0].content;
        content = {{"from", listOf({mail.from})}, {"to", to}};
        if (!cc.empty()) content["cc"] = cc;
        if (!reply_to.empty()) content["reply_to"] = reply_to;
        for (const char* role : {"to", "cc", "reply_to"}) {
            for (const Json& one : memberAt(content, role))
                page[0].mail->parties.push_back({role, textAt(one, "address"), ""});
        }
        accept(std::move(page));
    }
    // An answer of Dora's to us alone.
    void doraJoins() {
        come({"dora@x", "dora@example.org", "Re: Offer", "me too", {"carl@x"}},
             listOf({"sales@example.com"}));
    }
    std::string idOf(const std::string& message_id) {
        for (const Json& message : messages())
            if (textAt(message, "external_id") == message_id) return textAt(message, "id");
        return "";
    }
    Result<PreparedRequest> answer(Json request, const RequestSource& source = {kDefaultOrg, "user:usr_1"}) {
        request["conversation_id"] = conversation;
        request["type"] = "email";
        request["text"] = "our answer";
        return outbox.prepare(request, source);
    }
    std::string goesTo(const Json& request) {
        const auto prepared = answer(request);
        return prepared ? shown(*prepared) : prepared.error().message;
    }

    std::int64_t uid = 0;
    std::string conversation;
    Outbox outbox{*store, ids, clock, accounts, log, inbox, files, mails.get()};
};

}  // namespace

BOOST_AUTO_TEST_CASE(an_answer_goes_to_the_one_who_wrote_the_mail_that_is_answered) {
    Thread thread;
    thread.doraJoins();

    const auto newest = thread.answer(Json::object());
    const auto first = thread.answer({{"reply_to", thread.idOf("carl@x")}});

    BOOST_REQUIRE(newest.ok());
    BOOST_TEST(shown(*newest) == "dora@example.org |");
    BOOST_TEST(newest->to.value == "dora@example.org");
    BOOST_TEST(textAt(*parseJson(newest->draft.content), "in_reply_to") == "dora@x");
    BOOST_REQUIRE(first.ok());
    BOOST_TEST(shown(*first) == "carl@example.org |");
    const Json content = *parseJson(first->draft.content);
    BOOST_TEST(textAt(content, "in_reply_to") == "carl@x");
    BOOST_TEST(dumpJson(content["references"]) == R"(["carl@x"])");
    BOOST_TEST(textAt(content["from"][0], "address") == "sales@example.com");
    BOOST_TEST(thread.goesTo({{"in_reply_to", "<carl@x>"}}) == "carl@example.org |");
}

BOOST_AUTO_TEST_CASE(machines_and_colleagues_are_not_whom_an_answer_means) {
    Thread thread;
    thread.come({"more@x", "carl@example.org", "Re: Offer", "more", {"carl@x"}},
                listOf({"sales@example.com"}), listOf({"robot@example.net", "support@example.com"}));
    thread.doraJoins();
    thread.come({"away@x", "dora@example.org", "Away", "I am away", {"dora@x"}, "auto_reply"},
                listOf({"sales@example.com"}));
    thread.come({"robot@x", "robot@example.net", "Offer", "logged", {"dora@x"}, "auto_generated"},
                listOf({"sales@example.com"}));
    thread.come({"colleague@x", "support@example.com", "Re: Offer", "take it?", {"dora@x"}},
                listOf({"sales@example.com"}));

    BOOST_TEST(thread.goesTo(Json::object()) == "dora@example.org |");
    // Who is meant all the same is named.
    BOOST_TEST(thread.goesTo({{"reply_to", thread.idOf("colleague@x")}}) == "support@example.com |");
}

BOOST_AUTO_TEST_CASE(an_answer_goes_where_the_sender_wants_it) {
    Thread thread;
    const auto wanted = [&](const char* id, const Json& to, const Json& reply_to, const char* kind = "none") {
        thread.come({id, "form@hosting.example", "Offer", id, {"carl@x"}, kind}, to, {}, reply_to);
        return thread.goesTo({{"reply_to", thread.idOf(id)}});
    };
    // The sender must belong to the thread to write in it.
    thread.come({"in@x", "dora@example.org", "Re: Offer", "in", {"carl@x"}}, listOf({"sales@example.com"}),
                listOf({"form@hosting.example"}));
    const Json us = listOf({"sales@example.com"});

    BOOST_TEST(wanted("a@x", us, listOf({"carla@example.org"})) == "carla@example.org |");
    BOOST_TEST(wanted("b@x", us, Json()) == "form@hosting.example |");
    BOOST_TEST(wanted("c@x", us, listOf({"carla@example.org", "dora@example.org"})) ==
               "carla@example.org dora@example.org |");
    // The program of a list put itself there.
    const Json list = listOf({"list@example.org"});
    BOOST_TEST(wanted("d@x", list, list, "list") == "form@hosting.example |");
    BOOST_TEST(wanted("e@x", us, listOf({"sales+17@example.com"})) == "form@hosting.example |");
}

BOOST_AUTO_TEST_CASE(an_answer_to_all_goes_to_everybody_else_once) {
    Thread thread;
    thread.come({"all@x", "dora@example.org", "Re: Offer", "all", {"carl@x"}},
                listOf({"Sales@example.com", "carl@example.org", "support+7@example.com"}),
                listOf({"eve@example.org", "dora@example.org"}));

    BOOST_TEST(thread.goesTo({{"reply_all", true}}) == "dora@example.org carl@example.org | eve@example.org");
    BOOST_TEST(thread.goesTo({{"reply_all", true},
                              {"to", "fay@example.org"},
                              {"cc", {"carl@example.org", "gus@example.org"}}}) ==
               "dora@example.org carl@example.org fay@example.org | eve@example.org gus@example.org");
    BOOST_TEST(thread.goesTo(Json::object()) == "dora@example.org |");
}

BOOST_AUTO_TEST_CASE(a_mail_of_ours_is_followed_up_where_it_went) {
    Thread thread;
    const auto sent =
        thread.answer({{"to", {"dora@example.org", "eve@example.org"}}, {"cc", "gus@example.org"}});
    BOOST_REQUIRE_MESSAGE(sent.ok(), (sent ? "" : sent.error().message));
    BOOST_TEST(shown(*sent) == "dora@example.org eve@example.org | gus@example.org");
    Queued queued;
    BOOST_REQUIRE(
        thread.store->writeAndWait([&](Tx& tx) { queued = thread.outbox.enqueue(tx, *sent); }).ok());
    const Json to_ours = {{"reply_to", idText(kMessageId, queued.message)}};

    BOOST_TEST(thread.goesTo(to_ours) == "dora@example.org eve@example.org |");
    Json to_all = to_ours;
    to_all["reply_all"] = true;
    BOOST_TEST(thread.goesTo(to_all) == "dora@example.org eve@example.org | gus@example.org");
    // Nobody has written since: the answer goes on with Carl.
    BOOST_TEST(thread.goesTo(Json::object()) == "carl@example.org |");
}

BOOST_AUTO_TEST_CASE(whoever_is_let_into_a_private_conversation_answers_there_and_brings_nobody_in) {
    Thread thread;
    const auto made = thread.store->writeAndWait(
        [](Tx& tx) { tx.exec("UPDATE accounts SET private_to = 5 WHERE name = 'sales'", {}); });
    BOOST_REQUIRE(made.ok());
    BOOST_REQUIRE(thread.accounts
                      .replace(*thread.store, thread.ids, thread.clock,
                               {*thread.accounts.byName("sales"), *thread.accounts.byName("support")})
                      .ok());
    const auto outcome = [&](const Json& request, Id user) {
        RequestSource source{kDefaultOrg, "user:usr_1"};
        source.user = user;
        const auto prepared = thread.answer(request, source);
        return prepared ? shown(*prepared) : prepared.error().code;
    };

    BOOST_TEST(outcome({{"reply_all", true}}, 9) == "carl@example.org | dora@example.org");
    BOOST_TEST(outcome({{"to", "dora@example.org"}}, 9) == "dora@example.org |");
    for (const char* role : {"to", "cc", "bcc"})
        BOOST_TEST(outcome({{role, "mallory@example.org"}}, 9) == "account_private", role);
    BOOST_TEST(outcome({{"to", "mallory@example.org"}}, 5) == "mallory@example.org |");
}

BOOST_AUTO_TEST_CASE(people_see_the_html_as_it_may_be_shown) {
    Thread thread;

    const auto prepared = thread.answer({{"html", "<p>"}});

    BOOST_REQUIRE(prepared.ok());
    BOOST_TEST(textAt(*parseJson(prepared->draft.content), "html") == "shown:<p>");
    BOOST_TEST(textAt(memberAt(*parseJson(prepared->request), "content"), "html") == "sent:<p>");
}

BOOST_AUTO_TEST_CASE(an_old_mail_that_is_fetched_late_is_not_the_newest) {
    Thread thread;
    thread.doraJoins();
    std::vector<FetchedMail> late;
    late.push_back(fetched({"late@x", "carl@example.org", "Re: Offer", "late", {"carl@x"}}, 90));
    late[0].envelopes[0].provider_time = thread.clock.now() - std::chrono::hours(48);
    late[0].envelopes[0].content["from"] = listOf({"carl@example.org"});
    thread.accept(std::move(late));

    BOOST_TEST(thread.goesTo(Json::object()) == "dora@example.org |");
}

BOOST_AUTO_TEST_CASE(what_only_mails_can_is_refused_elsewhere) {
    Thread thread;
    const auto refused = [&](Json request) {
        request["text"] = "x";
        const auto prepared = thread.outbox.prepare(request, {kDefaultOrg, "user:usr_1"});
        return prepared ? "" : prepared.error().message;
    };

    BOOST_TEST(refused({{"account", "wa"}, {"to", Json::array({"a@x.org"})}}).starts_with("to: only mails"));
    BOOST_TEST(refused({{"account", "wa"}, {"to", "+4930123456"}, {"request_receipt", true}}) ==
               "request_receipt: only mails ask for a receipt");
    BOOST_TEST(refused({{"account", "sales"},
                        {"to", "a@x.org"},
                        {"subject", "s"},
                        {"attachments", {{{"url", "https://example.org/a.pdf"}}}}})
                   .starts_with("attachments[0].url: a mail carries files that lie here"));
}

}  // namespace signalbox
