#include "daemon/api/webhook_api.h"

#include <algorithm>

#include "connectors/sdk/url.h"
#include "daemon/api/inbox_parts.h"
#include "hub/outbox/outbox_queries.h"
#include "hub/webhooks/webhook_feed.h"

namespace signalbox::api {
namespace {

constexpr const char* kStates[] = {"pending", "leased", "sent", "dead", "uncertain", "cancelled"};

// What can be said before the name is looked up; each delivery is checked against the address it really goes
// to.
Status checkTarget(const std::string& text, const AddressPolicy& egress) {
    if (text.find('#') != std::string::npos)
        return Error{ErrorKind::Invalid, "url: must not have a fragment"};
    const auto url = parseUrl(text);
    if (!url) return withContext("url", url.error());
    constexpr std::uint16_t kPorts[] = {80, 443, 8080, 8443};
    if (!egress.any_port && !egress.allow_any &&
        std::find(std::begin(kPorts), std::end(kPorts), url->port) == std::end(kPorts))
        return Error{ErrorKind::Invalid, "url: only the ports 80, 443, 8080 and 8443 may be reached"};
    const bool is_address = url->host.find(':') != std::string::npos ||
                            url->host.find_first_not_of("0123456789.") == std::string::npos;
    if (url->host == "localhost" && !egress.allow_any)
        return checkAddress(egress, "127.0.0.1")
                   ? Status(Done{})
                   : Error{ErrorKind::Invalid, "url: this machine may not be reached"};
    if (!is_address) return Done{};
    if (const auto may = checkAddress(egress, url->host); !may)
        return Error{ErrorKind::Invalid, "url: " + may.error().message};
    return Done{};
}

HttpResponse shown(const Call& call, const WebhookParts& parts, Id id, int status,
                   const std::string& secret = "") {
    auto found = parts.webhooks.shown(call.caller.org, id);
    if (!found) return notFound("webhook subscription");
    if (!secret.empty()) (*found)["secret"] = secret;
    return withRevision(reply(status, *found), numberAt(*found, "revision"));
}

HttpResponse postSubscription(Call& call, const WebhookParts& parts) {
    if (auto good = checkTarget(textAt(call.body, "url"), parts.egress); !good) return refuse(good.error());
    const auto made = parts.webhooks.create(call.caller.org, call.body, actorOf(call.caller).name);
    return made ? shown(call, parts, made->id, 201, made->secret) : refuse(made.error());
}

// Runs `change(id, edit)` → Status and shows what came of it.
template <class Change>
HttpResponse changeOne(Call& call, const WebhookParts& parts, Change change) {
    const auto id = readId(call, kWebhookId);
    if (!id) return notFound("webhook subscription");
    const auto edit = editOf(call);
    if (!edit) return refuse(edit.error());
    const Result<std::string> secret = change(*id, *edit);
    return secret ? shown(call, parts, *id, 200, *secret) : refuseEdit(secret.error());
}

HttpResponse patchSubscription(Call& call, const WebhookParts& parts) {
    if (call.body.is_object() && call.body.contains("url")) {
        if (auto good = checkTarget(textAt(call.body, "url"), parts.egress); !good)
            return refuse(good.error());
    }
    return changeOne(call, parts, [&](Id id, const Edit& edit) -> Result<std::string> {
        if (auto done = parts.webhooks.change(call.caller.org, id, call.body, edit); !done)
            return done.error();
        return std::string();
    });
}

HttpResponse postRotate(Call& call, const WebhookParts& parts) {
    return changeOne(call, parts, [&](Id id, const Edit& edit) {
        return parts.webhooks.rotate(call.caller.org, id, edit);
    });
}

HttpResponse deleteSubscription(Call& call, const WebhookParts& parts) {
    const auto id = readId(call, kWebhookId);
    if (!id) return notFound("webhook subscription");
    const auto edit = editOf(call);
    if (!edit) return refuse(edit.error());
    const auto removed = parts.webhooks.remove(call.caller.org, *id, *edit);
    return removed ? HttpResponse{204, {}, ""} : refuseEdit(removed.error());
}

HttpResponse postTest(Call& call, const WebhookParts& parts) {
    const auto id = readId(call, kWebhookId);
    if (!id) return notFound("webhook subscription");
    if (const auto target = parts.webhooks.target(call.caller.org, *id); !target) {
        if (target.error().kind == ErrorKind::NotFound) return notFound("webhook subscription");
        return refuse({ErrorKind::Conflict, target.error().message, {}, target.error().code});
    }
    const Json body = {
        {"type", "webhook.test"},
        {"timestamp", toRfc3339(parts.clock.now())},
        {"data", {{"subscription_id", idText(kWebhookId, *id)}, {"by", actorOf(call.caller).name}}}};
    WebhookSubscription subscription;
    subscription.id = *id;
    subscription.org = call.caller.org;
    const auto prepared =
        prepareDelivery(parts.outbox, subscription, body, "test-" + std::to_string(parts.ids.next()));
    if (!prepared) return refuse(prepared.error());
    Queued queued;
    const auto written =
        parts.store.writeAndWait([&](Tx& tx) { queued = parts.outbox.enqueue(tx, *prepared); });
    if (!written) return refuse(written.error());
    return reply(202, {{"id", idText(kOutboxId, queued.outbox)}, {"state", "pending"}});
}

HttpResponse getDeliveries(Call& call, const WebhookParts& parts) {
    const auto id = readId(call, kWebhookId);
    if (!id || !parts.webhooks.has(call.caller.org, *id)) return notFound("webhook subscription");
    const auto page = readPage(call, kOutboxId);
    if (!page) return refuse(page.error());
    OutboxFilter filter;
    filter.subscription = *id;
    filter.state = call.queryText("state");
    filter.before = page->before;
    filter.limit = page->limit;
    if (!filter.state.empty() &&
        std::find(std::begin(kStates), std::end(kStates), filter.state) == std::end(kStates))
        return refuse(
            {ErrorKind::Invalid, "state: one of pending, leased, sent, dead, uncertain, cancelled"});
    auto found = listOutbox(parts.store, parts.accounts, call.caller.org, filter);
    std::vector<Id> ids;
    for (const Json& item : found.items) ids.push_back(parseId(kOutboxId, textAt(item, "id")).value_or(0));
    const auto tries = parts.webhooks.triesOf(ids);
    Json items = Json::array();
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const Json& row = found.items[i];
        Json item = {{"id", row["id"]},
                     {"event_type", memberAt(row, "event_type")},
                     {"state", row["state"]},
                     {"next_at", row["state"] == "pending" ? row["next_at"] : Json(nullptr)},
                     {"created_at", row["created_at"]},
                     {"changed_at", row["changed_at"]},
                     {"tries", tries.at(ids[i])}};
        if (row.contains("error")) item["error"] = row["error"];
        items.push_back(std::move(item));
    }
    return list({std::move(items), found.next}, kOutboxId);
}

}  // namespace

