#include <boost/test/unit_test.hpp>

#include "connectors/email/mime/bounce_reason.h"

using namespace signalbox;

namespace {

constexpr auto kToRecipient = "(in reply to RCPT TO command)";

BounceRecipient judged(const std::string& status, const std::string& diagnostic,
                       const std::string& session = "") {
    BounceRecipient recipient;
    recipient.address = "kim@example.net";
    recipient.action = "failed";
    recipient.status = status;
    recipient.diagnostic = diagnostic;
    mime::judge(recipient, "", session);
    return recipient;
}

}  // namespace

BOOST_AUTO_TEST_CASE(an_address_that_is_not_there_is_hard_in_every_language) {
    for (const char* words :
         {"550 5.1.0 Address rejected.", "550 kim@example.net does not exist.", "550 user (kim) unknown",
          "550 RCPT (kim@example.net) doesn't exist", "550 Mailbox kim unavailable or access denied",
          "553 sorry, this recipient is not in my validrcptto list (#5.7.1)", "550 no kim in name directory",
          "550 Empfaenger existiert nicht", "550 L'utilisateur n'existe pas", "550 El usuario no existe",
          "550 O destinatário não existe", "550 Gebruiker onbekend", "550 Okänd mottagare",
          "550 nessun utente simile in questo indirizzo", "550 Пользователь не найден", "550 用户不存在",
          "550 The mailbox has been deleted", "550 recipient has left the company"})
        BOOST_TEST(judged("5.0.0", words, kToRecipient).hard,
                   words << ": " << judged("5.0.0", words, kToRecipient).reason);
}

BOOST_AUTO_TEST_CASE(words_alone_do_not_bury_an_address) {
    // Nobody says when this was refused, and no code does: it may be a filter's words behind the recipient.
    const std::string refused = "550 no such user here";
    BOOST_TEST(judged("5.0.0", refused).reason == "filtered");
    BOOST_TEST(!judged("", refused).hard);
    BOOST_TEST(judged("5.1.1", refused).hard);
    BOOST_TEST(judged("5.0.0", "550 5.1.1 no such user here").hard);
    BOOST_TEST(judged("5.0.0", refused, kToRecipient).hard);
    // Servers that speak of their own directory.
    for (const char* words :
         {"192.0.2.1 does not like recipient. Remote host said: 550 no such user",
          "User kim (kim@example.net) not listed in Domino Directory", "Invalid final delivery userid"})
        BOOST_TEST(judged("", words).hard, words << ": " << judged("", words).reason);
    BOOST_TEST(
        judged("", "Unknown Recipient", "MSEXCH:IMS:Example:SITE:HOST 0 (000C05A6) Unknown Recipient").hard);
    BOOST_TEST(!judged("", "Unknown Recipient").hard);
    BOOST_TEST(judged("", "Unknown user: kim", "reported by smtp32 Unknown user: kim").hard);
    BOOST_TEST(
        judged("5.5.0", "550 Requested action not taken: mailbox unavailable", "reported by outlook.com ")
            .hard);
    BOOST_TEST(!judged("5.5.0", "550 Requested action not taken: mailbox unavailable").hard);
}

BOOST_AUTO_TEST_CASE(a_failure_without_a_code_is_final_and_a_better_code_is_taken) {
    BOOST_TEST(judged("", "message expired").status == "5.4.7");
    BOOST_TEST(judged("5.0.0", "554 5.7.1 spam").status == "5.7.1");
    BOOST_TEST(judged("5.0.0", "554 refused; before that: 451 4.4.1 read error").status == "5.0.0");
    BOOST_TEST(judged("4.0.0", "550 5.1.1 user unknown").status == "5.1.1");
    BOOST_TEST(judged("4.4.7", "452 4.2.2 over quota").status == "4.2.2");
    BOOST_TEST(judged("5.3.0", "550 5.1.1 user unknown").hard);
    BOOST_TEST(!judged("5.1.1", "550 5.7.1 rejected by policy").hard);
    BOOST_TEST(judged("5.1.1", "550 5.5.4 bad arguments").status == "5.1.1");
}

BOOST_AUTO_TEST_CASE(what_does_not_exist_may_be_the_sender) {
    for (const char* words :
         {"553 5.1.8 Domain of sender address a@example.org does not exist", "550 Unknown sender",
          "550-Verification failed for <a@example.org> 550-No Such User Here 550 Sender verify failed",
          "550 5.7.1 <a@example.org>: Sender address rejected: User unknown in virtual alias table",
          "501 5.1.7 Invalid address", "553 sorry, your envelope sender domain must exist (#5.7.1)",
          "550 5.7.27 Sender address has null MX"})
        BOOST_TEST(!judged("5.0.0", words).hard, words << ": " << judged("5.0.0", words).reason);

    const std::string refused = "550 example.org does not exist";
    BOOST_TEST(judged("5.0.0", refused, refused + " (in reply to RCPT TO command)").hard);
    BOOST_TEST(!judged("5.0.0", refused, refused + " (in reply to MAIL FROM command)").hard);
}

BOOST_AUTO_TEST_CASE(nobody_there_after_the_recipient_was_taken_is_a_filter) {
    const std::string refused = "550 no such user here";
    BOOST_TEST(judged("5.0.0", refused, refused + " (in reply to RCPT TO command)").hard);
    BOOST_TEST(judged("5.0.0", refused, refused + " (in reply to end of DATA command)").reason == "filtered");
    BOOST_TEST(!judged("5.2.1", refused, ">>> DATA <<< " + refused).hard);
    BOOST_TEST(judged("5.1.1", refused, ">>> DATA <<< " + refused).hard);
}

BOOST_AUTO_TEST_CASE(a_route_that_is_missing_is_not_a_host_that_is_missing) {
    BOOST_TEST(judged("5.4.4", "Host or domain name not found. type=A: Host not found").hard);
    BOOST_TEST(judged("5.4.4",
                      "Name service error for name=example.net type=A: Host found but no data record of "
                      "requested type")
                   .reason == "network_error");
    BOOST_TEST(judged("5.0.0", "Unrouteable mail domain \"example.net\"").reason == "network_error");
    BOOST_TEST(!judged("4.4.4", "450 4.4.4 no answer").hard);
    BOOST_TEST(
        judged("5.0.0", "553 sorry, that domain or user isn't in my list of allowed rcpthosts", kToRecipient)
            .hard);
    BOOST_TEST(judged("5.0.0", "550 Mailbox unavailable or access denied").reason == "suspended");
}

BOOST_AUTO_TEST_CASE(the_code_decides_where_it_is_exact_and_a_refusal_that_may_pass_is_soft) {
    BOOST_TEST(judged("5.1.1", "550 5.1.1 rejected").hard);
    BOOST_TEST(judged("5.1.6", "550 5.1.6 address has been replaced by x@example.net").hard);
    BOOST_TEST(judged("5.1.10", "550 5.1.10 Recipient address has a null MX").hard);
    for (const auto& [status, words] :
         {std::pair{"5.2.2", "552 5.2.2 Mailbox full"},
          {"5.3.4", "552 5.3.4 message too large"},
          {"5.7.1", "554 5.7.1 Spam message rejected"},
          {"5.7.26", "550 5.7.26 does not pass DMARC"},
          {"4.4.1", "connect to mx.example.net[192.0.2.1]:25: Connection timed out"},
          {"5.4.6", "mail for example.net loops back to myself"},
          {"4.2.2", "452 4.2.2 over quota"}})
        BOOST_TEST(!judged(status, words).hard, words);
}
