#include "connectors/email/mime/bounce_reason.h"

#include <algorithm>
#include <array>
#include <bitset>

#include "connectors/email/mime/ascii.h"
#include "connectors/email/mime/bounce_phrases.h"

namespace signalbox::mime {
namespace {

// RFC 3463 and the IANA registry; the class is the first digit of the code at hand.
struct StatusReason {
    std::string_view detail, reason;
};
constexpr auto kByStatus = std::to_array<StatusReason>({
    {"1.0", "user_unknown"},   {"1.1", "user_unknown"},   {"1.2", "host_unknown"},
    {"1.3", "user_unknown"},   {"1.4", "filtered"},       {"1.6", "moved"},
    {"1.7", "rejected"},       {"1.8", "rejected"},       {"1.9", "system_error"},
    {"1.10", "not_accepting"}, {"2.0", "filtered"},       {"2.1", "suspended"},
    {"2.2", "mailbox_full"},   {"2.3", "too_big"},        {"2.4", "filtered"},
    {"3.0", "system_error"},   {"3.1", "system_full"},    {"3.2", "not_accepting"},
    {"3.3", "system_error"},   {"3.4", "too_big"},        {"3.5", "system_error"},
    {"4.0", "network_error"},  {"4.1", "expired"},        {"4.2", "expired"},
    {"4.3", "system_error"},   {"4.4", "host_unknown"},   {"4.5", "system_full"},
    {"4.6", "network_error"},  {"4.7", "expired"},        {"5.0", "unknown"},
    {"5.1", "syntax_error"},   {"5.2", "syntax_error"},   {"5.3", "rate_limited"},
    {"5.4", "syntax_error"},   {"5.5", "syntax_error"},   {"6.0", "content_error"},
    {"6.1", "content_error"},  {"6.2", "content_error"},  {"6.3", "content_error"},
    {"6.5", "content_error"},  {"6.7", "content_error"},  {"7.0", "security_error"},
    {"7.1", "policy"},         {"7.2", "policy"},         {"7.3", "security_error"},
    {"7.5", "security_error"}, {"7.7", "security_error"}, {"7.8", "security_error"},
    {"7.9", "security_error"}, {"7.13", "suspended"},     {"7.17", "moved"},
    {"7.18", "moved"},         {"7.20", "auth_failure"},  {"7.23", "auth_failure"},
    {"7.24", "auth_failure"},  {"7.25", "blocked"},       {"7.26", "auth_failure"},
    {"7.27", "not_accepting"}, {"7.28", "rate_limited"},  {"7.29", "auth_failure"},
});

std::string_view reasonOfStatus(std::string_view status) {
    if (status.size() < 5) return "";
    // For now no server answers; for good there is none (RFC 3463 speaks of routing in both).
    if (status == "4.4.4") return "network_error";
    for (const StatusReason& known : kByStatus) {
        if (status.substr(2) == known.detail) return known.reason;
    }
    return "";
}

// For reports that give a reason in words only. What is given up has failed for good, whatever it waited for.
std::string_view statusOfReason(std::string_view reason) {
    static constexpr auto kStatus = std::to_array<StatusReason>({
        {"user_unknown", "5.1.1"},   {"host_unknown", "5.1.2"},  {"moved", "5.1.6"},
        {"mailbox_full", "5.2.2"},   {"suspended", "5.2.1"},     {"too_big", "5.3.4"},
        {"expired", "5.4.7"},        {"blocked", "5.7.1"},       {"spam", "5.7.1"},
        {"virus", "5.7.1"},          {"policy", "5.7.0"},        {"relay_denied", "5.7.1"},
        {"rejected", "5.1.8"},       {"network_error", "5.4.2"}, {"system_error", "5.3.0"},
        {"system_full", "5.3.1"},    {"content_error", "5.6.0"}, {"syntax_error", "5.5.0"},
        {"security_error", "5.7.0"}, {"auth_failure", "5.7.20"}, {"not_accepting", "5.3.2"},
        {"filtered", "5.2.0"},       {"dns_error", "5.4.3"},
    });
    for (const StatusReason& known : kStatus) {
        if (known.detail == reason) return known.reason;
    }
    return "";
}

bool isPartOfNumber(std::string_view text, std::size_t begin, std::size_t end) {
    const auto isPart = [](char c) { return isDigit(c) || c == '.'; };
    if (begin > 0 && (isPart(text[begin - 1]) || isLetter(text[begin - 1]) || text[begin - 1] == '[' ||
                      text[begin - 1] == '/'))
        return true;
    if (end >= text.size()) return false;
    if (isDigit(text[end]) || isLetter(text[end])) return true;
    return text[end] == '.' && end + 1 < text.size() && isDigit(text[end + 1]);
}

bool isGeneric(std::string_view status) {
    return status.size() < 5 || status.substr(2) == "0.0" || status.substr(2) == "5.0" ||
           status.substr(2) == "1.0" || status.substr(2) == "3.0" || status.substr(2) == "7.0" ||
           status.substr(2) == "4.0" || status.substr(2) == "2.0";
}

// Which of two codes tells more: the report's own, or the one that the other server is quoted with.
bool saysMore(const std::string& quoted, const std::string& own, const std::string& reply) {
    if (quoted.size() < 5 || own.size() < 5 || quoted == own) return false;
    // Of another class it was another try, unless the answer beside it is of that class too.
    if (quoted[0] != own[0]) return !reply.empty() && quoted[0] != '2' && reply[0] == quoted[0];
    if (isGeneric(own)) return !isGeneric(quoted) || (own.substr(2) == "0.0" && quoted.substr(2) != "0.0");
    if (isGeneric(quoted)) return false;
    // Own words of the reporting server for whatever it was told.
    const std::string_view detail = std::string_view(own).substr(2);
    if (own == "4.4.7" || detail.starts_with("3.") || detail == "5.1" || detail == "5.2" || detail == "5.4" ||
        detail == "5.5")
        return true;
    return own == "5.1.1" && !quoted.starts_with("5.5.");
}

bool isHint(std::string_view reason) {
    static constexpr auto kHints =
        std::to_array<std::string_view>({"rejected", "filtered", "system_error", "expired", "network_error",
                                         "syntax_error", "security_error", "policy"});
    return std::find(kHints.begin(), kHints.end(), reason) != kHints.end();
}

bool isAboutAddress(std::string_view reason) {
    return reason == "user_unknown" || reason == "host_unknown" || reason == "moved";
}

// The dialogue had not come to the recipient: what does not exist there is the sender, or the server itself.
bool isBeforeRecipient(std::string_view session) {
    const std::string words = lowered(session);
    for (const std::string_view step :
         {"in reply to mail from", "after mail from", "response to mail from", "in reply to helo",
          "in reply to ehlo", "after ehlo", "after helo", "after initial connection", ">>> mail from"}) {
        if (contains(words, step)) return !contains(words, "rcpt to");
    }
    return false;
}

// The recipient had been taken; who says afterwards that nobody is there speaks of a filter's verdict.
bool isBehindRecipient(std::string_view session) {
    const std::string words = lowered(session);
    for (const std::string_view step :
         {"in reply to end of data", "in reply to data", "after end of data", "after data",
          "response to end of data", "response to data", "data phase", ">>> data", "smtp command data"}) {
        if (contains(words, step)) return true;
    }
    return false;
}

// Whoever keeps the mailboxes says it of this one: the answer to RCPT TO, or a server's own directory. The
// same words from elsewhere may be a filter's behind it, which took the recipient and refused the mail.
bool isRefusedByName(std::string_view session) {
    const std::string words = lowered(session);
    for (const std::string_view said : {"rcpt to",
                                        "rcpt_to",
                                        "rcpt command",
                                        "after rcpt",
                                        "smtp:rcpt",
                                        "does not like recipient",
                                        "no mailbox here by that name",
                                        "not listed in domino directory",
                                        "not listed in public name",
                                        "domino-verzeichnis",
                                        "annuaire domino",
                                        "recipient name is not recognized",
                                        "ディレクトリのリストにありません",
                                        "domino ディレクトリには見つかりません",
                                        "reported by smtp32 unknown user",
                                        "invalid final delivery userid",
                                        "resolver.adr",
                                        "address couldn't be found",
                                        "invalid address, error_code",
                                        "bad-mailbox",
                                        "(state 14)",
                                        "rcp-p1",
                                        "int-p1",
                                        "int-p3",
                                        "int-p4",
                                        "no valid recipients for this mm",
                                        "email account that you tried to reach does not exist"}) {
        if (contains(words, said)) return true;
    }
    // Exchange 5.5 and 2000, then Exchange Online.
    if (contains(words, "unknown recipient") && (contains(words, "msexch:") || contains(words, "(000c05a6)")))
        return true;
    if (contains(words, "5.4.1") && contains(words, "recipient address rejected: access denied")) return true;
    return contains(words, "mailbox unavailable") && contains(words, "outlook.com");
}

// Words outrank codes, except that a precise code is not overruled by words that only hint. What stands
// around counts where the diagnostic says less.
std::string chooseReason(const BounceRecipient& recipient, std::string_view around) {
    const std::string words = reasonInText(recipient.diagnostic);
    const std::string_view coded = reasonOfStatus(recipient.status);
    if (!isGeneric(recipient.status) && !coded.empty()) {
        if (words.empty()) return std::string(coded);
        // «5.1.7 invalid address» speaks of the sender's.
        if (coded == "rejected") return isAboutAddress(words) ? std::string(coded) : words;
        const bool is_address =
            coded == "user_unknown" || coded == "host_unknown" || coded == "mailbox_full" || coded == "moved";
        return is_address && isHint(words) ? std::string(coded) : words;
    }
    const bool is_vague = words.empty() || (isHint(words) && recipient.code.empty());
    const std::string near = is_vague ? reasonInText(around) : "";
    if (!near.empty() && (words.empty() || !isHint(near))) return near;
    if (!words.empty()) return words;
    if (!coded.empty() && recipient.status.substr(2) != "0.0" && coded != "unknown")
        return std::string(coded);
    if (recipient.code == "552") return "mailbox_full";
    if (recipient.code == "551") return "user_unknown";
    if (recipient.code == "421" || recipient.code == "451" || recipient.code == "450") return "expired";
    if (recipient.code == "521" || recipient.code == "556") return "not_accepting";
    return "unknown";
}

// Which three bytes in a row a text has, as a set of their hashes: most of the hundreds of phrases are not in
// it, which is seen without a search for each.
class Trigrams {
public:
    explicit Trigrams(std::string_view text) {
        for (std::size_t i = 0; i + kLength <= text.size(); ++i) seen_.set(hash(text.substr(i, kLength)));
    }
    bool mayHave(std::string_view phrase) const {
        if (phrase.size() < kLength) return true;
        return seen_.test(hash(phrase.substr(0, kLength))) &&
               seen_.test(hash(phrase.substr(phrase.size() / 2 - 1, kLength))) &&
               seen_.test(hash(phrase.substr(phrase.size() - kLength)));
    }

private:
    static constexpr std::size_t kLength = 3;
    static constexpr std::size_t kBits = 1 << 14;
    static std::size_t hash(std::string_view three) {
        const auto at = [&](std::size_t i) { return static_cast<unsigned char>(three[i]); };
        return (at(0) * 1009U + at(1) * 131U + at(2)) % kBits;
    }
    std::bitset<kBits> seen_;
};

}  // namespace

std::string enhancedStatusIn(std::string_view text) {
    for (std::size_t i = 0; i + 4 < text.size(); ++i) {
        if ((text[i] != '5' && text[i] != '4' && text[i] != '2') || text[i + 1] != '.' ||
            !isDigit(text[i + 2]))
            continue;
        std::size_t middle = i + 2;
        while (middle < text.size() && isDigit(text[middle]) && middle < i + 5) ++middle;
        if (middle + 1 >= text.size() || text[middle] != '.' || !isDigit(text[middle + 1])) continue;
        std::size_t end = middle + 1;
        while (end < text.size() && isDigit(text[end]) && end < middle + 4) ++end;
        // «5.1.1.» ends a sentence, «5.1.1.7» is an address.
        if (isPartOfNumber(text, i, end)) continue;
        // A version: «Exim 4.96.2», «Sendmail 8…».
        if (middle - i - 2 > 1) continue;
        return std::string(text.substr(i, end - i));
    }
    return "";
}

std::string replyCodeIn(std::string_view text) {
    std::string soft;
    for (std::size_t i = 0; i + 2 < text.size(); ++i) {
        if ((text[i] != '5' && text[i] != '4') || text[i + 1] < '0' || text[i + 1] > '7' ||
            !isDigit(text[i + 2]))
            continue;
        const char before = i == 0 ? ' ' : text[i - 1];
        const char after = i + 3 < text.size() ? text[i + 3] : ' ';
        const bool is_begin = isSpace(before) || before == ':' || before == '(' || before == '"' ||
                              before == '\'' || before == '<' || before == '[' || before == ';' ||
                              before == '>' || before == ',' || before == '#' || before == '=';
        const bool is_end = isSpace(after) || after == '-' || after == ')' || after == ':' || after == '"' ||
                            after == ',' || after == '#' || after == ']' || after == '.' || after == '\'' ||
                            after == ';';
        if (!is_begin || !is_end || (after == '.' && i + 4 < text.size() && isDigit(text[i + 4]))) continue;
        const std::string code(text.substr(i, 3));
        if (code == "500" && soft.empty()) continue;
        return code;
    }
    return soft;
}

std::string reasonInText(std::string_view text) {
    if (text.empty()) return "";
    const std::string words = lowered(joinedSpaces(text));
    const Trigrams trigrams(words);
    for (const BouncePhrase& phrase : bouncePhrases()) {
        if (!trigrams.mayHave(phrase.text)) continue;
        const auto at = words.find(phrase.text);
        if (at == std::string::npos) continue;
        if (!phrase.then.empty() && words.find(phrase.then, at + phrase.text.size()) == std::string::npos)
            continue;
        return std::string(phrase.reason);
    }
    return "";
}

void judge(BounceRecipient& recipient, std::string_view around, std::string_view session) {
    if (recipient.code.empty()) recipient.code = replyCodeIn(recipient.diagnostic);
    if (recipient.code.empty()) recipient.code = replyCodeIn(around);
    std::string said = enhancedStatusIn(recipient.diagnostic);
    const bool is_quoted = !said.empty();
    if (said.empty()) said = enhancedStatusIn(around);
    const bool is_first =
        recipient.status.empty() && (said.empty() || said[0] != '2' || recipient.action == "delivered");
    if (is_first ||
        ((is_quoted || isGeneric(recipient.status)) && saysMore(said, recipient.status, recipient.code)))
        recipient.status = said;
    recipient.reason = chooseReason(recipient, around);
    const std::string_view coded = reasonOfStatus(recipient.status);
    const bool is_coded = isAboutAddress(coded) && !isGeneric(recipient.status);
    if (isAboutAddress(recipient.reason) && !is_coded &&
        (isBeforeRecipient(session) || isBeforeRecipient(recipient.diagnostic)))
        recipient.reason = "rejected";
    if (recipient.reason == "user_unknown" && !isAboutAddress(coded) &&
        (isBehindRecipient(session) || isBehindRecipient(recipient.diagnostic) ||
         !isRefusedByName(std::string(session) + ' ' + recipient.diagnostic)))
        recipient.reason = "filtered";
    if (recipient.reason == "no_route") recipient.reason = "network_error";
    if (recipient.status.empty() && !recipient.code.empty() && recipient.action != "delivered") {
        const std::string_view from_reason = statusOfReason(recipient.reason);
        recipient.status = from_reason.empty() ? "0.0.0" : std::string(from_reason);
        recipient.status[0] = recipient.code[0];
        if (recipient.reason == "unknown") recipient.status.replace(1, std::string::npos, ".0.0");
    }
    if (recipient.status.empty()) {
        recipient.status = std::string(statusOfReason(recipient.reason));
        if (recipient.status.empty()) recipient.status = recipient.action == "delayed" ? "4.0.0" : "5.0.0";
    }
    if (recipient.action.empty()) recipient.action = recipient.status[0] == '2' ? "delivered" : "failed";
    if (recipient.action == "delayed" && recipient.status[0] == '5') recipient.status[0] = '4';
    if (recipient.action != "failed") {
        if (recipient.action != "delayed") recipient.reason = recipient.action;
        recipient.hard = false;
        return;
    }
    const bool is_dead = recipient.reason == "user_unknown" || recipient.reason == "host_unknown" ||
                         recipient.reason == "moved";
    const bool is_refusing = recipient.reason == "not_accepting" && recipient.status[0] == '5';
    recipient.hard = is_dead || is_refusing;
}

}  // namespace signalbox::mime
