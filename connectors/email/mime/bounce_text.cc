#include "connectors/email/mime/bounce_text.h"

#include <algorithm>
#include <array>

#include "connectors/email/mime/ascii.h"
#include "connectors/email/mime/auto_kind.h"

namespace signalbox::mime {
namespace {

constexpr std::size_t kMaxRecipients = 1000;
constexpr std::size_t kMaxDiagnostic = 4000;
constexpr std::size_t kMaxReport = 512 * 1024;

// From here on it is the returned mail. In lower case, without the dashes and spaces around.
constexpr auto kReturnedMarks =
    std::to_array<std::string_view>({"original message",
                                     "returned message",
                                     "unsent message",
                                     "original message follows",
                                     "original message follows.",
                                     "below this line is a copy of the message",
                                     "this is a copy of the message, including all the headers",
                                     "a copy of the message",
                                     "message header",
                                     "message headers follow",
                                     "message header follows",
                                     "message contents follow",
                                     "the header of the original message is following",
                                     "the attachment contains the original mail headers",
                                     "original message header",
                                     "original message headers",
                                     "header of the original message",
                                     "your original message",
                                     "message from yahoo",
                                     "original mail",
                                     "original mail as follows",
                                     "undelivered message",
                                     "message text follows",
                                     "here is a copy of the first part of the message, including all headers",
                                     "returned mail",
                                     "the original message was",
                                     "body of message generated response",
                                     "original message header:",
                                     "original headers",
                                     "original message (headers)",
                                     "message header for the original",
                                     "returned message headers",
                                     "copy of the message",
                                     "this is a copy of your message, including all the headers",
                                     "this is a copy of your message",
                                     "copy of original message",
                                     "received message",
                                     "the body of the message is",
                                     "original mail message",
                                     "start of the original message",
                                     "original-nachricht",
                                     "ursprüngliche nachricht",
                                     "mensaje original",
                                     "message original",
                                     "原文",
                                     "元のメッセージ"});
constexpr auto kReturnedBegins = std::to_array<std::string_view>(
    {"--- below this line is a copy", "------ this is a copy of the message", "----- original message",
     "--- original message", "-----original message", "the first ", "content-type: message/rfc822",
     "content-type: text/rfc822-headers", "-- the header of the original", "original message headers:",
     "--- the header of the original message", "this is a copy of the headers of", "--- mail header follows",
     "your mail reads (in part):", "----------------- original", "--------------- message header"});

// Lines that name no recipient, whatever address is in them.
constexpr auto kOtherLines = std::to_array<std::string_view>({"message-id",
                                                              "from:",
                                                              "sender:",
                                                              "reply-to:",
                                                              "original sender",
                                                              "return-path",
                                                              "reporting-mta",
                                                              "postmaster",
                                                              "please contact",
                                                              "contact ",
                                                              "mail-from",
                                                              "mail from",
                                                              "x-postfix-sender",
                                                              "envelope-from",
                                                              "originator",
                                                              "for assistance",
                                                              "for further assistance",
                                                              "if you",
                                                              "support@",
                                                              "abuse@",
                                                              "subject:",
                                                              "message id",
                                                              "message identifier",
                                                              "received:",
                                                              "questions",
                                                              "hotline",
                                                              "helpdesk",
                                                              "help desk",
                                                              "questo messaggio",
                                                              "von:",
                                                              "mailto:postmaster",
                                                              "original from",
                                                              "messageid",
                                                              "queue-id",
                                                              "sent by",
                                                              "my address"});

// «key: address» or «key address» that name one.
constexpr auto kRecipientKeys = std::to_array<std::string_view>({"to:",
                                                                 "recipient:",
                                                                 "recipients:",
                                                                 "addressed to:",
                                                                 "recipient address:",
                                                                 "final-recipient:",
                                                                 "original-recipient:",
                                                                 "intended recipient:",
                                                                 "failed recipient:",
                                                                 "failed recipients:",
                                                                 "unknown user:",
                                                                 "user unknown:",
                                                                 "unknown host:",
                                                                 "invalid recipient:",
                                                                 "invalid final delivery userid:",
                                                                 "undeliverable to",
                                                                 "undeliverable:",
                                                                 "could not deliver",
                                                                 "could not be delivered to",
                                                                 "cannot be delivered to",
                                                                 "unable to deliver",
                                                                 "delivery to",
                                                                 "not delivered to",
                                                                 "wasn't delivered to",
                                                                 "was not delivered to",
                                                                 "failed to deliver to",
                                                                 "delivery failed:",
                                                                 "delivery has failed to",
                                                                 "mail to",
                                                                 "message to",
                                                                 "mailbox",
                                                                 "user mailbox exceeds allowed size:",
                                                                 "delivery failed 20 attempts:",
                                                                 "delivery failed",
                                                                 "rcpt to:",
                                                                 "recipient",
                                                                 "address:",
                                                                 "email address:",
                                                                 "e-mail address:",
                                                                 "undelivered to",
                                                                 "sent to",
                                                                 "destination:",
                                                                 "the message to",
                                                                 "your message to",
                                                                 "an:",
                                                                 "empfänger:",
                                                                 "destinataire:",
                                                                 "destinatario:",
                                                                 "para:",
                                                                 "à:",
                                                                 "宛先",
                                                                 "受信者",
                                                                 "the user",
                                                                 "user:",
                                                                 "the recipient",
                                                                 "the address",
                                                                 "the account",
                                                                 "the following address",
                                                                 "destinatários:",
                                                                 "adresse:",
                                                                 "failed addresses:",
                                                                 "failed address:"});

bool isLocalChar(char c) {
    return isLetter(c) || isDigit(c) || (c & 0x80) != 0 ||
           contains(".!#$%&'*+-/=?^_`{|}~", std::string_view(&c, 1));
}
bool isDomainChar(char c) {
    return isLetter(c) || isDigit(c) || c == '-' || c == '.' || (c & 0x80) != 0;
}

// Characters of three bytes: of Chinese, Japanese and Korean and their punctuation.
bool isWide(char c) {
    return static_cast<unsigned char>(c) >= 0xE3 && static_cast<unsigned char>(c) <= 0xEF;
}

// «收件人（bob@example.net）的邮箱»: text without spaces stands around the address, which is ASCII then.
void cutWideWords(std::string_view line, std::size_t at, std::size_t& begin, std::size_t& end) {
    std::size_t ascii = at;
    while (ascii > begin && (line[ascii - 1] & 0x80) == 0) --ascii;
    if (ascii < at && ascii > begin + 2 && isWide(line[ascii - 3])) begin = ascii;
    for (std::size_t i = at + 1; i < end; ++i) {
        if (isWide(line[i]) && line.substr(at, i - at).find('.') != std::string_view::npos) {
            end = i;
            break;
        }
    }
}

struct Found {
    std::string address;
    std::size_t begin = 0, end = 0;
};

// The next address at or behind `from`.
Found nextAddress(std::string_view line, std::size_t from) {
    for (std::size_t at = line.find('@', from); at != std::string_view::npos; at = line.find('@', at + 1)) {
        std::size_t begin = at, end = at + 1;
        if (at > 0 && line[at - 1] == '"') {
            const auto quote = line.rfind('"', at - 2);
            if (at >= 2 && quote != std::string_view::npos) begin = quote;
        } else {
            while (begin > from && isLocalChar(line[begin - 1])) --begin;
        }
        while (begin < at && (line[begin] == '\'' || line[begin] == '.' || line[begin] == '=' ||
                              line[begin] == '*' || line[begin] == '#' || line[begin] == '`'))
            ++begin;
        while (end < line.size() && isDomainChar(line[end])) ++end;
        cutWideWords(line, at, begin, end);
        while (end > at + 1 && (line[end - 1] == '.' || line[end - 1] == '-')) --end;
        const std::string_view domain = line.substr(at + 1, end - at - 1);
        if (begin == at || domain.size() < 2 || !contains(domain, ".") || contains(domain, "..")) continue;
        std::string address(line.substr(begin, end - begin));
        if (const auto semi = address.rfind(';'); semi != std::string::npos) address.erase(0, semi + 1);
        // Exchange 5.5 in X.400 words: «dda:SMTP=a@b».
        if (const auto key = lowered(address).rfind("smtp="); key != std::string::npos)
            address.erase(0, key + 5);
        return {address, begin, end};
    }
    return {};
}

bool startsWithKey(std::string_view low, std::string_view& key) {
    for (const std::string_view candidate : kRecipientKeys) {
        if (!low.starts_with(candidate)) continue;
        key = candidate;
        return true;
    }
    return false;
}

bool isOtherLine(std::string_view low) {
    for (const std::string_view word : kOtherLines) {
        if (low.starts_with(word)) return true;
    }
    return contains(low, "message-id:") || contains(low, "mail from:") || contains(low, "envelope-from") ||
           contains(low, "accepting mail from") || contains(low, "for help") ||
           contains(low, "please contact") || contains(low, "send mail to postmaster");
}

enum class LineKind { None, Recipient, Weak, Other };

struct ReadLine {
    LineKind kind = LineKind::None;
    std::string address;
    std::string_view rest;  // behind the address
};

// «<a@b>: host said …», «a@b», «(expanded from: a@b)», «To: a@b», «550 5.1.1 <a@b>... User unknown».
ReadLine readLine(std::string_view raw) {
    const std::string_view line = trimmed(raw);
    const Found found = nextAddress(line, 0);
    if (found.address.empty()) return {};
    const std::string low = lowered(line.substr(0, 200));
    if (isOtherLine(low)) return {LineKind::Other, "", line};
    std::string_view before = trimmed(line.substr(0, found.begin));
    std::string_view after = line.substr(found.end);
    while (!before.empty() && (before.back() == '<' || before.back() == '"' || before.back() == '\'' ||
                               before.back() == '(' || before.back() == '[' || before.back() == '`'))
        before = trimmed(before.substr(0, before.size() - 1));
    while (!after.empty() && (after.front() == '>' || after.front() == '"' || after.front() == '\'' ||
                              after.front() == ')' || after.front() == ']'))
        after.remove_prefix(1);
    const std::string_view tail = trimmed(after);
    std::string_view key;
    const bool is_bullet = before.empty() || before == "-" || before == "*" || before == "o" ||
                           before == "+" || before == "=>" || before == "|" || before == "•" ||
                           before == "¨" || before == "·" || before == "--";
    if (is_bullet) {
        // An address that begins a sentence («a@b is not …») counts too.
        const bool is_clean = tail.empty() || tail.front() == ':' || tail.front() == ';' ||
                              tail.front() == ',' || tail.front() == '(' || tail.front() == '-' ||
                              tail.starts_with("...") || tail.starts_with("on ") || tail.starts_with("[");
        return {is_clean || before.empty() ? LineKind::Recipient : LineKind::Weak, found.address, tail};
    }
    if (contains(low, "rcpt to:")) return {LineKind::Recipient, found.address, tail};
    if (startsWithKey(low, key)) return {LineKind::Recipient, found.address, line};
    // «Name <a@b>» alone in its line.
    if (tail.empty() && before.size() < 60 && !contains(before, ":") && !contains(before, ".") &&
        line.ends_with('>'))
        return {LineKind::Recipient, found.address, tail};
    return {LineKind::Weak, found.address, line};
}

void append(std::string& text, std::string_view more) {
    more = trimmed(more);
    while (!more.empty() && (more.front() == ':' || more.front() == ';')) more = trimmed(more.substr(1));
    if (more.empty() || text.size() > kMaxDiagnostic) return;
    if (!text.empty()) text += ' ';
    text += more;
}

bool isRuler(std::string_view line) {
    return line.size() > 3 && std::all_of(line.begin(), line.end(), [](char c) {
               return c == '-' || c == '=' || c == '_' || c == '*' || c == '+' || isSpace(c);
           });
}

class RecipientReader {
public:
    RecipientReader(std::string_view report, const std::set<std::string>& others)
        : report_(report), others_(others) {}

