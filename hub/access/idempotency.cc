#include "hub/access/idempotency.h"

#include <algorithm>
#include <array>

#include "base/aead.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/log.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kTake =
    "INSERT INTO idempotency_keys (org, token, idem_key, fingerprint, status, response, created_at)"
    " VALUES ($1, $2, $3, $4, 0, '', $5) ON CONFLICT (org, token, idem_key) DO NOTHING";
// Until there is an answer, `status` says how far it came.
constexpr std::int64_t kBegun = 0, kWorked = 1, kCutOff = 2;
constexpr std::string_view kNoteWork =
    "UPDATE idempotency_keys SET status = 1 WHERE org = $1 AND token = $2 AND idem_key = $3 AND status = 0";
constexpr std::string_view kNoteCutOff =
    "UPDATE idempotency_keys SET status = 2 WHERE org = $1 AND token = $2 AND idem_key = $3 AND status = 1"
    " AND created_at < $4";
// A first call that is five minutes old was cut off; what it may have done is guarded by keys of its own.
constexpr std::string_view kGiveUp =
    "DELETE FROM idempotency_keys WHERE org = $1 AND token = $2 AND idem_key = $3 AND fingerprint = $4 AND "
    "status = 0"
    " AND created_at < $5";
constexpr std::string_view kFind =
    "SELECT fingerprint, status, response, headers FROM idempotency_keys"
    " WHERE org = $1 AND token = $2 AND idem_key = $3";
constexpr std::string_view kKeep =
    "UPDATE idempotency_keys SET status = $1, response = $2, headers = $3"
    " WHERE org = $4 AND token = $5 AND idem_key = $6";
constexpr std::string_view kGiveBack =
    "DELETE FROM idempotency_keys WHERE org = $1 AND token = $2 AND idem_key = $3";

constexpr std::string_view kSealed = "sealed:";

// Of an answer's headers those that tell of what was made, one a line; never a cookie.
constexpr std::array<std::string_view, 7> kKeptHeaders = {
    "content-type", "location", "etag", "cache-control", "upload-offset", "upload-length", "tus-resumable"};

std::string headersToKeep(const HttpResponse& response) {
    std::string out;
    for (const auto name : kKeptHeaders)
        if (const auto value = response.headers.find(name))
            out.append(name).append(": ").append(*value).append("\n");
    return out;
}

Headers keptHeaders(std::string_view lines) {
    Headers out;
    while (!lines.empty()) {
        const auto line = lines.substr(0, lines.find('\n'));
        lines.remove_prefix(std::min(line.size() + 1, lines.size()));
        const auto colon = line.find(": ");
        if (colon != std::string_view::npos)
            out.add(std::string(line.substr(0, colon)), std::string(line.substr(colon + 2)));
    }
    return out;
}

// Nothing was done, and the same may succeed a moment later.
bool isPassing(int status) {
    return status >= 500 || status == 429;
}

std::string answerKey(const Caller& caller, const std::string& key, const Secret& credential) {
    const std::string what = "signalbox idempotent answer\n" + std::to_string(caller.org) + '\n' +
                             std::to_string(caller.token) + '\n' + key;
    return hmac(HashAlgorithm::Sha256, credential.reveal(), what);
}

std::optional<std::string> unsealed(std::string_view text, const std::string& answer_key) {
    if (!text.starts_with(kSealed)) return std::string(text);
    const auto bytes = fromBase64(text.substr(kSealed.size()));
    if (!bytes || bytes->size() < kAeadNonceBytes) return std::nullopt;
    const std::string_view all = *bytes;
    return openAead(answer_key, all.substr(0, kAeadNonceBytes), "", all.substr(kAeadNonceBytes));
}

