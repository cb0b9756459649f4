#include "daemon/polls/mail_replay.h"

#include "daemon/polls/poll_runner.h"

namespace signalbox {

Result<Ingested> MailReplay::replay(const ConnectedAccount& connected, const QuarantinedRequest& kept) const {
    const Poller* poller = connected.connector->poller();
    if (poller == nullptr) return Error{ErrorKind::Conflict, "the account does not fetch mail any more"};
    std::string raw = kept.request.body;
    if (const auto blob = kept.request.headers.find("x-raw-blob")) {
        auto bytes = blobs.read(*blob);
        if (!bytes) return bytes.error();
        raw = std::move(*bytes);
    }
    PolledItem item;
    if (raw.empty()) {  // nothing of it was ever had
        auto fetched = poller->fetchAgain(kept.request.target, {});
        if (!fetched) return fetched.error();
        item = std::move(*fetched);
    } else {
        item = poller->read(kept.request.target, std::move(raw));
    }
    auto stored = pages.acceptAgain(connected.account, kept.id, withFilesKept(std::move(item), blobs));
    if (!stored) return stored.error();
    return Ingested{stored->new_messages, stored->known, 0, kept.id};
}

}  // namespace signalbox
