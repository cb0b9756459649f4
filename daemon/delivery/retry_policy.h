// What a failed try leads to: another one later, a person's decision, or the end. Pure. This and polls are
// the only places that decide about repetition.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "hub/outbox/outbox_row.h"

namespace signalbox {

// How often the request itself says that it is tried, some seconds apart (a workflow's call: what comes then
// is the graph's to decide); nothing: as the outbox does.
std::optional<int> triesOf(const Lease& lease);

// `dice`: any random number, for the jitter.
TryResult decide(const Lease& lease, const Account& account, Error error, TimePoint now, std::uint64_t dice);

// The code of an Uncertain error of an earlier try: this one came to nobody's ears and may be made again.
inline constexpr std::string_view kNotAsked = "not_asked";

// What a failure says about the endpoint, for its breaker.
enum class Verdict { Answered, NotAnswered, Neither };
Verdict verdictOf(const Error& error);

}  // namespace signalbox
