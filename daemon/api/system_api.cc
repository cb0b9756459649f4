#include "daemon/api/system_api.h"

#include "daemon/api/body.h"
#include "hub/access/visibility.h"
#include "hub/outbox/sent_copy.h"
#include "scripts/dev/embedded.h"

namespace signalbox::api {
namespace {

constexpr std::string_view kAccountStates =
    "SELECT name, state, state_reason, changed_at FROM accounts WHERE org = $1";

Json syncJson(const PollView& view) {
    Json out = {{"state", view.state}, {"failures", view.failures}, {"fetched", view.fetched}};
    out["last_sync_at"] = view.last_sync_at ? Json(toRfc3339(*view.last_sync_at)) : Json(nullptr);
    if (!view.error.empty()) out["error"] = view.error;
    if (view.next_try_at) out["next_try_at"] = toRfc3339(*view.next_try_at);
    if (view.total > 0) out["progress"] = {{"done", view.done}, {"total", view.total}};
    return out;
}

// What goes wrong beside fetching and sending.
Json warningsOf(const SystemParts& parts, const Account& account, const std::optional<PollView>& sync) {
    Json warnings = Json::array();
    std::optional<CopyTrouble> copies;
    if (account.channel == "email")
        parts.store.read([&](Reader& reader) { copies = readCopyTrouble(reader, account.id); });
    if (copies) {
        warnings.push_back({{"code", "sent_copies"},
                            {"message", std::to_string(copies->waiting) +
                                            " sent mails are not in the folder of sent mail yet, since " +
                                            toRfc3339(copies->since) + ": " + copies->error}});
    }
    if (sync && !sync->warning.empty()) warnings.push_back({{"code", "folder"}, {"message", sync->warning}});
    return warnings;
}

constexpr std::string_view kHidden = "its user sees why";

Json accountJson(const ConnectedAccount& connected, const Row* row, const SystemParts& parts, Id user) {
    const Account& account = *connected.account;
    Json out = {{"name", account.name},
                {"type", account.type},
                {"channel", account.channel},
                {"region", account.region},
                {"state", row != nullptr ? row->text(1) : "connected"},
                {"state_reason", row != nullptr ? row->text(2) : ""}};
    out["owner"] = account.owner == 0 ? Json(nullptr) : Json(idText(kUserId, account.owner));
    out["is_private"] = account.isPrivate();
    if (connected.connector->receiver() != nullptr) out["hook_path"] = "/hooks/" + connected.hook;
    if (row != nullptr) out["changed_at"] = toRfc3339(fromMicros(row->integer(3)));
    const auto sync = parts.polls.view(account.id);
    // Names of folders and of logins are its user's affair.
    const bool is_others = account.isPrivate() && account.private_to != user;
    if (is_others && !out["state_reason"].get_ref<const std::string&>().empty())
        out["state_reason"] = kHidden;
    if (is_others) {
        if (sync)
            // When something came, and how much, is its user's affair as well.
            out["sync"] = {{"state", sync->state}, {"failures", sync->failures}};
        if (sync && out["state"] == "connected") out["state"] = sync->state;
        return out;
    }
    if (Json warnings = warningsOf(parts, account, sync); !warnings.empty()) out["warnings"] = warnings;
    if (!sync) return out;
    out["sync"] = syncJson(*sync);
    // What stands in the way of sending goes before what stands in the way of fetching.
    if (out["state"] != "connected") return out;
    out["state"] = sync->state;
    out["state_reason"] = sync->error;
    return out;
}

Rows accountRows(Store& store, Id org) {
    Rows rows;
    store.read([&](Reader& reader) { rows = reader.query(kAccountStates, {org}); });
    return rows;
}

Json oneAccount(const ConnectedAccount& connected, const Rows& rows, const SystemParts& parts, Id user) {
    for (const Row& row : rows) {
        if (row.text(0) == connected.account->name) return accountJson(connected, &row, parts, user);
    }
    return accountJson(connected, nullptr, parts, user);
}

// `is_own`: only those that the caller connected for himself.
HttpResponse getAccounts(Call& call, const SystemParts& parts, bool is_own) {
    const Rows rows = accountRows(parts.store, call.caller.org);
    Json items = Json::array();
    for (const auto& account : parts.accounts.all()) {
        if (account->org != call.caller.org) continue;
        if (is_own && (account->owner == 0 || account->owner != call.caller.user)) continue;
        const auto connected = parts.connectors.byId(account->id);
        if (connected) items.push_back(oneAccount(*connected, rows, parts, call.caller.user));
    }
    return ok({{"items", items}, {"next", nullptr}});
}

HttpResponse postCheck(Call& call, const SystemParts& parts) {
    const auto account = parts.accounts.byName(call.caller.org, call.capture("name"));
    const auto connected = account ? parts.connectors.byId(account->id) : nullptr;
    if (!connected) return notFound("account");
    const auto checked = connected->connector->check({});
    Json out = {{"ok", checked.ok()}};
    if (!checked) {
        const bool is_hidden = !Visibility(call.caller).mayUse(*account);
        out["error"] = {{"kind", toString(checked.error().kind)},
                        {"code", checked.error().code},
                        {"message", is_hidden ? std::string(kHidden) : checked.error().message}};
        return ok(out);
    }
    // What stood in the way is gone.
    bool was_blocked = false;
    const auto written = parts.store.writeAndWait([&](Tx& tx) {
        was_blocked =
            readAccountState(tx, account->id).state != "disabled" && parts.outbox.resume(tx, *account);
    });
    if (!written) return refuse(written.error());
    if (was_blocked) parts.polls.fetchNow(account->id);
    out["is_resumed"] = was_blocked;
    return ok(out);
}

HttpResponse postResume(Call& call, const SystemParts& parts) {
    const auto account = parts.accounts.byName(call.caller.org, call.capture("name"));
    const auto connected = account ? parts.connectors.byId(account->id) : nullptr;
    if (!connected) return notFound("account");
    bool was_blocked = false;
    const auto written =
        parts.store.writeAndWait([&](Tx& tx) { was_blocked = parts.outbox.resume(tx, *account); });
    if (!written) return refuse(written.error());
    if (!was_blocked) return problem(409, "account_not_blocked", "this account is not blocked");
    parts.polls.fetchNow(account->id);
    return ok(oneAccount(*connected, accountRows(parts.store, call.caller.org), parts, call.caller.user));
}

HttpResponse postDisable(Call& call, const SystemParts& parts) {
    Body body(call.body, {"reason"});
    const std::string reason = body.text("reason");
    if (!body.status()) return refuse(body.status().error());
    const auto account = parts.accounts.byName(call.caller.org, call.capture("name"));
    const auto connected = account ? parts.connectors.byId(account->id) : nullptr;
    if (!connected) return notFound("account");
    const auto written =
        parts.store.writeAndWait([&](Tx& tx) { parts.outbox.disable(tx, *account, reason.substr(0, 500)); });
    if (!written) return refuse(written.error());
    parts.polls.fetchNow(account->id);  // ends its wait for news
    return ok(oneAccount(*connected, accountRows(parts.store, call.caller.org), parts, call.caller.user));
}

HttpResponse postFetch(Call& call, const SystemParts& parts) {
    const auto account = parts.accounts.byName(call.caller.org, call.capture("name"));
    const auto connected = account ? parts.connectors.byId(account->id) : nullptr;
    if (!connected) return notFound("account");
    if (!parts.polls.fetchNow(account->id))
        return problem(409, "account_not_fetched", "this account is not fetched: its provider calls us");
    return reply(202,
                 oneAccount(*connected, accountRows(parts.store, call.caller.org), parts, call.caller.user));
}

HttpResponse getStatus(Call& call, const SystemParts& parts) {
    const auto reasons = parts.reasons();
    Json out = parts.status();
    // The figures are those of the whole daemon: not for the other organizations' eyes.
    if (call.caller.org != kDefaultOrg) out = {{"version", out["version"]}};
    out["started_at"] = toRfc3339(parts.started_at);
    out["uptime_s"] =
        std::chrono::duration_cast<std::chrono::seconds>(parts.clock.now() - parts.started_at).count();
    out["ready"] = reasons.empty();
    out["reasons"] = reasons;
    return ok(out);
}

HttpResponse getOpenapi() {
    for (const auto& file : embedded::schemas()) {
        if (file.name == "openapi.yaml")
            return {200, {{"content-type", "application/yaml"}}, std::string(file.text)};
    }
    return notFound("description");
}

}  // namespace

bool isOwn(const Call& call, const Accounts& accounts) {
    const auto account = accounts.byName(call.caller.org, call.capture("name"));
    return account && account->owner != 0 && account->owner == call.caller.user;
}

void addSystemRoutes(Router& router, const SystemParts& parts) {
    router.add({"GET", "/api/v1/accounts", "accounts:read",
                [parts](Call& call) { return getAccounts(call, parts, false); }});
    router.add(visible({"GET", "/api/v1/me/accounts", "accounts:own",
                        [parts](Call& call) { return getAccounts(call, parts, true); }}));
    const auto add = [&](const std::string& what, HttpResponse (*handle)(Call&, const SystemParts&)) {
        router.add({"POST", "/api/v1/accounts/{name}/" + what, "accounts:manage",
                    [parts, handle](Call& call) { return handle(call, parts); }});
        router.add(visible(
            {"POST", "/api/v1/me/accounts/{name}/" + what, "accounts:own", [parts, handle](Call& call) {
                 return isOwn(call, parts.accounts) ? handle(call, parts) : notFound("account");
             }}));
    };
    add("check", postCheck);
    add("fetch", postFetch);
    add("disable", postDisable);
    add("resume", postResume);
    router.add(
        {"GET", "/api/v1/status", "status:read", [parts](Call& call) { return getStatus(call, parts); }});
    router.add({"GET", "/api/v1/openapi.yaml", std::string(kPublic), [](Call&) { return getOpenapi(); }});
}

HttpResponse health() {
    return jsonResponse(200, R"({"ok":true})");
}

HttpResponse readiness(const std::vector<std::string>& reasons) {
    return reply(reasons.empty() ? 200 : 503, {{"ready", reasons.empty()}, {"reasons", reasons}});
}

HttpResponse metrics(const std::vector<Figure>& figures) {
    return {200, {{"content-type", "text/plain; version=0.0.4"}}, metricsText(figures)};
}

}  // namespace signalbox::api