    // `is_description_read`: also «To:» of a description of the returned mail.
    std::vector<BounceRecipient> run(LineKind weakest, bool is_description_read) {
        const std::vector<std::string_view> lines = linesOf(report_);
        for (std::size_t i = 0; i < lines.size(); ++i) {
            const std::string_view line = lines[i];
            ReadLine read = readLine(line);
            if (!is_description_read && describesMail(lines, i)) read.kind = LineKind::Other;
            const bool is_named = read.kind == LineKind::Recipient ||
                                  (read.kind == LineKind::Weak && weakest == LineKind::Weak);
            if (is_named && isPossible(read.address)) {
                addRecipient(read);
            } else if (!found_.empty() && read.kind != LineKind::Other) {
                if (!isRuler(trimmed(line))) append(found_.back().diagnostic, line);
            } else if (read.kind != LineKind::Other && !isRuler(trimmed(line))) {
                append(before_, line);
            }
        }
        for (BounceRecipient& recipient : found_) {
            if (trimmed(recipient.diagnostic).empty()) recipient.diagnostic = found_.back().diagnostic;
            takeOriginal(recipient);
        }
        return std::move(found_);
    }
    const std::string& before() const { return before_; }

private:
    // «To: a@b», «Subject: x», «Sent: …»: Exchange tells which mail it was.
    static bool describesMail(const std::vector<std::string_view>& lines, std::size_t at) {
        if (!startsIgnoringCase(trimmed(lines[at]), "to:")) return false;
        for (std::size_t i = at + 1; i < lines.size() && i < at + 4; ++i) {
            if (startsIgnoringCase(trimmed(lines[i]), "subject:")) return true;
        }
        return false;
    }

