#include "hub/webhooks/webhooks.h"

#include <charconv>

#include "base/log.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 120h;
constexpr std::int64_t kMostOfOrg = 100, kForgetAtOnce = 1'000;

#define SUBSCRIPTION                                                                                       \
    "SELECT id, org, url, description, events, state, reason, secrets, failing_since, failures, revision," \
    " changed_by, created_at, changed_at FROM webhook_subscriptions"
constexpr std::string_view kOfOrg = SUBSCRIPTION " WHERE org = $1 ORDER BY id DESC LIMIT 100";
constexpr std::string_view kOne = SUBSCRIPTION " WHERE org = $1 AND id = $2";
constexpr std::string_view kActive = SUBSCRIPTION " WHERE state = 'active' ORDER BY id";
#undef SUBSCRIPTION
constexpr std::string_view kInsert =
    "INSERT INTO webhook_subscriptions (id, org, url, description, events, state, reason, secrets, "
    "failing_since,"
    " failures, revision, changed_by, created_at, changed_at)"
    " VALUES ($1, $2, $3, $4, $5, $6, '', $7, NULL, 0, 1, $8, $9, $9)";
constexpr std::string_view kUpdate =
    "UPDATE webhook_subscriptions SET url = $1, description = $2, events = $3, state = $4, reason = $5,"
    " secrets = $6, failing_since = $7, failures = $8, revision = revision + 1, changed_by = $9, changed_at "
    "= $10"
    " WHERE org = $11 AND id = $12 AND revision = $13";
constexpr std::string_view kWell =
    "UPDATE webhook_subscriptions SET failing_since = NULL, failures = 0"
    " WHERE id = $1 AND failing_since IS NOT NULL";
constexpr std::string_view kFailed =
    "UPDATE webhook_subscriptions SET failures = failures + 1, failing_since = COALESCE(failing_since, $1)"
    " WHERE id = $2 AND state = 'active' RETURNING org, url, failing_since";
constexpr std::string_view kSwitchOff =
    "UPDATE webhook_subscriptions SET state = 'disabled', reason = $1, revision = revision + 1,"
    " changed_by = 'system', changed_at = $2 WHERE id = $3";
constexpr std::string_view kTry =
    "INSERT INTO webhook_attempts (id, outbox, outcome, status, duration_ms, error)"
    " VALUES ($1, $2, $3, $4, $5, $6)";

Error missing() {
    return {ErrorKind::NotFound, "no such webhook subscription", {}, "not_found"};
}

// Paths and queries may hold secrets.
std::string hostOf(const std::string& url) {
    const auto from = url.find("://");
    if (from == std::string::npos) return "";
    return url.substr(from + 3, url.find_first_of("/?#", from + 3) - from - 3);
}

std::int64_t statusOf(const TryResult& result) {
    if (result.state == TryResult::State::Sent) return numberAt(result.receipt.content, "status");
    constexpr std::string_view kPrefix = "http_";
    const std::string& code = result.error.code;
    std::int64_t status = 0;
    if (code.starts_with(kPrefix))
        std::from_chars(code.data() + kPrefix.size(), code.data() + code.size(), status);
    return status;
}

const char* outcomeOf(TryResult::State state) {
    if (state == TryResult::State::Sent) return "delivered";
    return state == TryResult::State::Retry ? "retry" : "failed";
}

}  // namespace

struct Webhooks::Kept {
    WebhookSubscription subscription;
    std::string reason, sealed, changed_by;
    std::optional<TimePoint> failing_since;
    std::int64_t failures = 0, revision = 0;
    TimePoint created_at{}, changed_at{};

    explicit Kept(const Row& row)
        : reason(row.text(6)),
          sealed(row.text(7)),
          changed_by(row.text(11)),
          failures(row.integer(9)),
          revision(row.integer(10)),
          created_at(fromMicros(row.integer(12))),
          changed_at(fromMicros(row.integer(13))) {
        const auto events = parseJson(row.text(4));
        subscription = {row.integer(0),         row.integer(1), row.text(2), row.text(3), {},
                        row.text(5) == "active"};
        if (events && events->is_array()) subscription.events = events->get<std::vector<std::string>>();
        if (!row.isNull(8)) failing_since = fromMicros(row.integer(8));
    }

    Json json() const {
        return {{"id", idText(kWebhookId, subscription.id)},
                {"url", subscription.url},
                {"description", subscription.description},
                {"events", subscription.events},
                {"state", subscription.is_active ? "active" : "disabled"},
                {"reason", reason},
                {"failing_since", failing_since ? Json(toRfc3339(*failing_since)) : Json(nullptr)},
                {"failures", failures},
                {"revision", revision},
                {"changed_by", changed_by},
                {"created_at", toRfc3339(created_at)},
                {"changed_at", toRfc3339(changed_at)}};
    }
};

std::optional<Webhooks::Kept> Webhooks::find(Reader& reader, Id org, Id subscription) {
    const Rows rows = reader.query(kOne, {org, subscription});
    if (rows.empty()) return std::nullopt;
    return Kept(rows[0]);
}

