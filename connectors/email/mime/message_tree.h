// The structure of a mail: headers as they stand there, parts, contents without their transfer encoding. The
// only file that knows GMime is message_tree.cc. Total and linear: what is too deep, too many or too long is
// left out with a warning. Thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace signalbox::mime {

struct HeaderField {
    std::string name;
    std::string value;  // raw: folded, encoded
};

struct MessageNode {
    std::vector<HeaderField> headers;
    std::string content;  // of a leaf, decoded
    std::string raw;      // of message/*: as it was sent
    bool is_multipart = false;
    std::vector<MessageNode> children;  // of a multipart, or the one message of message/rfc822

    // The first header of that name (in lower case), or null.
    const std::string* find(std::string_view lower_name) const;
};

struct MessageTree {
    MessageNode root;
    std::string envelope_from;  // of an mbox «From » line
    std::vector<std::string> warnings;
};

constexpr std::size_t kMaxMailBytes = 64 * 1024 * 1024;

MessageTree readMessageTree(std::string_view mail);

// base64, quoted-printable, x-uuencode as the header names them; anything else is returned as it is.
std::string decodeTransfer(std::string_view bytes, std::string_view encoding);

}  // namespace signalbox::mime
