#include "connectors/email/smtp_session.h"

#include <boost/test/unit_test.hpp>

#include "tests/support/smtp_script.h"

namespace signalbox::email {
namespace {

ComposedMail mail(std::vector<std::string> recipients = {"ada@example.net"}) {
    return {"Subject: x\r\n\r\n.dot\r\n", "m.1.2@example.org", std::move(recipients), false};
}

Result<std::unique_ptr<SmtpSession>> openTo(const SmtpScript& server,
                                            const Credentials* credentials = nullptr) {
    SocketOptions options;
    options.policy.allow_any = options.policy.any_port = true;
    options.timeout = std::chrono::seconds(5);
    return SmtpSession::open({"127.0.0.1", static_cast<std::uint16_t>(server.port()), Security::None},
                             options, credentials, {});
}

BOOST_AUTO_TEST_CASE(a_mail_is_handed_in_with_its_dots_doubled_and_a_report_of_failure_asked_for) {
    SmtpScript server(SmtpScript::Answers{{"EHLO", "250-test\r\n250 DSN\r\n"}});
    auto session = openTo(server);
    BOOST_REQUIRE(session.ok());

    const auto submitted = (*session)->submit("sales@example.org", mail(), {}, {});

    BOOST_TEST(submitted.ok());
    BOOST_TEST(server.received().find("\r\n..dot\r\n.\r\n") != std::string::npos);
    const std::string received = server.received();
    BOOST_TEST(received.find(" RET=HDRS ENVID=m.1.2@example.org\r\n") != std::string::npos, received);
    BOOST_TEST(
        received.find("RCPT TO:<ada@example.net> NOTIFY=FAILURE,DELAY ORCPT=rfc822;ada@example.net\r\n") !=
        std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_address_with_a_plus_keeps_it_in_the_report_that_is_asked_for) {
    SmtpScript server(SmtpScript::Answers{{"EHLO", "250-test\r\n250 DSN\r\n"}}), plain(SmtpScript::Answers{});
    auto session = openTo(server), without = openTo(plain);
    BOOST_REQUIRE(session.ok());
    BOOST_REQUIRE(without.ok());

    const auto submitted = (*session)->submit("sales@example.org", mail({"ada+x=1@example.net"}), {}, {});
    const auto unasked = (*without)->submit("sales@example.org", mail(), {}, {});

    BOOST_TEST(submitted.ok());
    BOOST_TEST(unasked.ok());
    BOOST_TEST(server.received().find("ORCPT=rfc822;ada+2Bx+3D1@example.net\r\n") != std::string::npos);
    BOOST_TEST(plain.received().find("NOTIFY") == std::string::npos);
    BOOST_TEST(plain.received().find("ENVID") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_recipient_that_is_refused_fails_alone) {
    SmtpScript server(SmtpScript::Answers{{"RCPT TO:<bad@example.net>", "550 5.1.1 no such user\r\n"}});
    auto session = openTo(server);
    BOOST_REQUIRE(session.ok());

    const auto submitted =
        (*session)->submit("sales@example.org", mail({"ada@example.net", "bad@example.net"}), {}, {});

    BOOST_REQUIRE(submitted.ok());
    BOOST_REQUIRE(submitted->refused.size() == 1U);
    BOOST_TEST(submitted->refused[0].address == "bad@example.net");
    BOOST_TEST(submitted->refused[0].code == "5.1.1");
}

BOOST_AUTO_TEST_CASE(among_several_each_is_told_apart_and_nothing_is_sent_when_nobody_is_taken) {
    SmtpScript some(SmtpScript::Answers{{"RCPT TO:<bad@", "550 5.1.1 no such user\r\n"},
                                        {"RCPT TO:<busy@", "450 4.2.1 mailbox busy\r\n"}});
    SmtpScript none(SmtpScript::Answers{{"RCPT", "451 4.7.1 greylisted\r\n"}});
    auto first = openTo(some), second = openTo(none);
    BOOST_REQUIRE(first.ok());
    BOOST_REQUIRE(second.ok());
    std::size_t told = 0;

    const auto submitted = (*first)->submit("sales@example.org",
                                            mail({"ada@example.net", "bad@example.net", "busy@example.net"}),
                                            [&](const Submitted& so_far) {
                                                told = so_far.taken.size() * 10 + so_far.refused.size();
                                                return Done{};
                                            },
                                            {});
    const auto unsent =
        (*second)->submit("sales@example.org", mail({"ada@example.net", "busy@example.net"}), {}, {});

    BOOST_REQUIRE(submitted.ok());
    BOOST_TEST(told == 12U);
    BOOST_TEST(submitted->taken == std::vector<std::string>{"ada@example.net"});
    BOOST_REQUIRE(submitted->refused.size() == 2U);
    BOOST_TEST(submitted->refused[0].is_hard);
    BOOST_TEST(!submitted->refused[0].is_temporary);
    BOOST_TEST(submitted->refused[1].is_temporary);
    BOOST_REQUIRE(unsent.ok());
    BOOST_TEST(unsent->taken.empty());
    BOOST_TEST(none.received().find("DATA") == std::string::npos);
    BOOST_TEST((*second)->isAlive({}));  // and may be used again
}

BOOST_AUTO_TEST_CASE(a_refusal_that_means_a_missing_address_says_so_in_its_code) {
    for (const auto& [answer, code] : {std::pair{"550 no such user here\r\n", "5.1.1"},
                                       {"550 5.4.1 Recipient address rejected: user unknown\r\n", "5.1.1"},
                                       {"550 5.1.2 host unknown\r\n", "5.1.2"},
                                       {"552 5.2.2 mailbox full\r\n", "5.2.2"},
                                       {"554 5.7.1 relay access denied\r\n", "5.7.1"}}) {
        SmtpScript server(SmtpScript::Answers{{"RCPT", answer}});
        auto session = openTo(server);
        BOOST_REQUIRE(session.ok());

        const auto submitted = (*session)->submit("sales@example.org", mail(), {}, {});

        BOOST_REQUIRE(!submitted.ok());
        BOOST_TEST(submitted.error().code == code, answer);
    }
}

BOOST_AUTO_TEST_CASE(silence_after_the_last_byte_is_uncertain_and_before_it_is_not) {
    SmtpScript silent(SmtpScript::Answers{{".", ""}}), gone(SmtpScript::Answers{{"DATA", ""}});
    auto first = openTo(silent), second = openTo(gone);
    BOOST_REQUIRE(first.ok());
    BOOST_REQUIRE(second.ok());

    const auto unanswered = (*first)->submit("sales@example.org", mail(), {}, {});
    const auto unsent = (*second)->submit("sales@example.org", mail(), {}, {});

    BOOST_REQUIRE(!unanswered.ok());
    BOOST_TEST(toString(unanswered.error().kind) == "uncertain");
    BOOST_REQUIRE(!unsent.ok());
    BOOST_TEST(toString(unsent.error().kind) == "unavailable");
}

BOOST_AUTO_TEST_CASE(what_the_server_says_decides_whether_it_is_tried_again) {
    for (const auto& [answer, kind] : {std::pair{"550 5.7.1 refused\r\n", "rejected"},
                                       {"451 4.7.1 greylisted\r\n", "throttled"},
                                       {"450 4.2.1 too fast\r\n", "throttled"}}) {
        SmtpScript server(SmtpScript::Answers{{"RCPT", answer}});
        auto session = openTo(server);
        BOOST_REQUIRE(session.ok());
        const auto submitted = (*session)->submit("sales@example.org", mail(), {}, {});
        BOOST_REQUIRE(!submitted.ok());
        BOOST_TEST(toString(submitted.error().kind) == kind);
    }
}

BOOST_AUTO_TEST_CASE(a_refusal_before_any_recipient_is_about_the_account_and_waits_or_calls_somebody) {
    for (const auto& [answer, kind] :
         {std::pair{"421 4.3.2 shutting down\r\n", "throttled"},
          {"451 4.3.0 disk\r\n", "unavailable"},
          {"450 4.7.1 too much mail from you\r\n", "throttled"},
          {"454 4.7.0 too many messages\r\n", "throttled"},
          {"550 5.4.5 Daily user sending quota exceeded\r\n", "throttled"},
          {"554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException\r\n", "throttled"},
          {"530 5.7.0 Authentication required\r\n", "unauthorized"},
          {"550 5.7.1 sender refused\r\n", "rejected"}}) {
        SmtpScript server(SmtpScript::Answers{{"MAIL", answer}});
        auto session = openTo(server);
        BOOST_REQUIRE(session.ok());

        const auto submitted = (*session)->submit("sales@example.org", mail(), {}, {});

        BOOST_REQUIRE(!submitted.ok());
        BOOST_TEST(toString(submitted.error().kind) == kind, answer);
    }
}

BOOST_AUTO_TEST_CASE(a_mail_that_is_larger_than_the_server_takes_is_not_offered) {
    SmtpScript server(SmtpScript::Answers{{"EHLO", "250-test\r\n250 SIZE 1000\r\n"}});
    auto session = openTo(server);
    BOOST_REQUIRE(session.ok());
    ComposedMail large = mail();
    large.bytes += std::string(1'000, 'x') + "\r\n";

    const auto submitted = (*session)->submit("sales@example.org", large, {}, {});
    const auto small = (*session)->submit("sales@example.org", mail(), {}, {});

    BOOST_REQUIRE(!submitted.ok());
    BOOST_TEST(toString(submitted.error().kind) == "rejected");
    BOOST_TEST(submitted.error().code == "5.3.4");
    BOOST_TEST(submitted.error().message ==
               "smtp: the mail has 1022 bytes with its attachments encoded, the server takes at most 1000");
    BOOST_TEST(small.ok());
    BOOST_TEST(server.received().find(" SIZE=20\r\n") != std::string::npos, server.received());
}

BOOST_AUTO_TEST_CASE(an_address_beyond_ascii_fails_alone_where_the_server_does_not_take_it) {
    SmtpScript plain(SmtpScript::Answers{}),
        modern(SmtpScript::Answers{{"EHLO", "250-test\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n"}});
    auto first = openTo(plain), second = openTo(modern);
    BOOST_REQUIRE(first.ok());
    BOOST_REQUIRE(second.ok());
    ComposedMail both = mail({"ada@example.net", "jörg@example.net"});
    both.needs_utf8 = true;

    const auto without = (*first)->submit("sales@example.org", both, {}, {});
    const auto with = (*second)->submit("sales@example.org", both, {}, {});

    BOOST_REQUIRE(without.ok());
    BOOST_TEST(without->taken == std::vector<std::string>{"ada@example.net"});
    BOOST_REQUIRE(without->refused.size() == 1U);
    BOOST_TEST(without->refused[0].code == "5.6.7");
    BOOST_TEST(!without->refused[0].is_temporary);
    BOOST_REQUIRE(with.ok());
    BOOST_TEST(with->taken.size() == 2U);
    BOOST_TEST(modern.received().find("SMTPUTF8 BODY=8BITMIME") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_refused_token_is_answered_and_told_without_the_token) {
    SmtpScript server({{"EHLO", "250-test\r\n250 AUTH XOAUTH2 PLAIN\r\n"},
                       {"AUTH XOAUTH2", "334 eyJzdGF0dXMiOiI0MDAifQ==\r\n"},
                       {"\r\n", "535 5.7.8 refused\r\n"}});
    const Credentials credentials{"sales@example.org", Secret(), Secret("ya29.token")};

    const auto session = openTo(server, &credentials);

    BOOST_REQUIRE(!session.ok());
    BOOST_TEST(toString(session.error().kind) == "unauthorized");
    BOOST_TEST(session.error().message.find("ya29") == std::string::npos);
}

}  // namespace
}  // namespace signalbox::email