    // «<a@b> (expanded from <c@d>)», «(generated from c@d)»: c@d is whom it was written to.
    void takeOriginal(BounceRecipient& recipient) const {
        const std::string low = lowered(std::string_view(recipient.diagnostic).substr(0, 300));
        for (const std::string_view word : {"expanded from", "generated from"}) {
            const auto at = low.find(word);
            if (at == std::string::npos || at > 2) continue;
            const auto end = std::min(low.find(')', at), low.size());
            const Found original = nextAddress(std::string_view(recipient.diagnostic).substr(0, end), at);
            if (!original.address.empty() && isPossible(original.address))
                recipient.address = original.address;
        }
    }

    bool isPossible(const std::string& address) const {
        const std::string low = lowered(address);
        return !others_.contains(low) && !isDaemonAddress(low);
    }

    void addRecipient(const ReadLine& read) {
        const std::string low = lowered(read.address);
        if (known_.contains(low)) {
            const auto same = std::find_if(found_.begin(), found_.end(), [&](const BounceRecipient& one) {
                return equalsIgnoringCase(one.address, low);
            });
            // It is spoken of again: its words go on.
            if (same + 1 != found_.end()) std::rotate(same, same + 1, found_.end());
            append(found_.back().diagnostic, read.rest);
            return;
        }
        if (found_.size() >= kMaxRecipients) return;
        known_.insert(low);
        BounceRecipient recipient;
        recipient.address = read.address;
        append(recipient.diagnostic, read.rest);
        found_.push_back(std::move(recipient));
    }

