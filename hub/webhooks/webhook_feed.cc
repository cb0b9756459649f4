#include "hub/webhooks/webhook_feed.h"

#include <algorithm>

#include "base/log.h"
#include "hub/accounts/built_in.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kConsumer = "webhooks_out";
constexpr std::size_t kBatch = 256;
// Of one commit: others write too, and many subscriptions make much of an event.
constexpr std::size_t kMaxDeliveries = 500, kMaxBytes = 8 * 1024 * 1024;
constexpr std::chrono::milliseconds kLongestWait = 500ms, kAfterFailure = 1s, kSaveEvery = 5s;
constexpr auto kTryFor = 72h, kKeepTries = 24h * 30;

constexpr std::string_view kMakeCursor =
    "INSERT INTO cursors (consumer, log_offset, moved_at) VALUES ($1, $2, $3) ON CONFLICT (consumer) DO "
    "NOTHING";
constexpr std::string_view kMoveCursor =
    "UPDATE cursors SET log_offset = $3, moved_at = $4 WHERE consumer = $1 AND log_offset = $2";

}  // namespace

Result<PreparedRequest> prepareDelivery(const Outbox& outbox, const WebhookSubscription& subscription,
                                        Json body, const std::string& key) {
    RequestSource source;
    source.org = subscription.org;
    source.author = "webhooks";
    source.idempotency_key = idText(kWebhookId, subscription.id) + '-' + key;
    const Json request = {{"kind", "http"},
                          {"type", "http"},
                          {"account", kBuiltInHttp},
                          {"expires_in_s", std::chrono::seconds(kTryFor).count()},
                          {"content", webhookRequest(subscription.id, std::move(body))}};
    return outbox.prepare(request, source);
}

void WebhookFeed::start() {
    thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
}

void WebhookFeed::stop() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
}

void WebhookFeed::work(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        try {
            if (step()) continue;
            if (active_.empty())  // nobody to be quick for: the log's writer need not wake us
                parts_.clock.sleepUntil(parts_.clock.now() + kLongestWait, stop);
            else
                parts_.log.waitBeyond(position_, kLongestWait, stop);
        } catch (const std::exception& failure) {
            log::warn("webhooks_wait", {{"error", failure.what()}});
            position_ = -1;
            parts_.clock.sleepUntil(parts_.clock.now() + kAfterFailure, stop);
        }
    }
}

void WebhookFeed::begin() {
    const TimePoint now = parts_.clock.now();
    const std::int64_t head = parts_.log.head();
    const Status made = parts_.store.writeAndWait([&](Tx& tx) {
        tx.exec(kMakeCursor, {kConsumer, head, toMicros(now)});
    });
    if (!made) throw std::runtime_error(made.error().message);
    position_ = saved_ = readCursor(parts_.store, kConsumer);
    saved_at_ = now;
}

// After the events were read, so that a subscription which is older than they are is among them. Another node
// may have changed one without our knowing.
void WebhookFeed::readSubscriptions() {
    const std::int64_t changes = parts_.webhooks.changes();
    if (changes == changes_ && parts_.store.isExclusive()) return;
    active_ = parts_.webhooks.active();
    changes_ = changes;
}

bool WebhookFeed::step() {
    const TimePoint now = parts_.clock.now();
    if (position_ < 0) begin();
    if (now - forgotten_at_ >= 1h && parts_.webhooks.forgetTries(now - kKeepTries) == 0) forgotten_at_ = now;
    const std::int64_t head = parts_.log.head();
    if (head <= position_) return false;
    readSubscriptions();
    if (active_.empty()) {
        moveTo(head, {});
        return false;
    }
    const auto records = parts_.log.after(position_, kBatch);
    if (records.empty()) return false;
    readSubscriptions();
    std::vector<PreparedRequest> deliveries;
    std::int64_t done = position_;
    std::size_t bytes = 0;
    for (const auto& record : records) {
        if (deliveries.size() >= kMaxDeliveries || bytes >= kMaxBytes) break;
        const std::size_t known = deliveries.size();
        add(*record, deliveries);
        for (std::size_t i = known; i < deliveries.size(); ++i) bytes += deliveries[i].request.size();
        done = record->offset;
        if (record->type != "webhook.disabled") continue;
        changes_ = 0;  // written beside what we know by then; read anew for what is behind it
        break;
    }
    moveTo(done, deliveries);
    return true;
}

