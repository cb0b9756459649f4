#include "hub/outbox/seen_mail.h"

#include <map>

#include "hub/mail/seen_marks.h"
#include "hub/outbox/outbox.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMostPlaces = 500;  // whoever reads a longer conversation read the newest ones
constexpr auto kLifetime = 48h;

Json toJson(const std::vector<MailLocation>& places) {
    Json list = Json::array();
    for (const MailLocation& at : places) {
        list.push_back({{"folder", at.folder}, {"uidvalidity", at.uidvalidity}, {"uid", at.uid}});
    }
    return list;
}

}  // namespace

std::vector<SeenMails> Outbox::prepareSeen(Id org, Id user, Id conversation, std::int64_t seq) const {
    std::vector<SeenMails> prepared;
    if (mails_ == nullptr) return prepared;
    std::vector<UnseenCopy> copies;
    store_.read([&](Reader& reader) { copies = unseenCopies(reader, org, conversation, seq, kMostPlaces); });
    std::map<Id, std::vector<MailLocation>> by_account;
    for (UnseenCopy& copy : copies) by_account[copy.account].push_back(std::move(copy.at));
    for (auto& [id, places] : by_account) {
        SeenMails seen;
        seen.places = std::move(places);
        PreparedRequest& request = seen.request;
        request.account = accounts_.byId(id);
        if (!request.account) continue;
        if (request.account->isPrivate() && request.account->private_to != user) continue;
        request.kind = OutboxKind::Mark;
        request.conversation = conversation;
        request.created_at = clock_.now();
        request.expires_at = request.created_at + kLifetime;
        request.endpoint = kMailboxEndpoint;
        request.idempotency_key = "seen-" + idText(kMessageId, ids_.next());
        request.lane = request.idempotency_key;
        request.request = dumpJson({{"type", "mark_read"},
                                    {"to", {{"kind", "email"}, {"value", request.account->address}}},
                                    {"in_reply_to", copies.front().message_id},
                                    {"content", {{"places", toJson(seen.places)}}}});
        prepared.push_back(std::move(seen));
    }
    return prepared;
}

void Outbox::enqueueSeen(Tx& tx, const SeenMails& seen) {
    bool is_news = false;
    for (MailLocation at : seen.places) {
        at.is_seen = true;
        is_news = mails_->setSeen(tx, *seen.request.account, at).has_value() || is_news;
    }
    if (is_news) enqueue(tx, seen.request);
}

}  // namespace signalbox
