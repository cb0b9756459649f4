// What a caller sees of an organization, as pieces of SQL for whoever lists or finds conversations, messages,
// files or people. Every one binds the organization; beyond it:
//   everything: no more conditions;
//   assigned: conversations that were granted to the user, a team of his or his role (hub/access/grants.h:
//   assigning and
//             taking part write grants);
//   own: conversations with the person that the user is, and granted ones.
// Direct and group conversations among users are shown to users who take part in them only (API tokens, and
// the daemon itself, see them). Internal notes are shown to those who have the right notes:read. The values
// are borrowed: a Visibility outlives the query.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hub/access/caller.h"
#include "hub/store/store.h"

namespace signalbox {

// What an event of the log is about.
struct EventKey {
    Id org = 0;
    Id account = 0;       // 0: what no provider carries
    Id conversation = 0;  // 0: none
    std::string_view type;
};

class Visibility {
public:
    // The daemon itself, and callers that see everything.
    Visibility(Id org) : org_(org) {}  // NOLINT: an organization is a view of itself
    explicit Visibility(const Caller& caller);

    Id org() const { return org_; }
    bool isEverything() const { return sees_ == Sees::Everything && sees_notes_; }  // but others' rooms
    // There may be rooms of other users that are not shown.
    bool hidesRooms() const { return user_ != 0; }

    // «alias.org = $n AND …» for rows of `conversations`; appends to `values` what $n … stand for.
    std::string conversations(std::string_view alias, std::vector<Value>& values) const;
    // Of rows of `conversations`: a room of other users.
    std::string isOthersRoom(std::string_view alias, std::vector<Value>& values) const;
    // The same as `conversations` for rows of `messages` joined to their conversation.
    std::string messages(std::string_view message, std::string_view conversation,
                         std::vector<Value>& values) const;
    // For rows of `people`: those of the conversations that are seen, and the person that the user is.
    std::string people(std::string_view alias, std::vector<Value>& values) const;

    // For rows of `files`: his own and the public ones.
    std::string files(std::string_view alias, std::vector<Value>& values) const;

    // One conversation; false as well when it is not there. Throws StoreError.
    bool maySee(Reader& reader, Id conversation) const;
    // One event of the log: its conversation is seen, and it is no internal note. Events without a
    // conversation are for those who see everything.
    bool maySeeEvent(Reader& reader, const EventKey& event, std::string_view payload) const;
    // The same in two steps, for many events at once: what does not depend on the conversation, and which of
    // `conversations` are seen.
    enum class Hears { No, Yes, WithConversation };
    Hears hears(const EventKey& event, std::string_view payload) const;
    std::vector<Id> seenAmong(Reader& reader, std::span<const Id> conversations) const;
    bool seesNotes() const { return sees_notes_; }
    bool seesAllConversations() const { return sees_ == Sees::Everything; }
    // A customer: who sees only what is about himself.
    bool isOwnOnly() const { return sees_ == Sees::Own; }

private:
    std::string grantedTo(std::string_view kind, std::vector<Value>& values) const;

    Id org_ = 0, user_ = 0, person_ = 0;
    Sees sees_ = Sees::Everything;
    bool sees_notes_ = true;
    std::string user_text_, role_;
};

}  // namespace signalbox