// Without a delivery the cursor need not be exact: looking twice at an event changes nothing.
void WebhookFeed::moveTo(std::int64_t offset, const std::vector<PreparedRequest>& deliveries) {
    const bool can_wait = deliveries.empty() && parts_.clock.now() - saved_at_ < kSaveEvery;
    position_ = can_wait || commit(deliveries, offset) ? offset : -1;
}

void WebhookFeed::add(const LogRecord& record, std::vector<PreparedRequest>& deliveries) const {
    // What a workflow emits goes by its own name.
    const bool is_emitted = record.type == "webhook.emitted";
    std::optional<Json> payload;
    std::string type = record.type;
    const auto read = [&] {
        if (payload) return;
        auto parsed = parseJson(record.payload);
        payload = parsed ? std::move(*parsed) : Json();
        if (is_emitted) type = textAt(*payload, "type");
    };
    for (const auto& [subscription, created_at] : active_) {
        if (subscription.org != record.org || record.at < created_at) continue;
        if (is_emitted) read();
        if (!subscription.wants(type)) continue;
        read();
        auto delivery =
            deliveryOf(record, type, is_emitted ? memberAt(*payload, "data") : *payload, subscription);
        if (delivery) deliveries.push_back(std::move(*delivery));
    }
}

std::optional<PreparedRequest> WebhookFeed::deliveryOf(const LogRecord& record, const std::string& type,
                                                       Json data,
                                                       const WebhookSubscription& subscription) const {
    const auto account = parts_.accounts.byId(record.account);
    Json body = {
        {"type", type},
        {"timestamp", toRfc3339(record.at)},
        {"offset", std::to_string(record.offset)},
        {"account", account && !isBuiltIn(*account) ? Json(account->name) : Json(nullptr)},
        {"conversation_id",
         record.conversation == 0 ? Json(nullptr) : Json(idText(kConversationId, record.conversation))},
        {"data", std::move(data)}};
    const std::string key = std::to_string(record.offset);
    auto prepared = prepareDelivery(parts_.outbox, subscription, body, key);
    if (!prepared && prepared.error().kind == ErrorKind::Invalid) {
        // Too large for a request; the receiver can fetch it: GET /api/v1/events?from={offset - 1}.
        body["data"] = nullptr;
        body["is_data_left_out"] = true;
        prepared = prepareDelivery(parts_.outbox, subscription, std::move(body), key);
    }
    if (prepared) return std::move(*prepared);
    // Its organization has no account to send by yet: this event waits, and with it those behind it.
    if (prepared.error().kind != ErrorKind::Invalid) throw std::runtime_error(prepared.error().message);
    log::warn("webhook_not_prepared", {{"subscription", idText(kWebhookId, subscription.id)},
                                       {"offset", std::to_string(record.offset)},
                                       {"error", prepared.error().message}});
    return std::nullopt;
}

// False when another node has moved the cursor meanwhile: it has seen to these events.
bool WebhookFeed::commit(const std::vector<PreparedRequest>& deliveries, std::int64_t to) {
    bool is_ours = false;
    const TimePoint now = parts_.clock.now();
    const Status written = parts_.store.writeAndWait([&](Tx& tx) {
        is_ours = tx.exec(kMoveCursor, {kConsumer, saved_, to, toMicros(now)}) == 1;
        if (!is_ours) return;
        for (const PreparedRequest& delivery : deliveries) parts_.outbox.enqueue(tx, delivery);
    });
    if (!written) throw std::runtime_error(written.error().message);
    saved_ = to;
    saved_at_ = now;
    return is_ours;
}

}  // namespace signalbox
