#include "connectors/email/smtp_session.h"

#include <Poco/Net/NetException.h>
#include <Poco/Net/SMTPClientSession.h>

#include <strings.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/crypto.h"
#include "connectors/email/login_advice.h"
#include "connectors/email/mime/bounce_reason.h"
#include "connectors/email/poco_socket.h"

namespace signalbox::email {
namespace {

constexpr std::size_t kLongestAnswer = 300;
constexpr std::chrono::minutes kLongestVerdict{5};
constexpr std::chrono::seconds kFarewell{5};

std::string shortened(std::string text) {
    std::replace_if(
        text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
    if (text.size() > kLongestAnswer) text.resize(kLongestAnswer);
    return text;
}

Error lost(const std::string& command, const std::string& why) {
    return {ErrorKind::Unavailable, "smtp " + command + ": " + why, {}, "connection"};
}

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

// What our own server says when we send too much at once, or too much in a day. Gmail and Exchange Online say
// the latter with 5xx, though it is over tomorrow (support.google.com/a/answer/3726730, learn.microsoft.com:
// NDR 5.1.90).
bool isTooMuch(int status, const std::string& code, const std::string& answer) {
    const auto says = [&](const char* words) { return strcasestr(answer.c_str(), words) != nullptr; };
    if (status / 100 == 5)
        return code == "5.4.5" || code == "5.1.90" || says("sending quota") || says("sending limit") ||
               says("SubmissionQuotaExceeded");
    return status == 450 || status == 452 || code.starts_with("4.7") || code == "4.3.2" || says("too many") ||
           says("rate limit") || says("concurrent");
}

// RFC 5321, 4.2.1: 4 is «later», 5 is «never».
Error refusal(const std::string& command, int status, const std::string& answer) {
    const std::string message = "smtp " + command + ": the server answers " + shortened(answer);
    const std::string code = smtpCode(answer);
    if (status == 530 || status == 534 || status == 535 || status == 538)
        return {ErrorKind::Unauthorized, message, {}, code};
    if (isTooMuch(status, code, answer))
        return {ErrorKind::Throttled, message, std::chrono::seconds(status / 100 == 5 ? 3600 : 60), code};
    if (status / 100 == 5) return {ErrorKind::Rejected, message, {}, code};
    return {ErrorKind::Unavailable, message, {}, code};
}

bool isAscii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// RFC 3461, 4: «+» and two hex digits for whatever is not printable ASCII, «+» or «=».
std::string toXtext(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte > 0x20 && byte < 0x7F && c != '+' && c != '=') {
            out += c;
            continue;
        }
        std::string hex = toHex(std::string_view(&c, 1));
        for (char& digit : hex) digit = digit >= 'a' ? static_cast<char>(digit & ~0x20) : digit;
        out += '+' + hex;
    }
    return out;
}

// A report without the mail it is about names this one (Original-Envelope-Id).
std::string envelopeId(const std::string& message_id) {
    constexpr std::size_t kLongest = 100;
    const std::string text = toXtext(message_id);
    return text.size() <= kLongest ? " ENVID=" + text : "";
}

// So that the report names whom we wrote to, wherever the mail was sent on to. Addresses beyond ASCII would
// have to be told in the form of RFC 6533, which few servers take.
std::string originalRecipient(const std::string& address) {
    constexpr std::size_t kLongest = 500;
    if (!isAscii(address)) return "";
    const std::string text = toXtext(address);
    return text.size() <= kLongest ? " ORCPT=rfc822;" + text : "";
}

}  // namespace

std::string smtpCode(const std::string& answer) {
    const std::string digits = answer.substr(0, 3);
    std::size_t at = 4;
    std::size_t dots = 0;
    std::string code;
    while (at < answer.size() && (isDigit(answer[at]) || answer[at] == '.')) {
        dots += answer[at] == '.' ? 1 : 0;
        code += answer[at++];
    }
    const bool is_enhanced = dots == 2 && (code[0] == '2' || code[0] == '4' || code[0] == '5');
    return is_enhanced ? code : digits;
}

// What a bounce would say of it later: «5.1.1» and its like where the words or the code mean an address that
// is not there, whatever the number in front of them.
RefusedRecipient refusedBy(const std::string& address, int status, const std::string& answer) {
    RefusedRecipient out{address, smtpCode(answer), shortened(answer), status / 100 == 4, false};
    if (out.is_temporary) return out;
    BounceRecipient judged;
    judged.action = "failed";
    judged.status = out.code.size() > 3 ? out.code : "";
    judged.diagnostic = answer;
    mime::judge(judged, "", "in reply to RCPT TO command");
    out.is_hard = judged.hard;
    if (!judged.hard) return out;
    out.code = judged.reason == "host_unknown"    ? "5.1.2"
               : judged.reason == "moved"         ? "5.1.6"
               : judged.reason == "not_accepting" ? "5.1.10"
                                                  : "5.1.1";
    return out;
}