Json Webhooks::list(Id org) const {
    Json items = Json::array();
    parts_.store.read([&](Reader& reader) {
        for (const Row& row : reader.query(kOfOrg, {org})) items.push_back(Kept(row).json());
    });
    return items;
}

std::optional<Json> Webhooks::shown(Id org, Id subscription) const {
    std::optional<Json> found;
    parts_.store.read([&](Reader& reader) {
        if (const auto kept = find(reader, org, subscription)) found = kept->json();
    });
    return found;
}

std::string Webhooks::seal(Id org, Id subscription, const WebhookSecrets& secrets) const {
    return parts_.vault.seal({org, "webhook_subscriptions", subscription, "secrets"},
                             dumpJson({{"current", secrets.current},
                                       {"previous", secrets.previous},
                                       {"previous_until", toMicros(secrets.previous_until)}}));
}

Result<WebhookSecrets> Webhooks::secretsOf(const Kept& kept) const {
    const auto& [id, org] = std::pair(kept.subscription.id, kept.subscription.org);
    const auto text = parts_.vault.unseal({org, "webhook_subscriptions", id, "secrets"}, kept.sealed);
    const auto json = text ? parseJson(text->reveal()) : Result<Json>(text.error());
    if (!json) return withContext("webhook subscription " + idText(kWebhookId, id), json.error());
    return WebhookSecrets{textAt(*json, "current"), textAt(*json, "previous"),
                          fromMicros(numberAt(*json, "previous_until"))};
}

Result<Webhooks::Made> Webhooks::create(Id org, const Json& form, const std::string& by) {
    const auto read = readSubscription(form, {});
    if (!read) return read.error();
    const Made made{parts_.ids.next(), WebhookSecrets::fresh().current};
    const std::string sealed = seal(org, made.id, {made.secret, "", {}});
    const std::string events = dumpJson(read->events);
    bool is_full = false;
    const auto written = parts_.store.writeAndWait([&](Tx& tx) {
        const Rows count = tx.query("SELECT COUNT(*) FROM webhook_subscriptions WHERE org = $1", {org});
        is_full = count.at(0).integer(0) >= kMostOfOrg;
        if (is_full) return;
        tx.exec(kInsert,
                {made.id, org, read->url, read->description, events, read->is_active ? "active" : "disabled",
                 Blob{sealed}, by, toMicros(parts_.clock.now())});
    });
    if (!written) return written.error();
    if (is_full)
        return Error{
            ErrorKind::Conflict, "an organization has at most 100 subscriptions; remove one", {}, "conflict"};
    ++changes_;
    return made;
}

template <class Change>
Status Webhooks::edited(Id org, Id subscription, const Edit& edit, Change change) {
    std::optional<Kept> kept;
    parts_.store.read([&](Reader& reader) { kept = find(reader, org, subscription); });
    if (!kept) return missing();
    if (auto good = edit.check(kept->revision); !good) return good;
    if (auto changed = change(*kept); !changed) return changed;
    const WebhookSubscription& now = kept->subscription;
    const std::string events = dumpJson(now.events);
    std::int64_t rows = 0;
    const auto written = parts_.store.writeAndWait([&](Tx& tx) {
        rows = tx.exec(
            kUpdate,
            {now.url, now.description, events, now.is_active ? "active" : "disabled", kept->reason,
             Blob{kept->sealed}, kept->failing_since ? Value(toMicros(*kept->failing_since)) : Value(nullptr),
             kept->failures, edit.by.name, toMicros(parts_.clock.now()), org, subscription, kept->revision});
    });
    if (!written) return written;
    // Somebody was faster than this one.
    if (rows == 0) return Edit{edit.by, kept->revision}.check(kept->revision + 1);
    ++changes_;
    return Done{};
}

Status Webhooks::change(Id org, Id subscription, const Json& form, const Edit& edit) {
    return edited(org, subscription, edit, [&](Kept& kept) -> Status {
        const bool was_active = kept.subscription.is_active;
        auto read = readSubscription(form, kept.subscription);
        if (!read) return read.error();
        kept.subscription = std::move(*read);
        if (was_active == kept.subscription.is_active) return Done{};
        kept.reason = was_active ? "switched off by " + edit.by.name : "";
        kept.failing_since.reset();
        kept.failures = 0;
        return Done{};
    });
}

Result<std::string> Webhooks::rotate(Id org, Id subscription, const Edit& edit) {
    std::string secret;
    const auto done = edited(org, subscription, edit, [&](Kept& kept) -> Status {
        const auto secrets = secretsOf(kept);
        if (!secrets) return secrets.error();
        const WebhookSecrets next = secrets->rotated(parts_.clock.now());
        secret = next.current;
        kept.sealed = seal(org, subscription, next);
        return Done{};
    });
    if (!done) return done.error();
    return secret;
}

