// What machines of ours may answer, with mail as it comes in.
#include "hub/outbox/machine_mail.h"

#include <boost/test/unit_test.hpp>

#include "hub/outbox/outbox.h"
#include "tests/support/mail_fixture.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

struct MachineFixture : MailFixture {
    ~MachineFixture() { store->close(); }

    // A mail whose headers say that machines are not to answer; the message's number.
    void come(MailText mail, bool may_auto_reply, const std::string& reply_to = "") {
        std::vector<FetchedMail> page;
        page.push_back(fetched(mail, ++uid));
        page[0].mail->may_auto_reply = may_auto_reply;
        if (!reply_to.empty()) {
            page[0].mail->parties.push_back({"reply_to", reply_to, ""});
            page[0].envelopes[0].content["reply_to"] = Json::array({{{"name", ""}, {"address", reply_to}}});
        }
        accept(std::move(page));
    }
    // «sent», or the code of the refusal.
    std::string answer(const std::string& message_id, const std::string& author = "workflow:w") {
        return send({{"conversation_id", conversationOf(message_id)}, {"type", "email"}, {"text", "hello"}},
                    author);
    }
    std::string write(const std::string& to, const std::string& author = "workflow:w") {
        return send({{"account", "sales"}, {"to", to}, {"type", "email"}, {"subject", "s"}, {"text", "t"}},
                    author);
    }
    std::string send(const Json& request, const std::string& author) {
        const auto prepared = outbox.prepare(request, {kDefaultOrg, author});
        if (!prepared) return prepared.error().code;
        const auto written = store->writeAndWait([&](Tx& tx) { outbox.enqueue(tx, *prepared); });
        if (!written) throw std::runtime_error(written.error().message);
        return "sent";
    }
    std::int64_t suspicions() {
        settle();
        return count("SELECT COUNT(*) FROM events WHERE type = 'mail.loop_suspected'");
    }

    Outbox outbox{*store, ids, clock, accounts, log, inbox, files, mails.get()};
    std::int64_t uid = 0;
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_machine_leaves_alone_what_wants_no_answer_from_machines) {
    MachineFixture hub;
    hub.come({.id = "ada@x"}, true);
    hub.come({.id = "news@x", .subject = "News", .text = "n", .auto_kind = "list"}, false);
    hub.come({.id = "oof@x", .subject = "Suppress", .text = "s"}, false);
    hub.come({.id = "dsn@x",
              .from = "mailer-daemon@example.net",
              .subject = "Failure",
              .text = "f",
              .auto_kind = "bounce"},
             false);
    hub.come({.id = "group@x", .subject = "Group", .text = "g", .auto_kind = "list"}, true);

    BOOST_TEST(hub.answer("ada@x") == "sent");
    BOOST_TEST(hub.answer("news@x") == "no_answer_wanted");
    BOOST_TEST(hub.answer("news@x", "bot:received") == "no_answer_wanted");
    BOOST_TEST(hub.answer("oof@x") == "no_answer_wanted");
    BOOST_TEST(hub.answer("dsn@x") == "no_answer_wanted");
    BOOST_TEST(hub.answer("group@x") == "sent");
    BOOST_TEST(hub.answer("news@x", "user:usr_1") == "sent");
    BOOST_TEST(hub.answer("news@x") == "sent");  // our side wrote: it goes on from there
}

BOOST_AUTO_TEST_CASE(who_filled_in_a_form_and_who_is_away_may_be_written_to) {
    MachineFixture hub;
    hub.come({.id = "form@x", .from = "noreply@forms.example", .auto_kind = "auto_generated"}, false,
             "carla@example.org");
    hub.come({.id = "ada@x", .subject = "Question", .text = "q"}, true);
    hub.come({.id = "away@x",
              .subject = "Question",
              .text = "away",
              .ancestors = {"ada@x"},
              .auto_kind = "auto_reply"},
             false);

    BOOST_TEST(hub.answer("form@x") == "sent");
    BOOST_TEST(hub.answer("ada@x") == "sent");
}

BOOST_AUTO_TEST_CASE(two_machines_that_answer_each_other_are_stopped_and_it_is_told_once) {
    MachineFixture hub;
    hub.come({.id = "m0@x"}, true);
    std::int64_t sent = 0;
    std::string code;
    for (int i = 1; i <= 20; ++i) {
        code = hub.answer("m0@x");
        if (code == "sent") ++sent;
        hub.come({.id = "m" + std::to_string(i) + "@x", .text = std::to_string(i), .ancestors = {"m0@x"}},
                 true);
        hub.clock.advance(1s);
    }
    BOOST_TEST(sent == kMostInThreadHour);
    BOOST_TEST(code == "loop_suspected");
    BOOST_TEST(hub.suspicions() == 1);

    // A person's word starts the count anew; so does the hour, up to the day's bound.
    BOOST_TEST(hub.answer("m0@x", "user:usr_1") == "sent");
    BOOST_TEST(hub.answer("m0@x") == "sent");
}

BOOST_AUTO_TEST_CASE(a_machine_whose_answers_begin_new_threads_is_stopped_too) {
    MachineFixture hub;
    std::int64_t sent = 0;
    for (int i = 0; i < 80; ++i) {
        const std::string number = std::to_string(i);
        hub.come({.id = number + "@x", .subject = "Ticket " + number, .text = number}, true);
        if (hub.answer(number + "@x") == "sent") ++sent;
    }
    BOOST_TEST(sent == kMostWithAddressHour);
    BOOST_TEST(hub.write("bob@example.net") == "sent");
}

BOOST_AUTO_TEST_CASE(a_flow_may_write_as_often_as_it_wants_to_who_does_not_answer_each_time) {
    MachineFixture hub;
    hub.come({.id = "m0@x"}, true);
    for (int i = 0; i < 20; ++i) {
        BOOST_TEST(hub.answer("m0@x") == "sent");
        BOOST_TEST(hub.write("ops@example.net") == "sent");
    }
}

}  // namespace signalbox
