// How far a mailbox itself says that a conversation is read: somebody read it in another program. It counts
// for everybody who reads here: whoever asks what is unread takes the later one of this mark and the reader's
// own. Kept in read_marks beside those of people.
#pragma once

#include "base/clock.h"
#include "base/ids.h"
#include "hub/store/store.h"

namespace signalbox {

// No person has this number; the queries of unread lines name it.
inline constexpr Id kMailboxReader = 0;

std::int64_t readMailboxMark(Reader& reader, Id conversation);
// Inside Writes.
void setMailboxMark(Tx& tx, Id conversation, std::int64_t seq, TimePoint now);

}  // namespace signalbox