Status Webhooks::remove(Id org, Id subscription, const Edit& edit) {
    Status outcome = missing();
    const auto written = parts_.store.writeAndWait([&](Tx& tx) {
        const auto kept = find(tx, org, subscription);
        outcome = kept ? edit.check(kept->revision) : Status(missing());
        if (outcome)
            tx.exec("DELETE FROM webhook_subscriptions WHERE org = $1 AND id = $2", {org, subscription});
    });
    if (!written) return written;
    ++changes_;
    return outcome;
}

Result<Webhooks::Target> Webhooks::target(Id org, Id subscription) const {
    std::optional<Kept> kept;
    parts_.store.read([&](Reader& reader) { kept = find(reader, org, subscription); });
    if (!kept) return missing();
    if (!kept->subscription.is_active)
        return Error{ErrorKind::Rejected,
                     "the webhook subscription is switched off; set its state to active, then retry",
                     {},
                     "webhook_disabled"};
    const auto secrets = secretsOf(*kept);
    if (!secrets) return secrets.error();
    return Target{kept->subscription.url, secrets->keys(parts_.clock.now())};
}

std::vector<Webhooks::Active> Webhooks::active() const {
    std::vector<Active> out;
    parts_.store.read([&](Reader& reader) {
        for (const Row& row : reader.query(kActive)) {
            Kept kept(row);
            out.push_back({std::move(kept.subscription), kept.created_at});
        }
    });
    return out;
}

void Webhooks::tried(Tx& tx, const TriedDelivery& delivery) {
    const TryResult& result = delivery.result;
    if (result.state == TryResult::State::Cancelled) return;
    Json error;
    if (result.state != TryResult::State::Sent)
        error = {{"kind", toString(result.error.kind)},
                 {"code", result.error.code},
                 {"message", result.error.message}};
    tx.exec(kTry, {parts_.ids.next(), delivery.outbox, outcomeOf(result.state), statusOf(result),
                   numberAt(result.receipt.content, "duration_ms"), error.is_null() ? "" : dumpJson(error)});
    if (result.state == TryResult::State::Sent) {
        tx.exec(kWell, {delivery.subscription});
    } else if (result.error.kind != ErrorKind::Throttled) {  // who asks for patience is there
        failed(tx, delivery.subscription, result.error);
    }
}

void Webhooks::failed(Tx& tx, Id subscription, const Error& error) {
    const TimePoint now = parts_.clock.now();
    const Rows rows = tx.query(kFailed, {toMicros(now), subscription});
    if (rows.empty()) return;  // switched off or removed
    if (error.code == "http_410")
        switchOff(tx, subscription, rows[0], "the receiver answered 410 Gone");
    else if (now - fromMicros(rows[0].integer(2)) >= kPatience)
        switchOff(tx, subscription, rows[0], "every try of the last five days failed: " + error.message);
}

void Webhooks::switchOff(Tx& tx, Id subscription, const Row& failing, const std::string& reason) {
    const Id org = failing.integer(0);
    const std::string host = hostOf(failing.text(1)), id = idText(kWebhookId, subscription);
    tx.exec(kSwitchOff, {reason, toMicros(parts_.clock.now()), subscription});
    parts_.log.append(tx, {org, "webhook.disabled", 0, 0,
                           dumpJson({{"subscription_id", id},
                                     {"host", host},
                                     {"reason", reason},
                                     {"failing_since", toRfc3339(fromMicros(failing.integer(2)))}})});
    NewNotice notice;
    notice.org = org;
    notice.title = "Webhooks to " + host + " are switched off";
    notice.text = reason + ". Set the state of subscription " + id +
                  " to active once the receiver works, then retry its dead letters.";
    notice.source = "webhooks";
    parts_.notices.add(tx, notice, findAdmins(tx, org));
    ++changes_;
}

std::map<Id, Json> Webhooks::triesOf(std::span<const Id> deliveries) const {
    std::map<Id, Json> out;
    parts_.store.read([&](Reader& reader) {
        for (const Id delivery : deliveries) {
            Json& tries = out[delivery] = Json::array();
            for (const Row& row :
                 reader.query("SELECT id, outcome, status, duration_ms, error FROM webhook_attempts"
                              " WHERE outbox = $1 ORDER BY id",
                              {delivery})) {
                Json one = {{"at", toRfc3339(idTime(row.integer(0)))},
                            {"outcome", row.text(1)},
                            {"status", row.integer(2) == 0 ? Json(nullptr) : Json(row.integer(2))},
                            {"duration_ms", row.integer(3)}};
                if (const auto error = parseJson(row.text(4)); !row.text(4).empty() && error)
                    one["error"] = *error;
                tries.push_back(std::move(one));
            }
        }
    });
    return out;
}

std::int64_t Webhooks::forgetTries(TimePoint time) {
    std::int64_t gone = 0;
    const auto written = parts_.store.writeAndWait([&](Tx& tx) {
        gone = tx.exec(
            "DELETE FROM webhook_attempts WHERE id IN (SELECT id FROM webhook_attempts WHERE id < $1"
            " ORDER BY id LIMIT $2)",
            {firstIdAt(time), kForgetAtOnce});
    });
    if (!written) log::warn("cleanup_failed", {{"error", written.error().message}});
    return written ? gone : 0;
}

}  // namespace signalbox
