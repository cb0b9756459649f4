// What people and programs ask of the inbox: lists with filters and cursors, single things with all that
// hangs on them, in the shape of the API (schemas/openapi.yaml), as far as `view` shows them. Any thread;
// throws StoreError.
#pragma once

#include <optional>
#include <string>

#include "base/ids.h"
#include "base/json.h"
#include "hub/access/visibility.h"
#include "hub/accounts/accounts.h"
#include "hub/model/page.h"
#include "hub/store/store.h"

namespace signalbox {

struct MessageFilter {
    Id account = 0, conversation = 0, person = 0;  // 0: any
    std::string direction, channel, status, text;  // empty: any; text: contained in the message, any case
    std::string external_id;
    std::string type, urgency, tag;      // of the message
    Id reader = 0;                       // what he deleted for himself is left out; 0: nothing is
    Id mentioned = 0;                    // a user whom the message names
    std::string object_kind, object_id;  // of this thing: it, its conversation or its person is linked
    bool is_for_clients = false;         // what a client may be shown
};
PageOfItems listMessages(Store& store, const Accounts& accounts, const Visibility& view,
                         const MessageFilter& filter, const PageRequest& page);
// With deliveries, their history and edits.
std::optional<Json> findMessage(Store& store, const Accounts& accounts, const Visibility& view, Id message);

// By id, by the last message, by what is most urgent.
enum class ConversationOrder { Newest, Activity, Priority };

struct ConversationFilter {
    Id account = 0, person = 0;
    std::string status, channel;
    Id assignee = 0, team = 0;  // kNobody: not assigned
    std::string priority, tag, kind, text;
    std::optional<bool> starred, pinned, archived;
    Id unread_by = 0, member = 0, mentioned = 0;
    std::string object_kind, object_id;
    ConversationOrder order = ConversationOrder::Newest;
};
inline constexpr Id kNobody = -1;
PageOfItems listConversations(Store& store, const Accounts& accounts, const Visibility& view,
                              const ConversationFilter& filter, const PageRequest& page);
std::optional<Json> findConversation(Store& store, const Accounts& accounts, const Visibility& view,
                                     Id conversation);

PageOfItems listPeople(Store& store, const Visibility& view, const std::string& text,
                       const PageRequest& page);
// With identities and conversations. A merged person answers as the one it was merged into.
std::optional<Json> findPerson(Store& store, const Accounts& accounts, const Visibility& view, Id person);

}  // namespace signalbox
