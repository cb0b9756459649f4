#include "connectors/sdk/config_reader.h"
#include "connectors/webhook/config.h"

namespace signalbox::webhook {
namespace {

constexpr std::size_t kPublicKeyBytes = 32;

Error invalid(std::string message) {
    return {ErrorKind::Invalid, "verifier." + std::move(message), {}, "config"};
}

// The secrets that are set, as text.
Result<std::vector<std::string>> secrets(const Json& verifier) {
    std::vector<std::string> out;
    for (const char* name : {"secret", "secret_secondary"}) {
        if (auto text = textAt(verifier, name); !text.empty()) out.push_back(std::move(text));
    }
    if (out.empty()) return invalid("secret: empty; without one every request would be refused");
    return out;
}

Status addStandardSecret(StandardWebhooks& out, const std::string& text) {
    const auto bytes =
        text.size() > 6 ? fromBase64(std::string_view(text).substr(text.find('_') + 1)) : std::nullopt;
    const bool is_key = text.starts_with("whsec_") && bytes && !bytes->empty();
    const bool is_public_key = text.starts_with("whpk_") && bytes && bytes->size() == kPublicKeyBytes;
    if (!is_key && !is_public_key) {
        return invalid(
            "secret: must be whsec_ or whpk_ followed by base64, as the sender shows it (whsk_ is the "
            "sender's own private key; ask for whpk_)");
    }
    if (is_key) out.keys.emplace_back(*bytes);
    if (is_public_key) out.public_keys.push_back(*bytes);
    return Done{};
}

Result<Verifier> readStandard(const Json& verifier) {
    ConfigReader read(verifier);
    StandardWebhooks out;
    out.tolerance = read.seconds("tolerance_s");
    if (auto complete = read.status(); !complete) return complete.error();
    const auto texts = secrets(verifier);
    if (!texts) return texts.error();
    for (const auto& text : *texts) {
        if (auto added = addStandardSecret(out, text); !added) return added.error();
    }
    return Verifier(std::move(out));
}

Result<Secret> decodeKey(const std::string& text, const std::string& encoding) {
    if (encoding == "raw") return Secret(text);
    auto bytes = encoding == "hex" ? fromHex(text) : fromBase64(text);
    if (!bytes || bytes->empty())
        return invalid("secret: not " + encoding + ", as secret_encoding says it is");
    return Secret(std::move(*bytes));
}

Status checkTemplate(const Hmac& hmac) {
    const auto has = [&](const char* part) { return hmac.signed_text.find(part) != std::string::npos; };
    if (!has("{body}")) return invalid("signed: without {body} anyone could change it");
    if (has("{ts}") && hmac.timestamp_header.empty()) return invalid("signed: {ts} needs timestamp_header");
    if (has("{id}") && hmac.id_header.empty()) return invalid("signed: {id} needs id_header");
    if (!has("{ts}") && !hmac.timestamp_header.empty())
        return invalid("timestamp_header: proves nothing while signed does not contain {ts}");
    return Done{};
}

HashAlgorithm algorithmOf(const std::string& name) {
    if (name == "sha1") return HashAlgorithm::Sha1;
    return name == "sha512" ? HashAlgorithm::Sha512 : HashAlgorithm::Sha256;
}

Status addKeys(Hmac& out, const Json& verifier, const std::string& encoding) {
    const auto texts = secrets(verifier);
    if (!texts) return texts.error();
    for (const auto& text : *texts) {
        auto key = decodeKey(text, encoding);
        if (!key) return key.error();
        out.keys.push_back(std::move(*key));
    }
    return Done{};
}

Result<Verifier> readHmac(const Json& verifier) {
    ConfigReader read(verifier);
    Hmac out;
    out.header = read.text("header");
    out.prefix = read.text("prefix");
    out.separator = read.text("separator");
    out.algorithm = algorithmOf(read.text("algorithm"));
    out.is_base64 = read.text("encoding") == "base64";
    out.signed_text = read.text("signed");
    out.timestamp_header = read.text("timestamp_header");
    out.timestamp_prefix = read.text("timestamp_prefix");
    out.tolerance = read.seconds("tolerance_s");
    out.id_header = read.text("id_header");
    const std::string key_encoding = read.text("secret_encoding");
    if (auto complete = read.status(); !complete) return complete.error();
    if (out.header.empty()) return invalid("header: name the header that holds the signature");
    if (auto good = checkTemplate(out); !good) return good.error();
    if (auto added = addKeys(out, verifier, key_encoding); !added) return added.error();
    return Verifier(std::move(out));
}

Result<Verifier> readFixedSecret(const Json& verifier) {
    FixedSecret out{textAt(verifier, "header"), textAt(verifier, "query"), textAt(verifier, "prefix"), {}};
    if (out.header.empty() == out.query.empty())
        return invalid("header: name either the header or the query parameter that holds the secret");
    const auto texts = secrets(verifier);
    if (!texts) return texts.error();
    for (const auto& text : *texts) out.values.emplace_back(text);
    return Verifier(std::move(out));
}

}  // namespace

Result<Verifier> readVerifier(const Json& verifier) {
    const std::string kind = textAt(verifier, "kind");
    if (kind == "standard_webhooks") return readStandard(verifier);
    if (kind == "hmac") return readHmac(verifier);
    if (kind == "secret") return readFixedSecret(verifier);
    if (kind != "none") return invalid("kind: one of standard_webhooks, hmac, secret, none");
    if (!textAt(verifier, "secret").empty())
        return invalid("kind: none does not look at the secret that is set");
    return Verifier(NoProof{});
}

}  // namespace signalbox::webhook
