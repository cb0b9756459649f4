// Two conversations that are about the same thing become one, and one two again. Every row that moves is
// written down (merge_moves), so nothing is guessed when it goes back. Each change is an event of the log in
// the same commit. Inside Writes, on the writer thread.
#pragma once

#include <string>

#include "base/result.h"
#include "hub/inbox/inbox.h"
#include "hub/model/actor.h"

namespace signalbox {

class Merging {
public:
    Merging(const Clock& clock, EventLog& log, Inbox& inbox) : clock_(clock), log_(log), inbox_(inbox) {}

    // Messages, tags, members and links of `gone` become `kept`'s, messages behind those it has; `gone` is
    // closed, and what comes in its thread later goes to `kept`. NotFound: one is not there. Conflict
    // «conversation_merged»: one was merged into another already. Invalid: the same one twice, or a
    // conversation among users.
    Status merge(Tx& tx, const Actor& by, Id merge, Id kept, Id gone);
    // What moved goes back, to its old place; what came since stays. Conflict «merge_undone», «merge_buried»
    // while a later merge took the kept one away.
    Status unmerge(Tx& tx, const Actor& by, Id merge);

private:
    Result<Conversation> find(Tx& tx, Id org, Id conversation) const;
    void moveMessages(Tx& tx, Id merge, Id kept, Id gone);
    void shareRows(Tx& tx, Id merge, Id org, Id kept, Id gone);
    void tell(Tx& tx, const Actor& by, const Conversation& kept, std::string_view type, Id gone, Id merge);

    const Clock& clock_;
    EventLog& log_;
    Inbox& inbox_;
};

// Whether a merge is one of conversations; nothing: there is none.
std::optional<bool> isConversationMerge(Reader& reader, Id org, Id merge);
// Of conversations, newest first; `conversation` 0: all.
Json listConversationMerges(Reader& reader, Id org, Id conversation);

}  // namespace signalbox
