// What users are told in the application: the only writer of the table notices. Each is an event
// «notice.created» that names the user, so that the live feed can show it. What takes a Tx inside Writes
// only, the rest from any thread.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "hub/log/event_log.h"
#include "hub/model/page.h"
#include "hub/store/store.h"

namespace signalbox {

inline constexpr std::string_view kNoticeId = "ntc";

struct NewNotice {
    Id org = 0;
    std::string title, text, link, source;  // source: workflow:NAME
    Id conversation = 0, escalation = 0;    // 0: none
};

struct Recipient {
    Id user = 0;
    std::string email;
};
// The active users that the texts mean: usr_…, an e-mail address, tea_… or a team's name (its members). Each
// once. Invalid, naming the text, when one means nobody.
Result<std::vector<Recipient>> findRecipients(Reader& reader, Id org, const std::vector<std::string>& texts);

// The active users who run the place.
std::vector<Recipient> findAdmins(Reader& reader, Id org);

class Notices {
public:
    Notices(Ids& ids, const Clock& clock, EventLog& log) : ids_(ids), clock_(clock), log_(log) {}

    void add(Tx& tx, const NewNotice& notice, const std::vector<Recipient>& recipients);
    // True: it was the user's and not read yet.
    bool markRead(Tx& tx, Id user, Id notice);
    std::int64_t markAllRead(Tx& tx, Id user);
    // Of everybody who was told, once somebody has taken it.
    void markTaken(Tx& tx, Id escalation);

private:
    Ids& ids_;
    const Clock& clock_;
    EventLog& log_;
};

PageOfItems listNotices(Store& store, Id user, bool only_unread, const PageRequest& page);
std::int64_t countUnreadNotices(Store& store, Id user);

}  // namespace signalbox
