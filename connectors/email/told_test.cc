#include "connectors/email/told.h"

#include <boost/test/unit_test.hpp>

namespace signalbox::email {
namespace {

Submitted answered() {
    Submitted submitted;
    submitted.taken = {"Ada@Example.net"};
    submitted.refused = {{"ben@example.net", "4.2.1", "450 4.2.1 busy", true, false},
                         {"eve@example.net", "5.1.1", "550 5.1.1 no such user", false, true}};
    return submitted;
}

BOOST_AUTO_TEST_CASE(each_recipient_stands_where_the_server_put_it) {
    const auto told = toldTo(answered());

    BOOST_REQUIRE(told.size() == 3U);
    BOOST_TEST(told[0].recipient == "ada@example.net");  // as a bounce will name it
    BOOST_TEST(toString(told[0].state) == "accepted");
    BOOST_TEST(toString(told[1].state) == "delayed");
    BOOST_TEST(told[1].text == "soft: 450 4.2.1 busy");
    BOOST_TEST(toString(told[2].state) == "failed");
    BOOST_TEST(told[2].text == "hard: 550 5.1.1 no such user");
}

BOOST_AUTO_TEST_CASE(somebody_who_waits_is_a_reason_to_try_again_and_a_refusal_of_all_ends_it) {
    Receipt waiting, refused, late;
    addRecipients(waiting, toldTo(answered()), {}, {{"at", 1}});
    Submitted none = answered();
    none.taken.clear();
    none.refused.erase(none.refused.begin());
    addRecipients(refused, toldTo(none), {}, {});
    SendProgress before;
    before.taken = {"ada@example.net"};
    addRecipients(late, toldTo(none), before, {});

    BOOST_REQUIRE(waiting.rest.has_value());
    BOOST_TEST(toString(waiting.rest->kind) == "throttled");
    BOOST_TEST(waiting.content["refused"].size() == 1U);
    BOOST_REQUIRE(refused.rest.has_value());
    BOOST_TEST(toString(refused.rest->kind) == "rejected");
    BOOST_TEST(!late.rest.has_value());  // somebody has it: the message was sent
}

BOOST_AUTO_TEST_CASE(who_has_it_or_was_refused_is_not_written_to_again) {
    std::vector<std::string> recipients = {"Ada@Example.net", "ben@example.net", "eve@example.net"};
    SendProgress progress;
    progress.taken = {"ada@example.net"};
    progress.failed = {"eve@example.net"};

    leaveOut(recipients, progress);

    BOOST_TEST(recipients == std::vector<std::string>{"ben@example.net"});
}

}  // namespace
}  // namespace signalbox::email
