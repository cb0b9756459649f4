// What a caller sees of an organization, as pieces of SQL for whoever lists or finds conversations, messages,
// files or people. Every one binds the organization; beyond it:
//   everything: no more conditions;
//   assigned: conversations that were granted to the user, a team of his or his role (hub/access/grants.h:
//   assigning and
//             taking part write grants);
//   own: conversations with the person that the user is, and granted ones.
// Direct and group conversations among users are shown to users who take part in them only (API tokens, and
// the daemon itself, see them). What lies in an account that is private to a user (hub/accounts) is for that
// user, and for those to whom he granted a conversation themselves (not by a team or a role, which others may
// join): not for admins, API tokens, or the daemon's own workflows.
// The same goes for people whom only such an account knows. Internal notes are shown to those who have the
// right notes:read. The values are borrowed: a Visibility outlives the query.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hub/access/caller.h"
#include "hub/accounts/accounts.h"
#include "hub/store/store.h"

namespace signalbox {

// What an event of the log is about.
struct EventKey {
    Id org = 0;
    Id account = 0;       // 0: what no provider carries
    Id private_to = 0;    // of the account (Account::private_to)
    Id conversation = 0;  // 0: none
    std::string_view type;
};

class Visibility {
public:
    // What works for the whole organization: workflows and the like.
    Visibility(Id org) : org_(org) {}  // NOLINT: an organization is a view of itself
    explicit Visibility(const Caller& caller);

    Id org() const { return org_; }
    bool isEverything() const { return sees_ == Sees::Everything && sees_notes_; }  // but what is others'
    // Rooms of other users are not shown.
    bool hidesRooms() const { return user_ != 0; }
    // Accounts that are private to somebody else.
    std::vector<Id> othersAccounts(Reader& reader) const;
    // May carry on conversations of this account, or begin one there.
    bool mayUse(const Account& account) const { return !account.isPrivate() || account.private_to == user_; }

    // «alias.org = $n AND …» for rows of `conversations`; appends to `values` what $n … stand for.
    std::string conversations(std::string_view alias, std::vector<Value>& values) const;
    // Of rows of `conversations`: a room of other users, or of an account that is private to one.
    std::string isOthers(std::string_view alias, std::vector<Value>& values) const;
    // Of rows that name an account in `column`: it is private to somebody else.
    std::string isOfOthersAccount(std::string_view column, std::vector<Value>& values) const;
    // The same as `conversations` for rows of `messages` joined to their conversation.
    std::string messages(std::string_view message, std::string_view conversation,
                         std::vector<Value>& values) const;
    // Of rows that name a conversation in `column`: it is none that isOthers.
    std::string isAboutNoOthers(std::string_view column, std::vector<Value>& values) const;
    // For rows of `work_items`: what is about a conversation that isOthers is for those who see that.
    std::string workItems(std::string_view alias, std::vector<Value>& values) const;
    // For rows of `people`: those of the conversations that are seen, and the person that the user is.
    std::string people(std::string_view alias, std::vector<Value>& values) const;

    // For rows of `files`: his own and the public ones.
    std::string files(std::string_view alias, std::vector<Value>& values) const;

    // One conversation; false as well when it is not there. Throws StoreError.
    bool maySee(Reader& reader, Id conversation) const;
    bool maySeePerson(Reader& reader, Id person) const;
    // Lets others in: what is private is shown by whose it is, not by whom he showed it to.
    bool mayShare(Reader& reader, Id conversation) const;
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
    std::string ownAccounts(std::vector<Value>& values) const;
    std::string grantedPersonally(std::string_view kind, std::vector<Value>& values) const;
    std::string isHidden(std::string_view alias, std::vector<Value>& values) const;
    std::string grantedTo(std::string_view kind, std::vector<Value>& values) const;

    Id org_ = 0, user_ = 0, person_ = 0;
    Sees sees_ = Sees::Everything;
    bool sees_notes_ = true;
    std::string user_text_, role_;
};

}  // namespace signalbox
