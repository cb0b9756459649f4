// What our side does with single messages: edit, delete, react, star, pin, urgency, read marks. Inside
// Writes. NotFound: not a message of that organization.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "hub/inbox/inbox.h"
#include "hub/model/actor.h"

namespace signalbox {

struct MessageFlags {
    std::optional<bool> starred, pinned;
    std::string urgency;  // empty: as it is
};

struct ReadMark {
    std::int64_t seq = 0;        // up to which line it is read
    std::size_t newly_read = 0;  // lines that were unread
};

class MessageCare {
public:
    MessageCare(Ids& ids, const Clock& clock, EventLog& log) : ids_(ids), clock_(clock), log_(log) {}

    // One's own line that no provider has, within five minutes; the old text is kept. Forbidden «not_author»,
    // Conflict «edit_too_late», «channel_cannot» (the provider has it already and cannot change it),
    // «message_deleted».
    // The revision is 1, and one more with each edit.
    Status edit(Tx& tx, const Edit& edit, Id message, const std::string& text);
    // For everyone: text and content are no longer shown; the same conditions as for an edit but the five
    // minutes, and admins may
    // (`is_any_author`). The raw row stays for those who must account for it.
    Status remove(Tx& tx, const Actor& by, Id message, bool is_any_author);
    // For the reader alone.
    Status hide(Tx& tx, const Actor& by, Id message);
    // An empty emoji takes it back.
    Status react(Tx& tx, const Actor& by, Id message, const std::string& emoji);
    Status setFlags(Tx& tx, const Actor& by, Id message, const MessageFlags& flags);
    Status changeTags(Tx& tx, const Actor& by, Id message, const std::vector<std::string>& add,
                      const std::vector<std::string>& remove);

    // `seq` 0: all there is. Never goes back unless `is_unread_again`.
    Result<ReadMark> markRead(Tx& tx, const Actor& by, Id conversation, std::int64_t seq,
                              bool is_unread_again);

private:
    struct Found {
        Id conversation = 0, account = 0;
        std::string author, direction, status, text;
        TimePoint created_at{};
        bool is_deleted = false;
    };
    Result<Found> find(Reader& reader, Id org, Id message) const;
    Status checkChangeable(const Found& found, const Actor& by, bool is_any_author) const;
    void tell(Tx& tx, const Actor& by, const Found& found, Id message, std::string_view type, Json payload);

    Ids& ids_;
    const Clock& clock_;
    EventLog& log_;
};

}  // namespace signalbox
