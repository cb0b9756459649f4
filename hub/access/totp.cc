#include "hub/access/totp.h"

#include <liboath/oath.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <stdexcept>

#include "base/crypto.h"
#include "base/http_message.h"

namespace signalbox {
namespace {

constexpr std::size_t kSecretBytes = 20, kRecoveryCodes = 10, kRecoveryBytes = 10;
constexpr std::int64_t kStep = 30;
constexpr unsigned kDigits = 6;

using OathText = std::unique_ptr<char, decltype(&std::free)>;

void require(int code, const char* what) {
    if (code != OATH_OK) throw std::runtime_error(std::string("totp: liboath cannot ") + what);
}

std::string toBase32(const std::string& bytes) {
    char* out = nullptr;
    std::size_t length = 0;
    require(oath_base32_encode(bytes.data(), bytes.size(), &out, &length), "encode");
    const OathText owner(out, std::free);
    std::string text(out, length);
    while (!text.empty() && text.back() == '=') text.pop_back();
    return text;
}

std::string fromBase32(const std::string& text) {
    char* out = nullptr;
    std::size_t length = 0;
    require(oath_base32_decode(text.data(), text.size(), &out, &length), "decode");
    const OathText owner(out, std::free);
    return {out, length};
}

std::string codeOf(const std::string& secret, std::int64_t step) {
    std::array<char, kDigits + 1> out{};
    require(oath_totp_generate(secret.data(), secret.size(), step * kStep, kStep, 0, kDigits, out.data()),
            "make a code");
    return out.data();
}

std::int64_t stepOf(TimePoint at) {
    return toMicros(at) / 1'000'000 / kStep;
}

bool isSixDigits(const std::string& code) {
    return code.size() == kDigits && code.find_first_not_of("0123456789") == std::string::npos;
}

// As people type it: capitals, spaces and hyphens do not count.
std::string recoveryHash(const std::string& code) {
    std::string plain;
    for (const char c : code) {
        if (c == ' ' || c == '-') continue;
        plain += (c >= 'a' && c <= 'z') ? static_cast<char>(c - 32) : c;
    }
    return toHex(hash(HashAlgorithm::Sha256, plain));
}

Error wrongCode() {
    return {ErrorKind::Forbidden, "code: not a code of now, or used already", {}, "credentials_invalid"};
}

SealedPlace placeOf(Id org, Id user) {
    return {org, "totp", user, "secret"};
}

}  // namespace

std::string totpCode(const std::string& base32, TimePoint at) {
    return codeOf(fromBase32(base32), stepOf(at));
}

std::optional<Totp::Kept> Totp::find(Id user) const {
    std::optional<Kept> kept;
    store_.read([&](Reader& reader) {
        const Rows rows = reader.query("SELECT secret, confirmed_at FROM totp WHERE user_id = $1", {user});
        if (!rows.empty()) kept = Kept{rows[0].text(0), !rows[0].isNull(1)};
    });
    return kept;
}

bool Totp::isOn(Id user) const {
    const auto kept = find(user);
    return kept && kept->is_confirmed;
}

Result<Totp::Enrolment> Totp::enrol(Id org, Id user, const std::string& label) {
    if (isOn(user))
        return Error{ErrorKind::Conflict, "a second factor is on; disable it first", {}, "totp_on"};
    const std::string secret = randomBytes(kSecretBytes);
    const std::string sealed = vault_.seal(placeOf(org, user), secret);
    const auto written = store_.writeAndWait([&](Tx& tx) {
        tx.exec(
            "INSERT INTO totp (user_id, org, secret, confirmed_at, last_step) VALUES ($1, $2, $3, NULL, 0)"
            " ON CONFLICT (user_id) DO UPDATE SET secret = $3, confirmed_at = NULL, last_step = 0",
            {user, org, Blob{sealed}});
    });
    if (!written) return written.error();
    const std::string text = toBase32(secret);
    return Enrolment{Secret(text), Secret("otpauth://totp/signalbox:" + percentEncode(label) +
                                          "?secret=" + text + "&issuer=signalbox")};
}

Result<std::vector<Secret>> Totp::confirm(Id org, Id user, const std::string& code) {
    const auto kept = find(user);
    if (!kept)
        return Error{
            ErrorKind::Conflict, "there is nothing to confirm; POST /api/v1/me/totp first", {}, "totp_off"};
    if (kept->is_confirmed)
        return Error{ErrorKind::Conflict, "the second factor is on already", {}, "totp_on"};
    const auto taken = takeStep(org, user, kept->sealed, code);
    if (!taken) return taken.error();
    if (!*taken) return wrongCode();
    std::vector<Secret> codes;
    for (std::size_t i = 0; i < kRecoveryCodes; ++i) {
        std::string text = toBase32(randomBytes(kRecoveryBytes)).substr(0, 16);
        text.insert(8, 1, '-');
        codes.emplace_back(std::move(text));
    }
    const auto written = store_.writeAndWait([&](Tx& tx) {
        tx.exec("UPDATE totp SET confirmed_at = $1 WHERE user_id = $2", {toMicros(clock_.now()), user});
        tx.exec("DELETE FROM recovery_codes WHERE user_id = $1", {user});
        for (const Secret& one : codes) {
            const std::string hashed = recoveryHash(one.reveal());
            tx.exec("INSERT INTO recovery_codes (user_id, hash) VALUES ($1, $2)", {user, hashed});
        }
    });
    if (!written) return written.error();
    return codes;
}

Status Totp::disable(Id org, Id user, const std::string& code) {
    if (!isOn(user)) return Error{ErrorKind::Conflict, "there is no second factor", {}, "totp_off"};
    const auto taken = take(org, user, code);
    if (!taken) return taken.error();
    if (!*taken) return wrongCode();
    return store_.writeAndWait([&](Tx& tx) {
        tx.exec("DELETE FROM totp WHERE user_id = $1", {user});
        tx.exec("DELETE FROM recovery_codes WHERE user_id = $1", {user});
    });
}

Result<bool> Totp::take(Id org, Id user, const std::string& code) {
    const auto kept = find(user);
    if (!kept || !kept->is_confirmed) return false;
    if (isSixDigits(code)) return takeStep(org, user, kept->sealed, code);
    return takeRecoveryCode(user, code);
}

Result<bool> Totp::takeStep(Id org, Id user, const std::string& sealed, const std::string& code) {
    if (!isSixDigits(code)) return false;
    const auto secret = vault_.unseal(placeOf(org, user), sealed);
    if (!secret) return secret.error();
    const std::int64_t now = stepOf(clock_.now());
    std::int64_t matching = 0;
    for (const std::int64_t step : {now - 1, now, now + 1})
        if (equalInConstantTime(codeOf(secret->reveal(), step), code)) matching = step;
    if (matching == 0) return false;
    std::int64_t changed = 0;
    const auto written = store_.writeAndWait([&](Tx& tx) {
        changed =
            tx.exec("UPDATE totp SET last_step = $1 WHERE user_id = $2 AND last_step < $1", {matching, user});
    });
    if (!written) return written.error();
    return changed == 1;
}

Result<bool> Totp::takeRecoveryCode(Id user, const std::string& code) {
    const std::string hashed = recoveryHash(code);
    std::int64_t changed = 0;
    const auto written = store_.writeAndWait([&](Tx& tx) {
        changed = tx.exec("DELETE FROM recovery_codes WHERE user_id = $1 AND hash = $2", {user, hashed});
    });
    if (!written) return written.error();
    return changed == 1;
}

}  // namespace signalbox
