#include "hub/log/posted_events.h"

#include "base/crypto.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

constexpr auto kKeysKept = std::chrono::hours{24 * 90};
constexpr std::string_view kTake =
    "INSERT INTO event_keys (org, event_key, log_offset, sha256, created_at) VALUES ($1, $2, 0, $3, $4)"
    " ON CONFLICT (org, event_key) DO NOTHING";
constexpr std::string_view kKnown =
    "SELECT log_offset, sha256 FROM event_keys WHERE org = $1 AND event_key = $2";
constexpr std::string_view kSetOffset =
    "UPDATE event_keys SET log_offset = $3 WHERE org = $1 AND event_key = $2";

}  // namespace

Result<Appended> PostedEvents::append(const PostedEvent& event) {
    Appended out;
    bool is_reused = false;
    const std::string sha256 = toHex(hash(HashAlgorithm::Sha256, event.type + '\n' + event.payload));
    const std::int64_t now = toMicros(clock_.now());
    const Status written = store_.writeAndWait([&](Tx& tx) {
        out = {};
        is_reused = false;
        if (!event.key.empty() && tx.exec(kTake, {event.org, event.key, sha256, now}) == 0) {
            const Rows rows = tx.query(kKnown, {event.org, event.key});
            out = {rows.at(0).integer(0), true};
            is_reused = rows.at(0).text(1) != sha256;
            return;
        }
        out.offset =
            log_.append(tx, {event.org, event.type, event.account, event.conversation, event.payload});
        if (!event.key.empty()) tx.exec(kSetOffset, {event.org, event.key, out.offset});
    });
    if (!written) return withContext("append the event", written.error());
    if (is_reused)
        return Error{ErrorKind::Conflict,
                     "key: it was used for another event (offset " + std::to_string(out.offset) + ")",
                     {},
                     "event_key_reused"};
    return out;
}

Status PostedEvents::forgetOldKeys() {
    const std::int64_t before = toMicros(clock_.now() - kKeysKept);
    return store_.writeAndWait(
        [&](Tx& tx) { tx.exec("DELETE FROM event_keys WHERE created_at < $1", {before}); });
}

}  // namespace signalbox
