#include "daemon/api/outbox_api.h"

#include "base/crypto.h"
#include "daemon/api/body.h"
#include "daemon/api/files_api.h"
#include "daemon/api/template_api.h"
#include "hub/accounts/built_in.h"
#include "hub/inbox/inbox_queries.h"
#include "hub/model/webhook_target.h"
#include "hub/outbox/outbox_queries.h"

namespace signalbox::api {
namespace {

constexpr std::size_t kBulk = 1'000;

// The caller's key, so that a repeated POST is one message even when the first answer was lost in a crash.
std::string clientToken(Call& call) {
    call.has_own_guard = true;
    const auto key = call.request.headers.get("idempotency-key");
    if (key.empty()) return "";
    return toHex(hash(HashAlgorithm::Sha256, std::to_string(call.caller.token) + '\n' + std::string(key)));
}

// What a prepared text says, in the words of the conversation or of the account that is named.
Result<Json> filledOf(const Call& call, Store& store, const Clock& clock, const Accounts& accounts) {
    const auto conversation = parseId(kConversationId, textAt(call.body, "conversation_id"));
    const auto account = accounts.byName(call.caller.org, textAt(call.body, "account"));
    return withTemplate(call, store, clock, conversation.value_or(0), account ? account->channel : "",
                        call.body);
}

bool namesSubscription(const Json& content) {
    return webhookOf(textAt(content, "credential")).has_value() ||
           webhookOf(textAt(memberAt(content, "signature"), "credential")).has_value();
}

HttpResponse postMessage(Call& call, Store& store, const Clock& clock, const Accounts& accounts,
                         Outbox& outbox) {
    const Visibility view(call.caller);
    const auto conversation = parseId(kConversationId, textAt(call.body, "conversation_id"));
    const auto named = accounts.byName(call.caller.org, textAt(call.body, "account"));
    const bool is_own = named && named->owner != 0 && named->owner == call.caller.user;
    if (conversation || !(call.caller.seesEverything() || is_own)) {
        // Only into a conversation that they see.
        bool may_see = false;
        if (conversation) store.read([&](Reader& reader) { may_see = view.maySee(reader, *conversation); });
        if (!may_see) return refuse({ErrorKind::NotFound, "conversation_id: there is no such conversation"});
    }
    RequestSource source;
    source.org = call.caller.org;
    source.author = call.caller.isSession() ? "user:" + idText(kUserId, call.caller.user)
                                            : "api:" + idText(kTokenId, call.caller.token);
    source.client_token = clientToken(call);
    source.user = call.caller.user;
    source.viewer = viewerOf(call.caller);
    const auto filled = filledOf(call, store, clock, accounts);
    if (!filled) return refuse(filled.error());
    const auto prepared = outbox.prepare(*filled, source);
    if (!prepared) return refuse(prepared.error());
    // Who may send messages may not speak for workflows and subscriptions.
    if (isBuiltIn(*prepared->account))
        return refuse({ErrorKind::NotFound, "account: there is none of this name", {}, "not_found"});
    if (namesSubscription(memberAt(*filled, "content")))
        return refuse({ErrorKind::Invalid,
                       "content.credential: webhook subscriptions get events only; try them with POST "
                       "/api/v1/webhook-subscriptions/{id}/test",
                       {},
                       "invalid_request"});
    Queued queued;
    const auto written = store.writeAndWait([&](Tx& tx) { queued = outbox.enqueue(tx, *prepared); });
    if (!written) return refuse(written.error());
    if (queued.message == 0) {
        return reply(202, {{"outbox_id", idText(kOutboxId, queued.outbox)}, {"status", "queued"}});
    }
    auto message = findMessage(store, accounts, view, queued.message);
    if (!message) return notFound("message");
    (*message)["outbox_id"] = idText(kOutboxId, queued.outbox);
    return reply(202, *message);
}

HttpResponse getDeadLetters(Call& call, Store& store, const Accounts& accounts) {
    const auto page = readPage(call, kOutboxId);
    if (!page) return refuse(page.error());
    OutboxFilter filter;
    filter.state = call.queryText("state").empty() ? "dead" : call.queryText("state");
    filter.before = page->before;
    filter.limit = page->limit;
    filter.user = call.caller.user;
    if (const std::string name = call.queryText("account"); !name.empty()) {
        const auto account = accounts.everByName(call.caller.org, name);
        if (!account || !Visibility(call.caller).mayUse(*account))
            return refuse({ErrorKind::Invalid, "account: no account is named " + name});
        filter.account = account->id;
    }
    const auto found = listOutbox(store, accounts, call.caller.org, filter);
    return list({found.items, found.next}, kOutboxId);
}

HttpResponse getDeadLetter(Call& call, Store& store, const Accounts& accounts) {
    const auto id = readId(call, kOutboxId);
    const auto found =
        id ? findOutboxEntry(store, accounts, call.caller.org, *id, call.caller.user) : std::nullopt;
    return found ? ok(*found) : notFound("dead letter");
}

// Runs `change` on one entry and gives the entry as it is then.
template <class Change>
HttpResponse changeOne(Call& call, Store& store, const Accounts& accounts, int status, Change change) {
    const auto id = readId(call, kOutboxId);
    if (!id || !findOutboxEntry(store, accounts, call.caller.org, *id, call.caller.user))
        return notFound("dead letter");
    Status outcome = Done{};
    const auto written = store.writeAndWait([&](Tx& tx) { outcome = change(tx, *id); });
    if (!written) return refuse(written.error());
    if (!outcome) return refuse(outcome.error());
    HttpResponse response = getDeadLetter(call, store, accounts);
    if (response.status == 200) response.status = status;
    return response;
}

HttpResponse postRetryAll(Call& call, Store& store, const Accounts& accounts, Outbox& outbox) {
    Body body(call.body, {"account"});
    const std::string name = body.has("account") ? body.requiredText("account", 100) : "";
    if (!body.status()) return refuse(body.status().error());
    const auto account = accounts.byName(call.caller.org, name);
    if (!name.empty() && (!account || !Visibility(call.caller).mayUse(*account)))
        return refuse({ErrorKind::Invalid, "account: no account is named " + name});
    std::size_t count = 0;
    const auto written = store.writeAndWait([&](Tx& tx) {
        count = outbox.retryAll(tx, call.caller.org, account ? account->id : 0, call.caller.user, kBulk);
    });
    if (!written) return refuse(written.error());
    return reply(202, {{"retried", count}, {"more", count == kBulk}});
}

}  // namespace

void addOutboxRoutes(Router& router, Store& store, const Clock& clock, const Accounts& accounts,
                     Outbox& outbox) {
    router.add(visible({"POST", "/api/v1/messages", "messages:send",
                        [&](Call& call) { return postMessage(call, store, clock, accounts, outbox); }}));
    router.add({"GET", "/api/v1/dead-letters", "dead_letters:read",
                [&](Call& call) { return getDeadLetters(call, store, accounts); }});
    router.add({"POST", "/api/v1/dead-letters/retry", "dead_letters:manage",
                [&](Call& call) { return postRetryAll(call, store, accounts, outbox); }});
    router.add({"GET", "/api/v1/dead-letters/{id}", "dead_letters:read",
                [&](Call& call) { return getDeadLetter(call, store, accounts); }});
    router.add({"POST", "/api/v1/dead-letters/{id}/retry", "dead_letters:manage", [&](Call& call) {
                    return changeOne(call, store, accounts, 202,
                                     [&](Tx& tx, Id id) { return outbox.retry(tx, call.caller.org, id); });
                }});
    router.add({"POST", "/api/v1/dead-letters/{id}/discard", "dead_letters:manage", [&](Call& call) {
                    return changeOne(call, store, accounts, 200,
                                     [&](Tx& tx, Id id) { return outbox.discard(tx, call.caller.org, id); });
                }});
}

}  // namespace signalbox::api
