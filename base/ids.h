// Identifiers: 64 bits, ordered by the time of their making, unique over the nodes that share a database.
// Written for people and for the API as a prefix that tells the kind and 13 characters: `msg_0c3k9q2m4x7vd`.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace signalbox {

using Id = std::int64_t;

// Thread-safe. Layout: 41 bits of milliseconds since 2020-01-01, 10 bits of node, 12 bits of sequence (a
// "snowflake"). When a millisecond's sequence is used up, ids run ahead of the clock instead of waiting.
class Ids {
public:
    Ids(const Clock& clock, unsigned node);  // node 0…1023
    void setNode(unsigned node);             // before the first id is made
    Id next();

private:
    const Clock& clock_;
    std::uint64_t node_;
    std::atomic<std::uint64_t> last_{0};  // milliseconds << 12 | sequence
};

// The prefixes of the API.
inline constexpr std::string_view kMessageId = "msg", kConversationId = "cnv", kPersonId = "per",
                                  kRunId = "run", kRequestId = "req", kOutboxId = "out", kTokenId = "tok",
                                  kFileId = "fil", kOrgId = "org", kUserId = "usr", kSessionId = "ses",
                                  kInvitationId = "inv", kTeamId = "tea", kAccountId = "acc";

// The smallest id that is made at `time`: ids are in the order of their making.
Id firstIdAt(TimePoint time);

// When an id was made, to the millisecond.
TimePoint idTime(Id id);

std::string idText(std::string_view prefix, Id id);
// Nothing when the text is not an id of that kind.
std::optional<Id> parseId(std::string_view prefix, std::string_view text);

}  // namespace signalbox