HttpResponse keptAnswer(const Row& row, const std::string& fingerprint, const std::string& answer_key) {
    if (row.text(0) != fingerprint) {
        return problem(422, "idempotency_key_reused",
                       "this Idempotency-Key was used for another request; use a new one");
    }
    if (row.integer(1) == kCutOff) {
        return problem(
            409, "idempotency_answer_lost",
            "the first request was cut off after it had changed something; look for what it made, and "
            "send it again under a new key only if it is not there");
    }
    if (row.integer(1) == kBegun || row.integer(1) == kWorked) {
        return problem(409, "idempotency_in_progress",
                       "the first request with this Idempotency-Key is still at work");
    }
    auto body = unsealed(row.text(2), answer_key);
    if (!body) {
        return problem(409, "idempotency_answer_sealed",
                       "it was done; its answer is given again to the session or token that asked first");
    }
    HttpResponse kept{static_cast<int>(row.integer(1)), keptHeaders(row.text(3)), *std::move(body)};
    if (!kept.headers.find("content-type") && !kept.body.empty())  // kept before headers were
        kept.headers.add("content-type", kept.status < 400 ? "application/json" : "application/problem+json");
    kept.headers.add("idempotent-replayed", "true");
    return kept;
}

}  // namespace

Result<std::optional<HttpResponse>> Idempotency::begin(const Caller& caller, const std::string& key,
                                                       const std::string& fingerprint,
                                                       const Secret& credential) {
    std::optional<HttpResponse> kept;
    const auto written = store_.writeAndWait([&](Tx& tx) {
        kept.reset();
        const TimePoint now = clock_.now();
        tx.exec(kGiveUp, {caller.org, caller.token, key, fingerprint, toMicros(now - 5min)});
        tx.exec(kNoteCutOff, {caller.org, caller.token, key, toMicros(now - 5min)});
        if (tx.exec(kTake, {caller.org, caller.token, key, fingerprint, toMicros(now)}) == 1) return;
        kept = keptAnswer(tx.query(kFind, {caller.org, caller.token, key}).at(0), fingerprint,
                          answerKey(caller, key, credential));
    });
    if (!written) return written.error();
    return kept;
}

void Idempotency::noteWork(Tx& tx, const Caller& caller, const std::string& key) const {
    tx.exec(kNoteWork, {caller.org, caller.token, key});
}

void Idempotency::finish(const Caller& caller, const std::string& key, const HttpResponse& response) {
    const auto written = store_.writeAndWait([&](Tx& tx) {
        if (isPassing(response.status)) {
            tx.exec(kGiveBack, {caller.org, caller.token, key});
            return;
        }
        tx.exec(kKeep, {std::int64_t{response.status}, response.body, headersToKeep(response), caller.org,
                        caller.token, key});
    });
    if (!written) log::warn("idempotency_answer_not_kept", {{"error", written.error().message}});
}

void Idempotency::finishSealed(const Caller& caller, const std::string& key, HttpResponse response,
                               const Secret& credential) {
    if (response.status < 300) {
        const std::string nonce = randomBytes(kAeadNonceBytes);
        const std::string sealed = sealAead(answerKey(caller, key, credential), nonce, "", response.body);
        response.body = std::string(kSealed) + toBase64(nonce + sealed);
    }
    finish(caller, key, response);
}

void Idempotency::releaseUnfinished() {
    if (!store_.isExclusive()) return;  // another node may be at work on them
    const auto written = store_.writeAndWait([](Tx& tx) {
        tx.exec("DELETE FROM idempotency_keys WHERE status = $1", {kBegun});
        tx.exec("UPDATE idempotency_keys SET status = $1 WHERE status = $2", {kCutOff, kWorked});
    });
    if (!written) log::warn("idempotency_release_failed", {{"error", written.error().message}});
}

void Idempotency::forgetOld() {
    const std::int64_t before = toMicros(clock_.now() - 24h);
    const auto written = store_.writeAndWait(
        [&](Tx& tx) { tx.exec("DELETE FROM idempotency_keys WHERE created_at < $1", {before}); });
    if (!written) log::warn("idempotency_cleanup_failed", {{"error", written.error().message}});
}

}  // namespace signalbox
