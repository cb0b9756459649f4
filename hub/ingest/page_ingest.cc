#include "hub/ingest/page_ingest.h"

#include <set>

#include "hub/files/blob_marks.h"
#include "hub/inbox/mailbox_mark.h"
#include "hub/ingest/mail_times.h"
#include "hub/ingest/text.h"
#include "hub/mail/seen_marks.h"
#include "hub/model/mail_subject.h"
#include "hub/outbox/suppress_address.h"
#include "hub/outbox/unsubscribe.h"

namespace signalbox {
namespace {

constexpr std::string_view kInsertRaw =
    "INSERT INTO raw_requests (id, org, account, method, target, headers, body, state, reason, received_at,"
    " blob) VALUES ($1, $2, $3, 'MAIL', $4, $5, $6, $7, $8, $9, $10)";
constexpr std::string_view kLeaveQuarantine = "UPDATE raw_requests SET state = 2 WHERE id = $1";
constexpr std::string_view kStayInQuarantine = "UPDATE raw_requests SET state = 1, reason = $1 WHERE id = $2";
// Of a mail that could not be fetched when it came.
constexpr std::string_view kKeepFetched =
    "UPDATE raw_requests SET headers = $2, body = $3, blob = $4 WHERE id = $1 AND length(body) = 0 AND blob "
    "= "
    "''";
constexpr std::string_view kExternalIdTaken =
    "SELECT 1 FROM messages WHERE account = $1 AND external_id = $2";

// Machines' answers and history are shown, but nobody's clock starts and no workflow runs unless it asks for
// them.
std::string_view eventTypeOf(const MailFacts& facts, Direction direction, bool is_history) {
    if (is_history) return kImported;
    if (direction == Direction::Outbound) return "message.echoed";
    const bool is_answer = facts.auto_kind == "auto_reply" || facts.auto_kind == "bounce" ||
                           facts.auto_kind == "receipt" || facts.auto_kind == "complaint" ||
                           facts.auto_kind == "unsubscribe";
    return is_answer ? "message.auto_received" : "message.received";
}

// What is shown as the mail's time; the Date header is kept beside it where that says something else.
MailTimes setTimes(const Account& account, FetchedMail& fetched, TimePoint now) {
    if (fetched.envelopes.empty()) return {};
    Envelope& message = fetched.envelopes[0];
    const auto written = message.provider_time;
    const MailTimes times = timesOf(fetched.arrival, written, idTime(account.id), now);
    fetched.mail->happened_at = times.created_at;
    if (times.is_history) message.content["is_history"] = true;
    if (written && *written != times.shown_at) message.content["date_header"] = toRfc3339(*written);
    for (Envelope& envelope : fetched.envelopes) {
        if (written || fetched.arrival.at) envelope.provider_time = times.shown_at;
    }
    return times;
}

// 0: the message is gone.
Id conversationOf(Reader& reader, Id message) {
    const Rows rows = reader.query("SELECT conversation FROM messages WHERE id = $1", {message});
    return rows.empty() ? 0 : rows[0].integer(0);
}

std::string senderOf(const MailFacts& facts) {
    for (const MailParty& party : facts.parties) {
        if (party.role == "from") return party.address;
    }
    return "";
}

}  // namespace

// All that can be made ready before the writer thread.
struct PageIngest::Item {
    FetchedMail fetched;
    Id request = 0;
    bool is_replay = false;
    Id unsubscribed = 0;  // our mail whose recipient wants no more of them; 0: it is no such mail
    TimePoint now{};
    MailTimes times;
    MessageDraft draft;  // of the first envelope
    // Message-IDs are not unique: a second mail under the same one gets this.
    MessageDraft twin;
};

std::vector<PageIngest::Item> PageIngest::prepare(const Account& account,
                                                  std::vector<FetchedMail> items) const {
    std::vector<Item> prepared;
    for (FetchedMail& fetched : items) {
        Item item;
        item.request = ids_.next();
        item.now = clock_.now();
        for (Envelope& envelope : fetched.envelopes) {
            if (envelope.channel.empty()) envelope.channel = account.channel;
            envelope.from = normalize(std::move(envelope.from), account.region);
        }
        if (fetched.mail) {
            fetched.mail->subject_base = foldedBase(fetched.mail->subject);
            fetched.mail->is_response = parseSubject(fetched.mail->subject).is_response;
            // What a mail program sends when somebody unsubscribes there.
            item.unsubscribed = mails_.token().findUnsubscribe(fetched.mail->subject).value_or(0);
            if (item.unsubscribed != 0) {
                fetched.mail->auto_kind = "unsubscribe";
                fetched.mail->may_auto_reply = false;
                if (!fetched.envelopes.empty()) {
                    fetched.envelopes[0].content["auto_kind"] = "unsubscribe";
                    fetched.envelopes[0].content["may_auto_reply"] = false;
                }
                fetched.mail->about = mails_.token().messageId(item.unsubscribed, account.address);
            }
        }
        if (fetched.mail) item.times = setTimes(account, fetched, item.now);
        if (!fetched.envelopes.empty() && fetched.envelopes[0].kind == EnvelopeKind::Message) {
            const Envelope& envelope = fetched.envelopes[0];
            item.draft =
                draftOf(envelope, ids_.next(), item.request, fetched.mail ? item.times.created_at : item.now);
            item.twin = item.draft;
            if (fetched.mail) item.twin.external_id += "#" + fetched.mail->content_key.substr(0, 12);
            item.draft.event_tail = renderEventTail(item.draft, account, envelope.channel, envelope.from);
            item.twin.event_tail = renderEventTail(item.twin, account, envelope.channel, envelope.from);
        }
        item.fetched = std::move(fetched);
        prepared.push_back(std::move(item));
    }
    return prepared;
}

Result<PageStored> PageIngest::accept(AccountRef account, FetchedPage page) {
    const std::vector<Item> items = prepare(*account, std::move(page.items));
    PageStored result;
    const auto written = store_.writeAndWait([&](Tx& tx) {
        result = {};
        for (const Item& item : items) store(tx, *account, item, result);
        applySeen(tx, *account, page.seen_changes);
        savePollState(tx, account->id, page.state, clock_.now());
    });
    if (written) return result;
    if (written.error().kind == ErrorKind::Unavailable || items.empty()) return written.error();
    return oneByOne(*account, items, page);
}

// One of them can never be stored: each gets a commit of its own, and the culprit is kept for a person.
Result<PageStored> PageIngest::oneByOne(const Account& account, const std::vector<Item>& items,
                                        const FetchedPage& page) {
    PageStored total;
    for (const Item& item : items) {
        PageStored result;
        auto written = store_.writeAndWait([&](Tx& tx) {
            result = {};
            store(tx, account, item, result);
        });
        if (!written && written.error().kind == ErrorKind::Unavailable) return written.error();
        if (!written) {
            const std::string reason = "could not be stored: " + written.error().message;
            written = store_.writeAndWait([&](Tx& tx) { quarantine(tx, account, item, reason); });
            if (!written) return written.error();
            result = {0, 0, 1};
        }
        total.new_messages += result.new_messages;
        total.known += result.known;
        total.quarantined += result.quarantined;
    }
    const auto written = store_.writeAndWait([&](Tx& tx) {
        applySeen(tx, account, page.seen_changes);
        savePollState(tx, account.id, page.state, clock_.now());
    });
    if (!written) return written.error();
    return total;
}

Result<PageStored> PageIngest::acceptAgain(AccountRef account, Id request, FetchedMail fetched) {
    std::vector<FetchedMail> one;
    one.push_back(std::move(fetched));
    std::vector<Item> items = prepare(*account, std::move(one));
    Item& item = items[0];
    item.is_replay = true;
    item.request = item.draft.request = item.twin.request = request;
    PageStored result;
    const auto written = store_.writeAndWait([&](Tx& tx) {
        result = {};
        store(tx, *account, item, result);
    });
    if (!written) return written.error();
    return result;
}

void PageIngest::store(Tx& tx, const Account& account, const Item& item, PageStored& result) {
    const FetchedMail& fetched = item.fetched;
    const bool has_place = fetched.location.has_value();
    const std::string message_id = fetched.mail ? fetched.mail->message_id : "";
    if (has_place && !item.is_replay && mails_.isLocated(tx, account, *fetched.location, message_id)) {
        ++result.known;
        return;
    }
    if (!fetched.quarantine_reason.empty()) {
        ++result.quarantined;
        return quarantine(tx, account, item, fetched.quarantine_reason);
    }
    if (fetched.mail) return storeMail(tx, account, item, result);
    keepRaw(tx, account, item);
    applyOthers(tx, account, item);
}

void PageIngest::storeMail(Tx& tx, const Account& account, const Item& item, PageStored& result) {
    const FetchedMail& fetched = item.fetched;
    const Direction direction = fetched.envelopes.at(0).direction;
    if (const auto copy = mails_.findCopy(tx, account, *fetched.mail, direction)) {
        if (fetched.location) mails_.locate(tx, account, *fetched.location, *copy);
        ++result.known;
        if (item.is_replay) tx.exec(kLeaveQuarantine, {item.request});
        // A copy of what we sent ourselves tells that it was sent, whatever became of the connection then.
        if (direction == Direction::Outbound) inbox_.tellSent(tx, account, *copy);
        if (direction == Direction::Inbound && fetched.location && fetched.location->is_seen)
            followMailbox(tx, conversationOf(tx, *copy));
        return;
    }
    // The daemon's own mails are nobody's conversation; a provider's copy of one is passed by.
    if (direction == Direction::Outbound && mails_.token().find(fetched.mail->message_id)) {
        if (fetched.location) mails_.locate(tx, account, *fetched.location, 0);
        ++result.known;
        if (item.is_replay) tx.exec(kLeaveQuarantine, {item.request});
        return;
    }
    addMessage(tx, account, item, result);
}

void PageIngest::addMessage(Tx& tx, const Account& account, const Item& item, PageStored& result) {
    const FetchedMail& fetched = item.fetched;
    const Envelope& envelope = fetched.envelopes[0];
    keepRaw(tx, account, item);
    const bool is_taken = !item.draft.external_id.empty() &&
                          !tx.query(kExternalIdTaken, {account.id, item.draft.external_id}).empty();
    const MessageDraft& draft = is_taken ? item.twin : item.draft;
    const MailThread thread = mails_.findThread(tx, account, *fetched.mail, envelope.direction);
    const ThreadedMessage where{
        envelope.channel,
        thread.thread_key,
        fetched.mail->subject,
        std::string(eventTypeOf(*fetched.mail, envelope.direction, item.times.is_history)),
        item.times.active_at,
        eventTypeOf(*fetched.mail, envelope.direction, false) == "message.received"};
    const auto added = inbox_.addThreaded(tx, account, where, envelope.from, draft);
    mails_.record(tx, account, added.message, added.conversation, thread, *fetched.mail, envelope.direction);
    if (fetched.location) mails_.locate(tx, account, *fetched.location, added.message);
    keepFiles(tx, account, item);
    applyOthers(tx, account, item);
    // Somebody read it before it was fetched.
    if (envelope.direction == Direction::Inbound && fetched.location && fetched.location->is_seen)
        followMailbox(tx, added.conversation);
    ++result.new_messages;
}

void PageIngest::keepFiles(Tx& tx, const Account& account, const Item& item) {
    for (std::size_t i = 0; i < item.fetched.files.size(); ++i) {
        const AttachmentKey key{account.org, account.id, account.name, item.draft.id,
                                static_cast<std::int64_t>(i)};
        if (item.fetched.files[i])
            files_.markFetched(tx, key, *item.fetched.files[i]);
        else
            files_.markFailed(
                tx, key,
                {ErrorKind::Rejected,
                 "the mail is larger than the account's max_mail_bytes, only its beginning was fetched",
                 {},
                 "mail_too_large"});
    }
}

// Delivery states that a bounce or a read receipt tells.
void PageIngest::applyOthers(Tx& tx, const Account& account, const Item& item) {
    for (const Envelope& envelope : item.fetched.envelopes) {
        if (envelope.kind != EnvelopeKind::Message) inbox_.apply(tx, account, envelope);
    }
    if (item.fetched.mail) suppressRecipients(tx, account, item);
}

// An address that is not there, or whose owner complained, is not written to by machines again.
void PageIngest::suppressRecipients(Tx& tx, const Account& account, const Item& item) {
    const MailFacts& facts = *item.fetched.mail;
    if (facts.auto_kind == "complaint") {
        if (const auto ours = recipientOfOwnMail(tx, account.org, facts.about))
            suppress(tx, account, {0, account.org, ours->address, "complaint", facts.subject, ours->message});
    }
    if (item.unsubscribed != 0) {
        if (auto entry = unsubscription(tx, item.unsubscribed, senderOf(facts));
            entry && entry->org == account.org)
            suppress(tx, account, std::move(*entry));
    }
    if (facts.auto_kind != "bounce") return;
    for (const Envelope& envelope : item.fetched.envelopes) {
        const StatusUpdate& status = envelope.status;
        if (envelope.kind != EnvelopeKind::Status || status.state != DeliveryState::Failed ||
            status.is_retryable || status.recipient.empty())
            continue;
        const std::string address = normalize(Identity{"email", status.recipient}, "").value;
        if (const auto ours = ownMailTo(tx, account.org, envelope.target, address))
            suppress(tx, account, {0, account.org, address, "hard_bounce", status.text, *ours});
    }
}

void PageIngest::suppress(Tx& tx, const Account& account, Suppression added) {
    added.id = ids_.next();
    if (added.added_by.empty()) added.added_by = "mail";
    added.created_at = clock_.now();
    suppressAddress(tx, log_, account, added);
}

void PageIngest::keepRaw(Tx& tx, const Account& account, const Item& item) {
    const Json headers = item.fetched.raw_blob.empty()
                             ? Json::array()
                             : Json::array({Json::array({"x-raw-blob", item.fetched.raw_blob})});
    const std::string headers_text = dumpJson(headers);
    if (!item.fetched.raw_blob.empty()) unmarkBlob(tx, item.fetched.raw_blob);
    if (item.is_replay) {
        tx.exec(kLeaveQuarantine, {item.request});
        tx.exec(kKeepFetched, {item.request, headers_text, Blob{item.fetched.raw}, item.fetched.raw_blob});
        return;
    }
    tx.exec(kInsertRaw,
            {item.request, account.org, account.id, item.fetched.place, headers_text, Blob{item.fetched.raw},
             std::int64_t{0}, "", toMicros(item.now), item.fetched.raw_blob});
}

void PageIngest::quarantine(Tx& tx, const Account& account, const Item& item, const std::string& reason) {
    keepRaw(tx, account, item);
    tx.exec(kStayInQuarantine, {reason, item.request});
    if (item.is_replay) return;
    // The place is taken, so that the mail is not quarantined again when the folder is scanned anew.
    if (item.fetched.location) mails_.locate(tx, account, *item.fetched.location, 0);
    const std::string payload = dumpJson({{"account", account.name},
                                          {"request_id", idText(kRequestId, item.request)},
                                          {"place", item.fetched.place},
                                          {"reason", reason}});
    log_.append(tx, {account.org, "mail.quarantined", account.id, 0, payload});
}

bool PageIngest::followMailbox(Tx& tx, Id conversation) {
    if (conversation == 0) return false;
    const std::int64_t before = readMailboxMark(tx, conversation);
    const std::int64_t now_read = seenUpTo(tx, conversation, before);
    if (now_read <= before) return false;
    setMailboxMark(tx, conversation, now_read, clock_.now());
    return true;
}

// What was read elsewhere is read here. The other way round («unread again») is told and hides nothing that
// somebody has read.
void PageIngest::applySeen(Tx& tx, const Account& account, const std::vector<MailLocation>& changes) {
    std::set<Id> read;
    for (const MailLocation& change : changes) {
        const auto message = mails_.setSeen(tx, account, change);
        if (!message || *message == 0) continue;
        const std::string payload = dumpJson({{"account", account.name},
                                              {"message_id", idText(kMessageId, *message)},
                                              {"is_seen", change.is_seen}});
        log_.append(tx, {account.org, "message.seen", account.id, 0, payload});
        if (!change.is_seen) continue;
        read.insert(conversationOf(tx, *message));
    }
    for (const Id conversation : read) {
        if (!followMailbox(tx, conversation)) continue;
        const std::string payload = dumpJson({{"conversation_id", idText(kConversationId, conversation)},
                                              {"seq", readMailboxMark(tx, conversation)},
                                              {"by", "mailbox:" + account.name}});
        log_.append(tx, {account.org, "conversation.read", account.id, conversation, payload});
    }
}

}  // namespace signalbox
