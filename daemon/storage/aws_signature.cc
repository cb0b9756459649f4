#include "daemon/storage/aws_signature.h"

#include <algorithm>
#include <map>

#include "base/crypto.h"

namespace signalbox {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

std::string sha256Hex(std::string_view text) {
    return toHex(hash(HashAlgorithm::Sha256, text));
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
    return out;
}

// No space at the ends, one where there were several.
std::string collapsed(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool is_space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
        if (!is_space) out += c;
        if (is_space && !out.empty() && out.back() != ' ') out += ' ';
    }
    while (out.ends_with(' ')) out.pop_back();
    return out;
}

// Sorted by name; values of one name in their order, with commas between.
std::map<std::string, std::string> canonicalHeaders(const Headers& headers) {
    std::map<std::string, std::string> fields;
    for (const auto& [name, value] : headers) {
        const auto [at, is_new] = fields.emplace(lower(name), collapsed(value));
        if (!is_new) at->second += ',' + collapsed(value);
    }
    return fields;
}

}  // namespace

std::string awsDate(TimePoint now) {
    std::string text = toRfc3339(now);  // 2015-08-30T12:36:00.000Z
    text.resize(std::min<std::size_t>(text.size(), 19));
    std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
    return text + 'Z';
}

std::string awsQuery(const FormFields& query) {
    std::vector<std::pair<std::string, std::string>> pairs;
    for (const auto& [name, value] : query) pairs.emplace_back(percentEncode(name), percentEncode(value));
    std::sort(pairs.begin(), pairs.end());
    std::string out;
    for (const auto& [name, value] : pairs) {
        if (!out.empty()) out += '&';
        out += name + '=' + value;
    }
    return out;
}

std::string awsAuthorization(const AwsCredentials& credentials, const AwsRequest& request) {
    std::string fields, names;
    for (const auto& [name, value] : canonicalHeaders(request.headers)) {
        fields += name + ':' + value + '\n';
        names += (names.empty() ? "" : ";") + name;
    }
    const std::string canonical = request.method + '\n' + request.path + '\n' + awsQuery(request.query) +
                                  '\n' + fields + '\n' + names + '\n' + request.payload_sha256;
    const std::string date(request.headers.get("x-amz-date"));
    const std::string day = date.substr(0, 8);
    const std::string scope = day + '/' + credentials.region + '/' + credentials.service + "/aws4_request";
    const std::string to_sign =
        std::string(kAlgorithm) + '\n' + date + '\n' + scope + '\n' + sha256Hex(canonical);
    std::string key = "AWS4" + credentials.secret_key.reveal();
    for (const std::string_view part :
         {std::string_view(day), std::string_view(credentials.region), std::string_view(credentials.service),
          std::string_view("aws4_request")})
        key = hmac(HashAlgorithm::Sha256, key, part);
    return std::string(kAlgorithm) + " Credential=" + credentials.access_key + '/' + scope +
           ", SignedHeaders=" + names + ", Signature=" + toHex(hmac(HashAlgorithm::Sha256, key, to_sign));
}

}  // namespace signalbox
