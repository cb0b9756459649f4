#include "hub/ingest/ingest.h"

#include "base/json_text.h"
#include "hub/ingest/text.h"

namespace signalbox {
namespace {

constexpr std::string_view kInsertKey =
    "INSERT INTO inbound_keys (account, dedup_key, request) VALUES ($1, $2, $3)"
    " ON CONFLICT (account, dedup_key) DO NOTHING";
// Where a callback has no id, its body stands for it («body:…»): a repeat within a day is the same happening,
// later it is a new one that looks alike. Requests are in the order of time.
constexpr std::string_view kBodyKey = "body:";
constexpr auto kBodyIsSame = std::chrono::hours(24);
constexpr std::string_view kInsertBodyKey =
    "INSERT INTO inbound_keys (account, dedup_key, request) VALUES ($1, $2, $3)"
    " ON CONFLICT (account, dedup_key) DO UPDATE SET request = $3 WHERE inbound_keys.request < $4";
constexpr std::string_view kInsertRaw =
    "INSERT INTO raw_requests (id, org, account, method, target, headers, body, state, reason, received_at)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
constexpr std::string_view kLeaveQuarantine = "UPDATE raw_requests SET state = 2 WHERE id = $1 AND state = 1";
constexpr std::string_view kStayInQuarantine =
    "UPDATE raw_requests SET reason = $1 WHERE id = $2 AND state = 1";

// All of them, since a replay verifies again; the API masks credentials when it shows them.
std::string headersJson(const Headers& headers) {
    std::string out = "[";
    for (const auto& [name, value] : headers) {
        if (equalsIgnoringCase(name, "cookie")) continue;
        out += out.size() > 1 ? ",[" : "[";
        appendJsonString(out, name);
        out += ',';
        appendJsonString(out, value);
        out += ']';
    }
    return out += ']';
}

}  // namespace

MessageDraft draftOf(const Envelope& envelope, Id id, Id request, TimePoint now) {
    MessageDraft draft;
    draft.id = id;
    const bool is_inbound = envelope.direction == Direction::Inbound;
    draft.direction = toString(envelope.direction);
    draft.author = is_inbound ? "contact" : "agent";
    draft.type = envelope.type;
    draft.text = cleanText(envelope.text);
    draft.content = envelope.content.empty() ? "" : dumpJson(envelope.content);
    draft.external_id = envelope.external_id;
    draft.in_reply_to = envelope.in_reply_to;
    draft.status = is_inbound ? "received" : "sent";
    draft.request = request;
    draft.provider_time = envelope.provider_time;
    draft.created_at = now;
    draft.attachments = envelope.attachments;
    return draft;
}

// All that can be made ready before the writer thread: numbers, normalized identities, rendered JSON.
struct Ingest::Prepared {
    AccountRef account;
    Id request = 0;
    bool is_replay = false;
    std::string method, target, headers, body, quarantine_reason;
    TimePoint received_at{};
    std::vector<Envelope> envelopes;
    std::vector<MessageDraft> drafts;   // one for each envelope; used for messages only
    std::vector<std::string> payloads;  // one for each envelope; used for events and notices only
    Ingested result;                    // of the last time `write` ran
};

Ingest::Ingest(Store& store, Ids& ids, const Clock& clock, EventLog& log, People& people, Inbox& inbox,
               MediaJobs& media)
    : store_(store), ids_(ids), clock_(clock), log_(log), people_(people), inbox_(inbox), media_(media) {}

void Ingest::accept(AccountRef account, HttpRequest request, std::vector<Envelope> envelopes,
                    std::string quarantine_reason, IngestDone done) {
    auto prepared = std::make_shared<Prepared>();
    prepared->account = std::move(account);
    prepared->request = ids_.next();
    prepared->method = std::move(request.method);
    prepared->headers = headersJson(request.headers);
    prepared->target = std::move(request.target);
    prepared->body = std::move(request.body);
    prepared->envelopes = std::move(envelopes);
    prepared->quarantine_reason = std::move(quarantine_reason);
    submit(std::move(prepared), std::move(done));
}

void Ingest::acceptAgain(AccountRef account, Id request, std::vector<Envelope> envelopes,
                         std::string quarantine_reason, IngestDone done) {
    auto prepared = std::make_shared<Prepared>();
    prepared->account = std::move(account);
    prepared->request = request;
    prepared->is_replay = true;
    prepared->envelopes = std::move(envelopes);
    prepared->quarantine_reason = std::move(quarantine_reason);
    submit(std::move(prepared), std::move(done));
}

void Ingest::submit(PreparedRef prepared, IngestDone done) {
    prepared->received_at = clock_.now();
    for (Envelope& envelope : prepared->envelopes) {
        const Account& account = *prepared->account;
        if (envelope.channel.empty()) envelope.channel = account.channel;
        envelope.from = normalize(std::move(envelope.from), account.region);
        MessageDraft draft;
        std::string payload;
        if (envelope.kind == EnvelopeKind::Message) {
            draft = draftOf(envelope, ids_.next(), prepared->request, prepared->received_at);
            draft.event_tail = renderEventTail(draft, account, envelope.channel, envelope.from);
        } else if (envelope.kind == EnvelopeKind::Event || envelope.kind == EnvelopeKind::Notice) {
            Json json = toJson(envelope);
            json["account"] = account.name;
            payload = dumpJson(json);
        }
        prepared->drafts.push_back(std::move(draft));
        prepared->payloads.push_back(std::move(payload));
    }
    write(std::move(prepared), std::move(done));
}

void Ingest::write(PreparedRef prepared, IngestDone done) {
    store_.write([this, prepared](Tx& tx) { write(tx, *prepared); },
                 [this, prepared, done = std::move(done)](const Status& status) {
                     if (status) return done(prepared->result);
                     // The provider would send what we can never store for ever: keep it for a person
                     // instead.
                     const bool may_pass = status.error().kind == ErrorKind::Unavailable;
                     if (may_pass || prepared->envelopes.empty()) return done(status.error());
                     prepared->envelopes.clear();
                     prepared->quarantine_reason = "could not be stored: " + status.error().message;
                     write(prepared, done);
                 });
}

void Ingest::write(Tx& tx, Prepared& prepared) {
    Ingested result;
    if (prepared.is_replay && !takeFromQuarantine(tx, prepared)) {
        prepared.result = {0, static_cast<std::int64_t>(prepared.envelopes.size()), 0, prepared.request};
        return;
    }
    for (std::size_t i = 0; i < prepared.envelopes.size(); ++i) {
        if (!isNew(tx, prepared, prepared.envelopes[i])) {
            ++result.duplicates;
            continue;
        }
        ++result.new_envelopes;
        const std::int64_t offset = store(tx, prepared, i);
        if (result.first_offset == 0) result.first_offset = offset;
    }
    const bool is_kept = result.new_envelopes > 0 || !prepared.quarantine_reason.empty();
    if (is_kept || prepared.is_replay) result.request = prepared.request;
    if (is_kept && !prepared.is_replay) keepRaw(tx, prepared);
    prepared.result = result;
}

bool Ingest::isNew(Tx& tx, const Prepared& prepared, const Envelope& envelope) {
    if (envelope.dedup_key.empty()) return true;
    if (envelope.dedup_key.starts_with(kBodyKey))
        return tx.exec(kInsertBodyKey, {prepared.account->id, envelope.dedup_key, prepared.request,
                                        firstIdAt(idTime(prepared.request) - kBodyIsSame)}) == 1;
    return tx.exec(kInsertKey, {prepared.account->id, envelope.dedup_key, prepared.request}) == 1;
}

std::int64_t Ingest::store(Tx& tx, Prepared& prepared, std::size_t index) {
    const Account& account = *prepared.account;
    const Envelope& envelope = prepared.envelopes[index];
    switch (envelope.kind) {
        case EnvelopeKind::Message: {
            const auto& draft = prepared.drafts[index];
            const auto added =
                inbox_.addInbound(tx, account, envelope.channel, envelope.thread_key, envelope.from, draft);
            for (std::size_t i = 0; i < draft.attachments.size(); ++i) {
                media_.wanted(tx, account, draft.id, static_cast<std::int64_t>(i), draft.attachments[i]);
            }
            return added.offset;
        }
        case EnvelopeKind::Event:
            return log_.append(tx,
                               {account.org, envelope.event_type, account.id, 0, prepared.payloads[index]});
        case EnvelopeKind::Notice:
            // An identity change names both identities of one person: keep them together.
            if (envelope.from.identities.size() > 1) people_.resolve(tx, account.org, envelope.from);
            return log_.append(tx, {account.org, "notice.received", account.id, 0, prepared.payloads[index]});
        default:
            return inbox_.apply(tx, account, envelope);
    }
}

// Before anything of it is stored: what has no id of its own is told apart by nothing else. False: another
// replay was faster, on this daemon or another.
bool Ingest::takeFromQuarantine(Tx& tx, const Prepared& prepared) {
    const std::string& reason = prepared.quarantine_reason;
    if (reason.empty()) return tx.exec(kLeaveQuarantine, {prepared.request}) == 1;
    return tx.exec(kStayInQuarantine, {reason, prepared.request}) == 1;
}

void Ingest::keepRaw(Tx& tx, const Prepared& prepared) {
    const bool is_understood = prepared.quarantine_reason.empty();
    tx.exec(kInsertRaw,
            {prepared.request, prepared.account->org, prepared.account->id, prepared.method, prepared.target,
             prepared.headers, Blob{prepared.body}, std::int64_t{is_understood ? 0 : 1},
             prepared.quarantine_reason, toMicros(prepared.received_at)});
}

}  // namespace signalbox