class SmtpSession::Dialogue : public Poco::Net::SMTPClientSession {
public:
    Dialogue(std::unique_ptr<MailSocket> connection, std::string host)
        : SMTPClientSession(connection->impl().socket),
          connection_(std::move(connection)),
          host_(std::move(host)) {}

    Status greet(const Server& server);
    Status logIn(const Credentials& credentials);
    Result<Submitted> submit(const std::string& sender, const ComposedMail& mail,
                             const BeforeLastByte& before_last_byte, const std::stop_token& stop);
    MailSocket::Interruption interruptOn(const std::stop_token& stop) {
        return connection_->interruptOn(stop);
    }
    bool isAlive();
    bool takesUtf8() const { return offers("SMTPUTF8"); }

private:
    struct Answer {
        int status = 0;
        std::string text;
    };
    Result<Answer> ask(const std::string& command, const std::string& shown);
    Result<Answer> ask(const std::string& command) {
        return ask(command, command.substr(0, command.find(' ')));
    }
    Status hello();
    bool offers(std::string_view word) const;
    std::size_t sizeLimit() const;
    Result<Answer> authenticate(const Credentials& credentials);
    Status startMail(const std::string& sender, const ComposedMail& mail);
    Status addRecipients(const ComposedMail& mail, Submitted& submitted);
    Status transfer(const std::string& bytes);
    Status finish(const std::stop_token& stop);

    std::unique_ptr<MailSocket> connection_;
    const std::string host_;
    std::string capabilities_;  // the answer to EHLO in upper case, a line each
    bool is_broken_ = false;
};

Result<SmtpSession::Dialogue::Answer> SmtpSession::Dialogue::ask(const std::string& command,
                                                                 const std::string& shown) {
    try {
        Answer answer;
        answer.status = sendCommand(command, answer.text);
        if (answer.status == 421) is_broken_ = true;
        return answer;
    } catch (const Poco::TimeoutException&) {
        is_broken_ = true;
        return lost(shown, "no answer in time");
    } catch (const Poco::Exception& failure) {
        is_broken_ = true;
        return lost(shown, failure.displayText());
    }
}

Status SmtpSession::Dialogue::greet(const Server& server) {
    std::string answer;
    try {
        const int status = socket().receiveStatusMessage(answer);
        if (status != 220) return refusal("greeting", status, answer);
    } catch (const Poco::Exception& failure) {
        return lost("greeting", failure.displayText());
    }
    if (auto done = hello(); !done || server.security != Security::StartTls) return done;
    if (!offers("STARTTLS"))
        return Error{ErrorKind::Rejected, "smtp: the server does not offer STARTTLS", {}, "starttls"};
    const auto agreed = ask("STARTTLS");
    if (!agreed) return agreed.error();
    if (agreed->status != 220) return refusal("STARTTLS", agreed->status, agreed->text);
    if (auto done = connection_->startTls(); !done) return withContext("smtp", done.error());
    socket() = Poco::Net::DialogSocket(connection_->impl().socket);
    return hello();  // what was said in clear does not count
}

Status SmtpSession::Dialogue::hello() {
    const auto answer = ask("EHLO " + host_);
    if (!answer) return answer.error();
    if (answer->status != 250) return refusal("EHLO", answer->status, answer->text);
    capabilities_ = "\n" + answer->text + "\n";
    for (char& c : capabilities_) c = c >= 'a' && c <= 'z' ? static_cast<char>(c & ~0x20) : c;
    return Done{};
}

bool SmtpSession::Dialogue::offers(std::string_view word) const {
    for (auto at = capabilities_.find(word); at != std::string::npos; at = capabilities_.find(word, at + 1)) {
        const char before = capabilities_[at - 1], after = capabilities_[at + word.size()];
        const bool is_word = (before == '-' || before == ' ' || before == '\n' || before == '=') &&
                             (after == ' ' || after == '\n' || after == '\r');
        if (is_word) return true;
    }
    return false;
}

// RFC 1870: «SIZE 35882577»; 0: there is none that it tells.
std::size_t SmtpSession::Dialogue::sizeLimit() const {
    std::size_t most = 0;
    for (const char* before : {"-SIZE ", " SIZE "}) {
        const auto at = capabilities_.find(before);
        if (at == std::string::npos) continue;
        const char* const digits = capabilities_.data() + at + std::strlen(before);
        std::from_chars(digits, capabilities_.data() + capabilities_.size(), most);
    }
    return most;
}

