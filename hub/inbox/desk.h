// What a team does with conversations: status, assignment, priority, tags, flags, members. Every change is an
// event of the log in the same commit and makes the conversation's revision grow. Inside Writes, on the
// writer thread. NotFound: not a conversation of that organization (or no such user, team …); Conflict with
// code «changed_meanwhile»: somebody else changed it since `Edit::revision`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "hub/inbox/inbox.h"
#include "hub/model/actor.h"

namespace signalbox {

struct StatusChange {
    std::string status;              // open, pending, resolved, closed, snoozed, spam
    std::optional<TimePoint> until;  // snoozed: when it comes back
};

// One of: a user and a team, either null to take it away; or a strategy that picks a user of the team.
struct Assignment {
    std::optional<Id> user, team;  // 0: nobody; nothing: as it is
    std::string strategy;          // round_robin, least_busy, or empty
};

struct ConversationFlags {
    std::optional<bool> starred, pinned, archived;
};

struct Member {
    std::string kind;  // user, person
    Id id = 0;
    std::string role;  // participant, watcher
};

bool isConversationStatus(std::string_view word);
bool isPriority(std::string_view word);

class Desk {
public:
    Desk(Ids& ids, const Clock& clock, EventLog& log, Inbox& inbox)
        : ids_(ids), clock_(clock), log_(log), inbox_(inbox) {}

    // What can be told before the commit: the user and the team are there, the time is to come. Any thread.
    static Status check(Reader& reader, Id org, const Assignment& assignment);
    Status check(const StatusChange& change) const;

    // Conflict «conversation_open» when a closed one is opened while its thread has another open one.
    Status setStatus(Tx& tx, const Edit& edit, Id conversation, const StatusChange& change);
    Status assign(Tx& tx, const Edit& edit, Id conversation, const Assignment& assignment);
    Status setPriority(Tx& tx, const Edit& edit, Id conversation, const std::string& priority);
    Status setSubject(Tx& tx, const Edit& edit, Id conversation, const std::string& subject);
    Status setFlags(Tx& tx, const Edit& edit, Id conversation, const ConversationFlags& flags);
    Status changeTags(Tx& tx, const Edit& edit, Id conversation, const std::vector<std::string>& add,
                      const std::vector<std::string>& remove);
    Status addMember(Tx& tx, const Edit& edit, Id conversation, const Member& member);
    // An empty role: whatever part the member has.
    Status removeMember(Tx& tx, const Edit& edit, Id conversation, const Member& member);

    // Snoozed conversations whose time has come are open again. True when there may be more.
    bool wakeSnoozed(Tx& tx, std::size_t limit);

private:
    struct Row {
        Conversation conversation;
        std::int64_t revision = 0;
        Id assignee = 0, team = 0;
        std::string priority;
    };
    Result<Row> begin(Tx& tx, const Edit& edit, Id conversation);
    void tell(Tx& tx, const Row& row, const Edit& edit, std::string_view type, Json payload);
    Result<Id> pick(Tx& tx, Id team, const std::string& strategy);
    void grantAssignee(Tx& tx, const Row& row, const Edit& edit, Id user, Id team);

    Ids& ids_;
    const Clock& clock_;
    EventLog& log_;
    Inbox& inbox_;
};

// When the next snoozed conversation is due; nothing: none is snoozed.
std::optional<TimePoint> nextSnooze(Reader& reader);

}  // namespace signalbox
