#include "hub/inbox/mailbox_mark.h"

namespace signalbox {
namespace {

constexpr std::string_view kMark =
    "INSERT INTO read_marks (reader, conversation, seq, read_at) VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (reader, conversation) DO UPDATE SET seq = $3, read_at = $4";

}  // namespace

std::int64_t readMailboxMark(Reader& reader, Id conversation) {
    const Rows rows = reader.query("SELECT seq FROM read_marks WHERE reader = $1 AND conversation = $2",
                                   {kMailboxReader, conversation});
    return rows.empty() ? 0 : rows[0].integer(0);
}

void setMailboxMark(Tx& tx, Id conversation, std::int64_t seq, TimePoint now) {
    tx.exec(kMark, {kMailboxReader, conversation, seq, toMicros(now)});
}

}  // namespace signalbox
