#include "connectors/email/login_advice.h"

#include <boost/test/unit_test.hpp>

namespace signalbox::email {
namespace {

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

std::string adviceOn(const std::string& host, const std::string& answer, bool is_oauth = false,
                     Protocol protocol = Protocol::Imap) {
    const Credentials credentials{"ada@example.org", Secret(is_oauth ? "" : "secret-word"),
                                  Secret(is_oauth ? "token-word" : "")};
    const Error refused{ErrorKind::Unauthorized,
                        "imap login: the server refuses the credentials of ada: " + answer,
                        {},
                        "login"};
    return withAdvice(refused, protocol, {host, 993, Security::Tls}, &credentials).message;
}

// What the providers answer, as their users quote it.
BOOST_AUTO_TEST_CASE(a_refused_login_says_what_its_provider_wants) {
    BOOST_TEST(contains(adviceOn("imap.gmail.com",
                                 "[ALERT] Application-specific password required: "
                                 "https://support.google.com/accounts/answer/185833 (Failure)"),
                        "make an app password"));
    BOOST_TEST(contains(adviceOn("imap.gmail.com", "[AUTHENTICATIONFAILED] Invalid credentials (Failure)"),
                        "app password (2-step verification on)"));
    BOOST_TEST(contains(adviceOn("imap.gmail.com",
                                 "[ALERT] Your account is not enabled for IMAP use. Please "
                                 "visit your Gmail settings page"),
                        "switch IMAP on"));
    BOOST_TEST(contains(adviceOn("outlook.office365.com", "LOGIN failed."), "set oauth.provider: microsoft"));
    BOOST_TEST(
        contains(adviceOn("smtp.office365.com",
                          "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled "
                          "for the Tenant.",
                          true, Protocol::Smtp),
                 "SMTP AUTH"));
    BOOST_TEST(contains(adviceOn("outlook.office365.com", "AUTHENTICATE failed.", true), "sign in again"));
    BOOST_TEST(contains(adviceOn("imap.mail.yahoo.com", "[AUTHENTICATIONFAILED] LOGIN Invalid credentials"),
                        "app password only"));
    BOOST_TEST(contains(adviceOn("imap.zoho.com",
                                 "You are yet to enable IMAP for your account. Please contact "
                                 "your administrator"),
                        "switch IMAP on"));
    BOOST_TEST(contains(adviceOn("imap.zoho.eu", "[AUTHENTICATIONFAILED] Invalid credentials(Failure)"),
                        "two factors need an app password"));
    BOOST_TEST(contains(adviceOn("mail.example.org",
                                 "[PRIVACYREQUIRED] Plaintext authentication disallowed on "
                                 "non-secure (SSL/TLS) connections."),
                        "set security: starttls"));
    BOOST_TEST(contains(adviceOn("mail.example.org", "[AUTHENTICATIONFAILED] Authentication failed."),
                        "check username and password"));
}

BOOST_AUTO_TEST_CASE(a_connection_that_fails_names_the_server_and_the_setting_to_change) {
    const auto adviceOf = [](Error error, Security security, Protocol protocol = Protocol::Imap) {
        return withAdvice(std::move(error), protocol, {"mail.example.org", 143, security}, nullptr).message;
    };
    const std::string plain = adviceOf(
        {ErrorKind::Unavailable,
         "imap: tls to mail.example.org: SSL Exception: error:0A00010B:SSL routines::wrong version number",
         {},
         "tls"},
        Security::Tls);
    const std::string none =
        adviceOf({ErrorKind::Rejected, "imap: the server does not offer STARTTLS", {}, "starttls"},
                 Security::StartTls);
    const std::string lost =
        adviceOf({ErrorKind::Unavailable,
                  "imap: connect to mail.example.org:143: name lookup: Name or service not known",
                  {},
                  "lookup"},
                 Security::StartTls);
    const std::string closed = adviceOf({ErrorKind::Unavailable,
                                         "smtp: connect to mail.example.org:143: Connection refused",
                                         {},
                                         "connection"},
                                        Security::Tls, Protocol::Smtp);

    BOOST_TEST(contains(plain, "set security: starttls, or the port for TLS, 993"), plain);
    BOOST_TEST(contains(none, "(mail.example.org:143); set security: tls and port 993"), none);
    BOOST_TEST(contains(lost, "check imap.host"), lost);
    BOOST_TEST(contains(closed, "465 with security: tls, 587 with starttls"), closed);
}

BOOST_AUTO_TEST_CASE(a_server_that_repeats_the_password_does_not_get_it_into_the_log) {
    const Credentials credentials{"ada", Secret("secret-word"), Secret()};

    const std::string shown = quoted("no login for ada with secret-word\r\nsecond line", &credentials);

    BOOST_TEST(shown == "no login for ada with ***  second line");
    BOOST_TEST(quoted(std::string(299, 'x') + "\xc3\xa4 and more", nullptr) == std::string(299, 'x'));
}

}  // namespace
}  // namespace signalbox::email