void addWebhookRoutes(Router& router, WebhookParts parts) {
    const std::string all = "/api/v1/webhook-subscriptions", one = all + "/{id}";
    router.add({"GET", all, "webhooks:read", [parts](Call& call) {
                    return ok({{"items", parts.webhooks.list(call.caller.org)}, {"next", nullptr}});
                }});
    Route create{"POST", all, "webhooks:manage",
                 [parts](Call& call) { return postSubscription(call, parts); }};
    create.answers_secret = true;
    router.add(std::move(create));
    router.add({"GET", one, "webhooks:read", [parts](Call& call) {
                    const auto id = readId(call, kWebhookId);
                    return id ? shown(call, parts, *id, 200) : notFound("webhook subscription");
                }});
    router.add(
        {"PATCH", one, "webhooks:manage", [parts](Call& call) { return patchSubscription(call, parts); }});
    router.add(
        {"DELETE", one, "webhooks:manage", [parts](Call& call) { return deleteSubscription(call, parts); }});
    Route rotate{"POST", one + "/rotate-secret", "webhooks:manage",
                 [parts](Call& call) { return postRotate(call, parts); }};
    rotate.answers_secret = true;
    router.add(std::move(rotate));
    router.add(
        {"POST", one + "/test", "webhooks:manage", [parts](Call& call) { return postTest(call, parts); }});
    router.add({"GET", one + "/deliveries", "webhooks:read",
                [parts](Call& call) { return getDeliveries(call, parts); }});
}

}  // namespace signalbox::api
