// Lines of a conversation that go to no provider: internal notes, words among users, what somebody writes in
// the portal. @mentions become mentions of users, #hashtags tags of the line. Inside Writes.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "hub/files/named_files.h"
#include "hub/inbox/inbox.h"
#include "hub/model/actor.h"

namespace signalbox {

// The account of conversations that no provider carries (portal, internal): number 0, no name.
Account ownAccount(Id org, const std::string& channel);
inline constexpr std::string_view kInternalChannel = "internal", kPortalChannel = "portal";

struct NewLine {
    Id id = 0;              // made by the caller, outside of Writes
    std::string direction;  // internal (never leaves to customers), out, in
    std::string type = "text", text;
    Json content = Json::object();
    LineTraits traits;
    std::vector<Attachment> attachments;  // each with its content among `files`
    std::vector<NamedFile> files;
    std::string client_token;  // empty: none; the same twice of one author is a constraint violation
};

struct Room {
    std::string kind;  // direct, group, department, project, public
    std::string subject;
    std::vector<Id> users;
};

class Lines {
public:
    Lines(Ids& ids, const Clock& clock, EventLog& log, Inbox& inbox, const Accounts& accounts)
        : ids_(ids), clock_(clock), log_(log), inbox_(inbox), accounts_(accounts) {}

    // Tells note.added, message.posted or message.received, and user.mentioned for each user that is named.
    // NotFound: no such conversation. Conflict «note_has_no_visibility»: an internal line cannot be shown to
    // clients.
    Result<AddedMessage> add(Tx& tx, const Actor& by, Id conversation, const NewLine& line);
    // A conversation among users; whoever makes it takes part. NotFound: a user that is not there.
    Status openRoom(Tx& tx, const Actor& by, Id conversation, const Room& room);
    // The open conversation of a person in the portal, made when there is none.
    Id openPortal(Tx& tx, Id org, Id person);

private:
    std::vector<Id> mentioned(Tx& tx, Id org, const std::vector<std::string>& names);

    Ids& ids_;
    const Clock& clock_;
    EventLog& log_;
    Inbox& inbox_;
    const Accounts& accounts_;
};

}  // namespace signalbox
