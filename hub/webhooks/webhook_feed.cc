#include "hub/webhooks/webhook_feed.h"

#include <algorithm>

#include "base/log.h"
#include "base/own_json.h"
#include "hub/accounts/built_in.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kConsumer = "webhooks_out";
constexpr std::size_t kBatch = 256;
// Of one commit: others write too, and many subscriptions make much of an event.
constexpr std::size_t kMaxDeliveries = 500, kMaxBytes = 8 * 1024 * 1024;
constexpr auto kTryFor = 72h, kKeepTries = 24h * 30;

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

WebhookFeed::WebhookFeed(Parts parts)
    : parts_(parts),
      consumer_({parts.store, parts.clock, parts.log}, kConsumer, LogConsumer::First::Newest) {}

void WebhookFeed::start() {
    consumer_.start([this](const std::stop_token&) {
        if (step()) return LogConsumer::Rest::None;
        // Nobody to be quick for: the log's writer need not wake us.
        return active_.empty() ? LogConsumer::Rest::AWhile : LogConsumer::Rest::UntilGrowth;
    });
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
    if (now - forgotten_at_ >= 1h && parts_.webhooks.forgetTries(now - kKeepTries) == 0) forgotten_at_ = now;
    const std::int64_t begin = consumer_.begin(), head = parts_.log.head();
    if (head <= begin) return false;
    readSubscriptions();
    if (active_.empty()) {
        consumer_.pass(head);
        return false;
    }
    const auto records = consumer_.next(kBatch);
    if (records.empty()) return false;
    readSubscriptions();
    std::vector<PreparedRequest> deliveries;
    std::int64_t done = begin;
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
    if (deliveries.empty()) {
        consumer_.pass(done);
        return true;
    }
    consumer_.commit(done, [&](Tx& tx) {
        for (const PreparedRequest& delivery : deliveries) parts_.outbox.enqueue(tx, delivery);
    });
    return true;
}

void WebhookFeed::add(const LogRecord& record, std::vector<PreparedRequest>& deliveries) const {
    if (parts_.accounts.hides(record.account, record.type)) return;
    // What a workflow emits goes by its own name.
    const bool is_emitted = record.type == "webhook.emitted";
    std::optional<Json> payload;
    std::string type = record.type;
    const auto read = [&] {
        if (payload) return;
        auto parsed = parseJson(record.payload, kOwnJson);
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

}  // namespace signalbox
