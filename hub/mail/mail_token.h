// The mark in the Message-IDs (and reply addresses) of mails we send: m.{message}.{16 hex digits}, the digits
// an HMAC that nobody else can make. A reply that carries it belongs to that message, whoever writes. With a
// u in front it stands in the link that ends automatic mails and allows nothing else. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"

namespace signalbox {

class MailToken {
public:
    explicit MailToken(std::string key) : key_(std::move(key)) {}

    // «m.0c3k9q2m4x7vd.0123456789abcdef».
    std::string make(Id message) const;
    // Without angle brackets; `address` is the sender's, its domain is used.
    std::string messageId(Id message, std::string_view address) const;
    // The message when `text` (a Message-ID or an address with +token) holds a token of ours.
    std::optional<Id> find(std::string_view text) const;

    // «u.0c3k9q2m4x7vd.0123456789abcdef», and the message when `text` holds such a one.
    std::string makeUnsubscribe(Id message) const;
    std::optional<Id> findUnsubscribe(std::string_view text) const;

private:
    const std::string key_;
};

}  // namespace signalbox
