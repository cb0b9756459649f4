#include <charconv>

#include "base/crypto.h"
#include "workflow/engine/step.h"

namespace signalbox::workflow {
namespace {

constexpr std::size_t kKeyLength = 26;

// RFC 4648 section 6, without padding.
std::string base32(std::string_view bytes, std::size_t length) {
    constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    std::string out;
    std::uint32_t buffer = 0;
    unsigned bits = 0;
    for (const char byte : bytes) {
        buffer = buffer << 8 | static_cast<unsigned char>(byte);
        bits += 8;
        while (bits >= 5 && out.size() < length) {
            bits -= 5;
            out += kAlphabet[buffer >> bits & 31];
        }
    }
    return out;
}

}  // namespace

std::string runKey(Id run, const std::string& node, std::int64_t seq) {
    return idText(kRunId, run) + "/" + node + "#" + std::to_string(seq);
}

std::optional<RunKey> parseRunKey(std::string_view text) {
    const auto slash = text.find('/');
    const auto hash_sign = text.rfind('#');
    if (slash == std::string_view::npos || hash_sign == std::string_view::npos || hash_sign < slash)
        return std::nullopt;
    const auto run = parseId(kRunId, text.substr(0, slash));
    RunKey key;
    const auto [end, fault] =
        std::from_chars(text.data() + hash_sign + 1, text.data() + text.size(), key.seq);
    if (!run || fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    key.run = *run;
    key.node = std::string(text.substr(slash + 1, hash_sign - slash - 1));
    return key;
}

std::string idempotencyKey(Id org, Id run, const std::string& node, const std::string& path,
                           std::int64_t seq) {
    // Node ids may hold any character: a zero byte cannot be part of one.
    std::string text = std::to_string(org) + '\0' + std::to_string(run);
    text.append(1, '\0').append(node).append(1, '\0').append(path).append(1, '\0').append(
        std::to_string(seq));
    return base32(hash(HashAlgorithm::Sha256, text), kKeyLength);
}

}  // namespace signalbox::workflow