Status SmtpSession::Dialogue::logIn(const Credentials& credentials) {
    auto answer = authenticate(credentials);
    if (!answer) return answer.error();
    if (answer->status == 235) return Done{};
    if (answer->status / 100 == 5)
        return Error{ErrorKind::Unauthorized,
                     "smtp login: the server refuses the credentials of " + credentials.username + ": " +
                         shortened(answer->text),
                     {},
                     smtpCode(answer->text)};
    return refusal("login", answer->status, answer->text);
}

Result<SmtpSession::Dialogue::Answer> SmtpSession::Dialogue::authenticate(const Credentials& credentials) {
    if (!credentials.access_token.empty()) {
        const std::string blob = toBase64("user=" + credentials.username + "\x01" + "auth=Bearer " +
                                          credentials.access_token.reveal() + "\x01\x01");
        auto answer = ask("AUTH XOAUTH2 " + blob, "AUTH");
        // Gmail tells why in a challenge and waits for an empty line before it refuses.
        if (answer && answer->status == 334) return ask("", "AUTH");
        return answer;
    }
    const std::string& password = credentials.password.reveal();
    if (offers("PLAIN"))
        return ask("AUTH PLAIN " + toBase64(std::string("\0", 1) + credentials.username +
                                            std::string("\0", 1) + password),
                   "AUTH");
    if (!offers("LOGIN"))
        return Error{
            ErrorKind::Rejected, "smtp login: the server offers neither PLAIN nor LOGIN", {}, "auth"};
    auto answer = ask("AUTH LOGIN", "AUTH");
    if (!answer || answer->status != 334) return answer;
    answer = ask(toBase64(credentials.username), "AUTH");
    if (!answer || answer->status != 334) return answer;
    return ask(toBase64(password), "AUTH");
}

Result<Submitted> SmtpSession::Dialogue::submit(const std::string& sender, const ComposedMail& mail,
                                                const BeforeLastByte& before_last_byte,
                                                const std::stop_token& stop) {
    auto guard = interruptOn(stop);
    if (const std::size_t most = sizeLimit(); most > 0 && mail.bytes.size() > most) {
        return Error{ErrorKind::Rejected,
                     "smtp: the mail has " + std::to_string(mail.bytes.size()) +
                         " bytes with its attachments encoded, the server takes at most " +
                         std::to_string(most),
                     {},
                     "5.3.4"};
    }
    Submitted submitted;
    submitted.asked_for_dsn = offers("DSN");
    if (auto done = startMail(sender, mail); !done) return done.error();
    if (auto done = addRecipients(mail, submitted); !done) {
        if (!is_broken_) (void)ask("RSET");
        return done.error();
    }
    if (submitted.taken.empty()) {
        (void)ask("RSET");
        return submitted;
    }
    if (auto done = transfer(mail.bytes); !done) return done.error();
    guard.reset();
    if (before_last_byte) {
        is_broken_ = true;  // without its end the mail cannot be taken back otherwise
        if (auto noted = before_last_byte(submitted); !noted) return noted.error();
    }
    if (auto done = finish(stop); !done) return done.error();
    return submitted;
}

Status SmtpSession::Dialogue::startMail(const std::string& sender, const ComposedMail& mail) {
    std::string command = "MAIL FROM:<" + sender + ">";
    if (offers("SIZE") || capabilities_.find("-SIZE") != std::string::npos)
        command += " SIZE=" + std::to_string(mail.bytes.size());
    if (mail.needs_utf8 && takesUtf8()) command += " SMTPUTF8 BODY=8BITMIME";
    if (offers("DSN")) command += " RET=HDRS" + envelopeId(mail.message_id);
    const auto answer = ask(command, "MAIL");
    if (!answer) return answer.error();
    return answer->status == 250 ? Status(Done{}) : refusal("MAIL", answer->status, answer->text);
}

Status SmtpSession::Dialogue::addRecipients(const ComposedMail& mail, Submitted& submitted) {
    for (const std::string& address : mail.recipients) {
        if (!isAscii(address) && !takesUtf8()) {
            const std::string why = "the server takes no addresses beyond ASCII (SMTPUTF8)";
            if (mail.recipients.size() == 1)
                return Error{ErrorKind::Rejected, "smtp RCPT: " + why, {}, "5.6.7"};
            submitted.refused.push_back({address, "5.6.7", why, false, false});
            continue;
        }
        std::string command = "RCPT TO:<" + address + ">";
        if (submitted.asked_for_dsn) command += " NOTIFY=FAILURE,DELAY" + originalRecipient(address);
        const auto answer = ask(command, "RCPT");
        if (!answer) return answer.error();
        if (is_broken_) return refusal("RCPT", answer->status, answer->text);
        if (answer->status / 100 == 2) {
            submitted.taken.push_back(address);
            continue;
        }
        submitted.refused.push_back(refusedBy(address, answer->status, answer->text));
        if (mail.recipients.size() > 1) continue;
        Error error = refusal("RCPT", answer->status, answer->text);
        error.code = submitted.refused.back().code;
        // Said of a recipient, not of the account: others need not wait for it.
        if (submitted.refused.back().is_temporary)
            error = {ErrorKind::Throttled, error.message, {}, error.code};
        return error;
    }
    return Done{};
}

