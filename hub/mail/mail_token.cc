#include "hub/mail/mail_token.h"

#include "base/crypto.h"

namespace signalbox {
namespace {

constexpr std::size_t kDigits = 16;
constexpr std::size_t kNumberLength = 13;

// The 13 characters of an id behind its prefix.
std::string numberText(Id message) {
    return idText(kMessageId, message).substr(kMessageId.size() + 1);
}

}  // namespace

std::string MailToken::make(Id message) const {
    const std::string number = numberText(message);
    return "m." + number + "." + toHex(hmac(HashAlgorithm::Sha256, key_, number)).substr(0, kDigits);
}

std::string MailToken::messageId(Id message, std::string_view address) const {
    const auto at = address.rfind('@');
    const std::string_view host = at == std::string_view::npos ? "localhost" : address.substr(at + 1);
    return make(message) + "@" + std::string(host);
}

// Signed with its letter, so that whoever has a Message-ID of ours cannot make one of these.
std::string MailToken::makeUnsubscribe(Id message) const {
    const std::string text = "u." + numberText(message);
    return text + "." + toHex(hmac(HashAlgorithm::Sha256, key_, text)).substr(0, kDigits);
}

std::optional<Id> MailToken::findUnsubscribe(std::string_view text) const {
    constexpr std::size_t kLength = 2 + kNumberLength + 1 + kDigits;
    for (auto at = text.find("u."); at != std::string_view::npos; at = text.find("u.", at + 1)) {
        const std::string_view token = text.substr(at, kLength);
        if (token.size() < kLength) continue;
        const std::string number(token.substr(2, kNumberLength));
        const auto message = parseId(kMessageId, std::string(kMessageId) + "_" + number);
        if (message && equalInConstantTime(makeUnsubscribe(*message), token)) return message;
    }
    return std::nullopt;
}

std::optional<Id> MailToken::find(std::string_view text) const {
    constexpr std::size_t kLength = 2 + kNumberLength + 1 + kDigits;
    for (auto at = text.find("m."); at != std::string_view::npos; at = text.find("m.", at + 1)) {
        if (at > 0 && text[at - 1] != '+' && text[at - 1] != '<') continue;
        const std::string_view token = text.substr(at, kLength);
        if (token.size() < kLength || text.substr(at + kLength, 1) != "@") continue;
        const std::string number(token.substr(2, kNumberLength));
        const auto message = parseId(kMessageId, std::string(kMessageId) + "_" + number);
        if (message && equalInConstantTime(make(*message), token)) return message;
    }
    return std::nullopt;
}

}  // namespace signalbox
