#include "daemon/delivery/retry_policy.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/backoff.h"
#include "base/json.h"
#include "base/own_json.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;
using std::chrono::seconds;
using State = TryResult::State;

constexpr std::array<seconds, 7> kMessageWaits = {2s, 10s, 30s, 120s, 600s, 1800s, 3600s};
constexpr std::array<seconds, 10> kPatientWaits = {5s,    30s,    120s,   600s,   1800s,
                                                   7200s, 18000s, 36000s, 50400s, 72000s};

constexpr std::array<seconds, 4> kPromptWaits = {1s, 2s, 5s, 10s};

constexpr int kLooks = 3;  // with the waits between them: a copy may come a few seconds later

struct Policy {
    std::span<const seconds> waits;
    int max_tries;
};

Policy policyOf(const Lease& lease, const Account& account) {
    constexpr int kWhileItsTimeLasts = std::numeric_limits<int>::max();
    if (const auto tries = triesOf(lease)) return {kPromptWaits, *tries};
    // RFC 5321, 4.5.4.1: whoever sends mail tries for days; servers are down for a night.
    if (account.channel == "email" && lease.kind != OutboxKind::Http && lease.kind != OutboxKind::Media)
        return {kMessageWaits, kWhileItsTimeLasts};
    switch (lease.kind) {
        case OutboxKind::Http:
            return {kPatientWaits, static_cast<int>(kPatientWaits.size()) + 1};
        case OutboxKind::Media:  // a file is worth asking for as long as its time lasts
            return {kPatientWaits, kWhileItsTimeLasts};
        default:
            return {kMessageWaits, static_cast<int>(kMessageWaits.size()) + 1};
    }
}

bool isCredentialFault(const Error& error) {
    return error.kind == ErrorKind::Unauthorized || error.kind == ErrorKind::Forbidden;
}

// 429, and «come back at …»: waiting was asked for, that is not a failed try.
bool isDeferral(const Error& error) {
    return error.kind == ErrorKind::Throttled ||
           (error.kind == ErrorKind::Unavailable && error.retry_after.has_value());
}

TryResult ended(State state, Error error) {
    TryResult result;
    result.state = state;
    result.error = std::move(error);
    return result;
}

// Nothing more is tried. Whether the last try had an effect is known, or is for a person to find out.
TryResult givenUp(Error error, const std::string& why) {
    const State state = error.kind == ErrorKind::Uncertain ? State::Uncertain : State::Dead;
    error.message += " (" + why + ")";
    return ended(state, std::move(error));
}

TryResult later(const Lease& lease, const Account& account, Error error, TimePoint now, std::uint64_t dice) {
    const Policy policy = policyOf(lease, account);
    const bool is_prompt = policy.waits.data() == kPromptWaits.data();
    // What may be repeated had no effect that matters, so the caller may do so as well.
    if (is_prompt && error.kind == ErrorKind::Uncertain) error.kind = ErrorKind::Unavailable;
    const bool is_counted = is_prompt || !isDeferral(error);
    if (is_counted && lease.attempts + 1 >= policy.max_tries)
        return givenUp(std::move(error), "gave up after " + std::to_string(lease.attempts + 1) + " tries");
    const Backoff backoff(policy.waits);
    TryResult result = ended(State::Retry, std::move(error));
    result.is_counted = is_counted;
    result.next_at =
        now + backoff.after(lease.attempts + lease.deferrals + 1, result.error.retry_after, dice);
    if (result.next_at >= lease.expires_at)
        return givenUp(std::move(result.error), "the next try would come after its time is over");
    return result;
}

}  // namespace

std::optional<int> triesOf(const Lease& lease) {
    if (lease.kind != OutboxKind::Http) return std::nullopt;
    const auto request = parseJson(lease.request, kOwnJson);
    if (!request) return std::nullopt;
    const auto tries = numberAt(memberAt(*request, "content"), "tries");
    if (tries < 1) return std::nullopt;
    return static_cast<int>(std::min<std::int64_t>(tries, 100));
}

TryResult decide(const Lease& lease, const Account& account, Error error, TimePoint now, std::uint64_t dice) {
    if (isRetryable(error)) return later(lease, account, std::move(error), now, dice);
    if (error.kind == ErrorKind::Uncertain) {
        // It was looked for, and will not be found by looking on and on while its conversation waits.
        const bool is_settled = error.code == kNotInSent && lease.attempts + 1 >= kLooks;
        const bool may_repeat = error.code == kNotAsked || isRepeatable(lease.kind, lease.request, &account);
        if (!is_settled && may_repeat) return later(lease, account, std::move(error), now, dice);
        return ended(State::Uncertain, std::move(error));
    }
    if (isCredentialFault(error)) {
        // One request of a workflow, or one file, says little about the account.
        if (lease.endpoint == kSendEndpoint) return ended(State::Blocked, std::move(error));
        if (lease.endpoint == kMailboxEndpoint) return later(lease, account, std::move(error), now, dice);
        if (lease.kind == OutboxKind::Media && error.kind == ErrorKind::Unauthorized)
            return later(lease, account, std::move(error), now, dice);
    }
    return ended(State::Dead, std::move(error));
}

Verdict verdictOf(const Error& error) {
    // Looked up elsewhere: nobody asked the one who sends. Mails that are looked for after a server's death
    // would else keep all others of the account from the server that is back.
    if (error.code == kNotInSent || error.code == kSentNotAsked || error.code == kNotAsked)
        return Verdict::Neither;
    if (isDeferral(error)) return Verdict::Neither;
    if (error.kind == ErrorKind::Unavailable || error.kind == ErrorKind::Uncertain)
        return Verdict::NotAnswered;
    return Verdict::Answered;
}

}  // namespace signalbox