    std::string_view report_;
    const std::set<std::string>& others_;
    std::vector<BounceRecipient> found_;
    std::set<std::string> known_;  // their addresses, in small letters
    std::string before_;
};

bool isReturnedMark(std::string_view raw) {
    std::string_view line = trimmed(raw);
    const std::string low = lowered(line.substr(0, 120));
    for (const std::string_view begin : kReturnedBegins) {
        if (low.starts_with(begin) &&
            (begin != "the first " || contains(low, "of the message") || contains(low, "lines of")))
            return true;
    }
    std::string_view core = low;
    const auto isFrame = [](char c) {
        return c == '-' || c == '=' || c == '_' || c == '*' || c == '+' || c == '>' || c == ':' || c == '|' ||
               isSpace(c);
    };
    while (!core.empty() && isFrame(core.front())) core.remove_prefix(1);
    while (!core.empty() && isFrame(core.back())) core.remove_suffix(1);
    return std::find(kReturnedMarks.begin(), kReturnedMarks.end(), core) != kReturnedMarks.end();
}

// Where nobody is named by an address: local names listed below a line that says they were not reached
// (AOL, Yale). They are of the domain of the server that reports.
std::vector<BounceRecipient> localNamesInText(std::string_view report, std::string_view domain) {
    std::vector<BounceRecipient> found;
    std::string intro;
    bool is_list = false;
    for (const std::string_view raw : linesOf(report)) {
        const std::string_view line = trimmed(raw);
        if (line.empty()) continue;
        const auto end = std::min({line.find("  "), line.find('\t'), line.size()});
        const std::string_view name = line.substr(0, end);
        const bool is_name =
            name.size() >= 2 && name.size() <= 40 && std::all_of(name.begin(), name.end(), [](char c) {
                return isLetter(c) || isDigit(c) || c == '.' || c == '_' || c == '-';
            });
        if (is_list && is_name && isSpace(raw.front())) {
            BounceRecipient recipient;
            recipient.address = std::string(name) + '@' + std::string(domain);
            recipient.diagnostic = joinedSpaces(line.substr(end).empty() ? intro : line.substr(end));
            if (found.size() < kMaxRecipients) found.push_back(std::move(recipient));
            continue;
        }
        if (is_list && !found.empty()) break;
        append(intro, line);
        is_list = line.back() == ':' && saysUndelivered(intro);
    }
    return found;
}

}  // namespace

BounceText splitReport(std::string_view text) {
    text = text.substr(0, kMaxReport);
    std::size_t header_lines = 0;
    const char* header_begin = nullptr;
    for (const std::string_view line : linesOf(text)) {
        const auto at = static_cast<std::size_t>(line.data() - text.data());
        if (at > 0 && isReturnedMark(line))
            return {std::string(text.substr(0, at)), std::string(text.substr(at))};
        // Headers of the returned mail without a mark before them.
        const std::string low = lowered(line.substr(0, 14));
        const bool is_header = low.starts_with("received: ") || low.starts_with("return-path:") ||
                               low.starts_with("message-id:") || low.starts_with("mime-version:") ||
                               low.starts_with("x-mailer:") || low.starts_with("dkim-signatur");
        if (is_header && header_lines++ == 0) header_begin = line.data();
        if (header_lines >= 2) {
            const auto begin = static_cast<std::size_t>(header_begin - text.data());
            return {std::string(text.substr(0, begin)), std::string(text.substr(begin))};
        }
    }
    return {std::string(text), ""};
}

std::vector<BounceRecipient> recipientsInText(std::string_view report,
                                              const std::set<std::string>& not_recipients,
                                              std::string_view domain) {
    for (const auto& [weakest, is_description_read] :
         {std::pair{LineKind::Recipient, false}, {LineKind::Weak, false}, {LineKind::Weak, true}}) {
        RecipientReader reader(report, not_recipients);
        std::vector<BounceRecipient> found = reader.run(weakest, is_description_read);
        for (BounceRecipient& one : found) {
            one.diagnostic = joinedSpaces(one.diagnostic);
            if (one.diagnostic.empty()) one.diagnostic = joinedSpaces(reader.before());
        }
        if (found.empty() && weakest == LineKind::Recipient && !domain.empty())
            found = localNamesInText(report, domain);
        if (!found.empty()) return found;
    }
    return {};
}

bool listsUndelivered(std::string_view report) {
    bool is_said = false;
    for (const std::string_view line : linesOf(report.substr(0, 2000))) {
        if (trimmed(line).empty()) continue;
        const ReadLine read = readLine(line);
        const std::string_view rest = trimmed(read.rest);
        if (is_said && read.kind == LineKind::Recipient && (rest.empty() || rest.front() == '<')) return true;
        is_said = saysUndelivered(line);
    }
    return false;
}

std::string addressIn(std::string_view line) {
    return nextAddress(line, 0).address;
}

}  // namespace signalbox::mime
