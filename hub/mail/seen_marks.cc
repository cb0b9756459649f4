#include "hub/mail/seen_marks.h"

#include <algorithm>
#include <limits>

namespace signalbox {
namespace {

constexpr std::string_view kUnseen =
    "SELECT l.account, l.folder, l.uidvalidity, l.uid, COALESCE(m.external_id, '') FROM messages m"
    " JOIN mail_locations l ON l.message = m.id WHERE m.conversation = $1 AND m.org = $2"
    " AND m.direction = 'in' AND m.seq <= $3 AND l.is_seen = 0 ORDER BY m.seq DESC LIMIT $4";
constexpr std::string_view kFirstUnseen =
    "SELECT m.seq FROM messages m WHERE m.conversation = $1 AND m.seq > $2 AND m.direction = 'in'"
    " AND NOT EXISTS (SELECT 1 FROM mail_locations l WHERE l.message = m.id AND l.is_seen = 1)"
    " ORDER BY m.seq LIMIT 1";
constexpr std::string_view kLast = "SELECT last_seq FROM conversations WHERE id = $1";

}  // namespace

std::vector<UnseenCopy> unseenCopies(Reader& reader, Id org, Id conversation, std::int64_t seq,
                                     std::size_t limit) {
    const std::int64_t up_to = seq == 0 ? std::numeric_limits<std::int64_t>::max() : seq;
    std::vector<UnseenCopy> copies;
    for (const Row& row :
         reader.query(kUnseen, {conversation, org, up_to, static_cast<std::int64_t>(limit)})) {
        copies.push_back({row.integer(0), {row.text(1), row.integer(2), row.integer(3), false}, row.text(4)});
    }
    return copies;
}

std::int64_t seenUpTo(Reader& reader, Id conversation, std::int64_t after) {
    const Rows unseen = reader.query(kFirstUnseen, {conversation, after});
    if (!unseen.empty()) return std::max(after, unseen[0].integer(0) - 1);
    const Rows last = reader.query(kLast, {conversation});
    return last.empty() ? after : std::max(after, last[0].integer(0));
}

}  // namespace signalbox
