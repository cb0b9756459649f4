#include "hub/answers/automatic.h"

#include <boost/test/unit_test.hpp>

#include "hub/answers/templates.h"
#include "tests/support/outbox_fixture.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

struct AnswersFixture : OutboxFixture {
    AnswersFixture() { answers.step(); }  // what came before is not answered

    void setRule(const std::string& kind, const std::string& text, const std::string& account = "") {
        AnswerRule rule;
        rule.kind = kind;
        rule.text = text;
        rule.account = account.empty() ? 0 : accounts.byName(account)->id;
        rule.period = 1h;
        write([&](Tx& tx) { (void)saveAnswerRule(tx, me, rule, {}, clock.now()); });
        answers.rulesChanged();
    }
    void say(const std::string& phone, const std::string& text) {
        accept({textFrom(phone, text, "wamid." + std::to_string(++count))});
        while (answers.step()) {
        }
        settle();
    }
    // Texts of our answers, oldest first.
    std::vector<std::string> sent() {
        std::vector<std::string> texts;
        const Json all = messages();
        for (auto message = all.rbegin(); message != all.rend(); ++message)
            if ((*message)["direction"] == "out")
                texts.push_back((*message)["author"].get<std::string>() + ": " +
                                (*message)["text"].get<std::string>());
        return texts;
    }

    const Actor me{kDefaultOrg, 7, 7, "user:me"};
    bool is_open = true;
    int count = 0;
    AutomaticAnswers answers{
        {*store, clock, accounts, log, outbox, [this](Id, const std::string& calendar, TimePoint) {
             return calendar == "default" ? std::optional(is_open) : std::nullopt;
         }}};
};

using Texts = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_CASE(a_first_message_is_greeted_once_and_others_get_a_receipt_once_a_period) {
    AnswersFixture hub;
    hub.setRule("greeting", "Welcome {{person.name}}");
    hub.setRule("received", "Got it");

    hub.say("+4917012345678", "hello");
    hub.say("+4917012345678", "are you there?");
    hub.say("+4917012345678", "hello??");
    BOOST_TEST(hub.sent() == (Texts{"bot:greeting: Welcome Ada", "bot:received: Got it"}),
               boost::test_tools::per_element());

    hub.clock.advance(2h);
    hub.say("+4917012345678", "one more");
    BOOST_TEST(hub.sent().size() == 3U);
}

BOOST_AUTO_TEST_CASE(while_closed_the_away_answer_stands_for_the_others_and_an_accounts_own_rule_wins) {
    AnswersFixture hub;
    hub.setRule("greeting", "Welcome");
    hub.setRule("away", "Everybody is away");
    hub.setRule("away", "WhatsApp is closed", "wa");
    hub.is_open = false;

    hub.say("+4917012345678", "hello");

    BOOST_TEST(hub.sent() == (Texts{"bot:away: WhatsApp is closed"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_is_looked_at_again_is_not_answered_again) {
    AnswersFixture hub;
    hub.setRule("received", "Got it");
    hub.say("+4917012345678", "hello");

    hub.write([&](Tx& tx) { saveCursor(tx, "automatic_answers", 0, hub.clock.now()); });
    AutomaticAnswers again{{*hub.store, hub.clock, hub.accounts, hub.log, hub.outbox,
                            [](Id, const std::string&, TimePoint) { return std::optional(true); }}};
    while (again.step()) {
    }

    BOOST_TEST(hub.sent().size() == 1U);
}

BOOST_AUTO_TEST_CASE(an_address_gets_at_most_five_answers_a_day_whatever_it_writes) {
    AnswersFixture hub;
    hub.setRule("received", "Got it");

    for (int i = 0; i < 9; ++i) {
        hub.say("+4917012345678", "ping");
        hub.clock.advance(61min);
    }

    BOOST_TEST(hub.sent().size() == 5U);
}

BOOST_AUTO_TEST_CASE(without_a_rule_or_with_one_of_another_organization_nothing_is_answered) {
    AnswersFixture hub;
    AnswerRule theirs;
    theirs.kind = "received";
    theirs.text = "not yours";
    hub.write([&](Tx& tx) {
        (void)saveAnswerRule(tx, {kDefaultOrg + 1, 9, 9, "user:other"}, theirs, {}, hub.clock.now());
    });
    hub.answers.rulesChanged();

    hub.say("+4917012345678", "hello");

    BOOST_TEST(hub.sent().empty());
}

BOOST_AUTO_TEST_CASE(a_template_is_found_by_name_in_the_language_that_fits_best_and_keeps_its_revision) {
    AnswersFixture hub;
    const auto make = [&](const std::string& language, const std::string& text, Id owner) {
        Template wanted{hub.ids.next(), kDefaultOrg, owner, "late", "", language, "", "", text, "", 1};
        Status done = Done{};
        hub.write([&](Tx& tx) { done = addTemplate(tx, hub.me, wanted, hub.clock.now()); });
        return std::pair(done, wanted);
    };
    auto [made, german] = make("de", "Zu spät", 0);
    make("", "Late", 0);
    make("de", "Meins", 7);
    BOOST_TEST(made.ok());
    BOOST_TEST(make("de", "Doppelt", 0).first.error().code == "template_exists");

    hub.store->read([&](Reader& reader) {
        BOOST_TEST(findTemplateByName(reader, kDefaultOrg, "late", "de-AT")->text == "Zu spät");
        BOOST_TEST(findTemplateByName(reader, kDefaultOrg, "late", "fr")->text == "Late");
        BOOST_TEST(!findTemplateByName(reader, kDefaultOrg + 1, "late", "de").has_value());
    });
    BOOST_TEST(listTemplates(*hub.store, kDefaultOrg, 8, {}, {}).items.size() == 2U);
    BOOST_TEST(listTemplates(*hub.store, kDefaultOrg, 7, {}, {}).items.size() == 3U);
    german.text = "Verspätet";
    Status first = Done{}, second = Done{};
    hub.write([&](Tx& tx) { first = changeTemplate(tx, hub.me, german, 1, hub.clock.now()); });
    hub.write([&](Tx& tx) { second = changeTemplate(tx, hub.me, german, 1, hub.clock.now()); });
    BOOST_TEST(first.ok());
    BOOST_TEST(second.error().code == "changed_meanwhile");
}

}  // namespace signalbox