Status SmtpSession::Dialogue::transfer(const std::string& bytes) {
    const auto agreed = ask("DATA");
    if (!agreed) return agreed.error();
    if (agreed->status != 354) return refusal("DATA", agreed->status, agreed->text);
    std::string stuffed = bytes.starts_with('.') ? "." : "";
    stuffed.reserve(bytes.size() + 64);
    for (std::size_t i = 0; i < bytes.size(); ++i) {  // RFC 5321, 4.5.2
        stuffed += bytes[i];
        if (bytes[i] == '\n' && i + 1 < bytes.size() && bytes[i + 1] == '.') stuffed += '.';
    }
    if (!stuffed.ends_with("\r\n")) stuffed += "\r\n";
    if (auto done = connection_->write(stuffed); !done) {
        is_broken_ = true;  // without the final dot the server throws it away
        return withContext("smtp DATA", done.error());
    }
    return Done{};
}

// The dot, after which the mail is the server's.
Status SmtpSession::Dialogue::finish(const std::stop_token& stop) {
    is_broken_ = true;  // until there is an answer
    if (stop.stop_requested()) return lost("DATA", "stopped before the last byte");
    std::string answer;
    try {
        const std::string_view end = ".\r\n";
        if (auto done = connection_->write(end); !done)
            return Error{ErrorKind::Uncertain, "smtp DATA: " + done.error().message, {}, "no_answer"};
        // RFC 5321, 4.5.3.2.6: servers look for viruses now; whoever gives up early sends the mail twice.
        if (!connection_->waitForNews(kLongestVerdict, stop) && stop.stop_requested())
            connection_->waitForNews(kFarewell, {});
        const int status = socket().receiveStatusMessage(answer);
        if (status < 200 || status > 599)  // the connection ended, or what came is no answer
            return Error{
                ErrorKind::Uncertain, "smtp DATA: the mail has left, no answer came", {}, "no_answer"};
        is_broken_ = status == 421;
        return status / 100 == 2 ? Status(Done{}) : Status(refusal("DATA", status, answer));
    } catch (const Poco::Exception& failure) {
        return Error{ErrorKind::Uncertain,
                     "smtp DATA: the mail has left, no answer came: " + failure.displayText(),
                     {},
                     "no_answer"};
    }
}

bool SmtpSession::Dialogue::isAlive() {
    if (is_broken_) return false;
    const auto answer = ask("RSET");
    return answer && answer->status == 250;
}

Result<std::unique_ptr<SmtpSession>> SmtpSession::open(const Server& server, const SocketOptions& options,
                                                       const Credentials* credentials,
                                                       const std::stop_token& stop) {
    const auto advised = [&](const Error& error) {
        return withAdvice(error, Protocol::Smtp, server, credentials);
    };
    auto socket = MailSocket::open(server, options, stop);
    if (!socket) return advised(withContext("smtp", socket.error()));
    const std::string local = (*socket)->impl().socket.address().host().toString();
    const bool is_v6 = local.find(':') != std::string::npos;
    auto dialogue =
        std::make_unique<Dialogue>(std::move(*socket), is_v6 ? "[IPv6:" + local + "]" : "[" + local + "]");
    const auto guard = dialogue->interruptOn(stop);
    if (auto done = dialogue->greet(server); !done) return advised(done.error());
    if (credentials != nullptr) {
        if (auto done = dialogue->logIn(*credentials); !done) return advised(done.error());
    }
    return std::unique_ptr<SmtpSession>(new SmtpSession(std::move(dialogue)));
}

SmtpSession::SmtpSession(std::unique_ptr<Dialogue> dialogue) : dialogue_(std::move(dialogue)) {}

SmtpSession::~SmtpSession() {
    try {
        dialogue_.reset();
    } catch (const Poco::Exception&) {  // Poco says QUIT to a connection that is gone
    }
}

Result<Submitted> SmtpSession::submit(const std::string& sender, const ComposedMail& mail,
                                      const BeforeLastByte& before_last_byte, const std::stop_token& stop) {
    return dialogue_->submit(sender, mail, before_last_byte, stop);
}

bool SmtpSession::takesUtf8() const {
    return dialogue_->takesUtf8();
}

bool SmtpSession::isAlive(const std::stop_token& stop) {
    const auto guard = dialogue_->interruptOn(stop);
    return dialogue_->isAlive();
}

}  // namespace signalbox::email
