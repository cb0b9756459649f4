#include "daemon/api/quarantine_api.h"

#include "daemon/api/body.h"
#include "hub/access/visibility.h"
#include "hub/accounts/built_in.h"
#include "hub/ingest/quarantine.h"

namespace signalbox::api {
namespace {

constexpr std::size_t kBulk = 200;

Json summary(const QuarantinedRequest& kept, const Accounts& accounts) {
    const auto account = accounts.byId(kept.account);
    return {{"id", idText(kRequestId, kept.id)},
            {"account", account ? account->name : ""},
            {"reason", kept.reason},
            {"method", kept.request.method},
            {"received_at", toRfc3339(kept.received_at)}};
}

// `owner`: 0 for what the organization's admins see; a user, for what came to his own mailboxes.
HttpResponse getList(Call& call, Store& store, const Accounts& accounts, Id owner) {
    const auto page = readPage(call, kRequestId);
    if (!page) return refuse(page.error());
    auto kept = listQuarantined(store, {call.caller.org, page->before, 0, owner}, page->limit + 1);
    PageOfItems result;
    if (kept.size() > page->limit) {
        kept.resize(page->limit);
        result.next = kept.back().id;
    }
    for (const auto& one : kept) result.items.push_back(summary(one, accounts));
    return list(result, kRequestId);
}

// Names of headers and query fields that hold a secret, whatever the provider.
bool isCredential(std::string_view name) {
    std::string lower(name);
    for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    for (const char* part : {"auth", "token", "secret", "key", "signature", "password", "cookie"}) {
        if (lower.find(part) != std::string::npos) return true;
    }
    return false;
}

std::string maskQuery(const HttpRequest& request) {
    FormFields fields = parseForm(request.query());
    for (auto& [name, value] : fields) {
        if (isCredential(name)) value = "***";
    }
    return std::string(request.path()) + (fields.empty() ? "" : "?" + formEncode(fields));
}

std::optional<QuarantinedRequest> findKept(const Call& call, Store& store, const Accounts& accounts,
                                           Id owner) {
    const auto id = readId(call, kRequestId);
    auto kept = id ? loadQuarantined(store, call.caller.org, *id) : std::nullopt;
    if (!kept || owner == 0) return kept;
    const auto account = accounts.byId(kept->account);
    return account && account->owner == owner ? std::move(kept) : std::nullopt;
}

HttpResponse getOne(Call& call, Store& store, const Accounts& accounts, Id owner) {
    const auto kept = findKept(call, store, accounts, owner);
    if (!kept) return notFound("request");
    Json out = summary(*kept, accounts);
    // He may have it taken in again, but not read it.
    if (const auto account = accounts.byId(kept->account);
        account && !Visibility(call.caller).mayUse(*account)) {
        out["is_private"] = true;
        return ok(out);
    }
    out["target"] = maskQuery(kept->request);
    out["headers"] = Json::object();
    for (const auto& [name, value] : kept->request.headers)
        out["headers"][name] = isCredential(name) ? "***" : value;
    out["body"] = kept->request.body;
    return ok(out);
}

Result<Ingested> takeAgain(Id org, const QuarantinedRequest& kept, const QuarantineParts& parts) {
    const auto account = parts.accounts.byId(kept.account);
    if (account && account->name == kBuiltInWebhook)
        return parts.trigger_door.replay(org, kept.id, kept.request, kept.received_at);
    const auto connected = parts.connectors.byId(kept.account);
    if (!connected) return Error{ErrorKind::Conflict, "the account of this request is no longer configured"};
    if (MailReplay::isMail(kept)) return parts.mails.replay(*connected, kept);
    return parts.door.replay(*connected, kept.id, kept.request, kept.received_at);
}

// {"request_id", "state": "replayed"|"quarantined", "new_envelopes", …}
Result<Json> replayOne(Id org, const QuarantinedRequest& kept, const QuarantineParts& parts) {
    const auto result = takeAgain(org, kept, parts);
    if (!result) return result.error();
    return Json{{"id", idText(kRequestId, kept.id)},
                {"new_envelopes", result->new_envelopes},
                {"duplicates", result->duplicates}};
}

Json withState(Json outcome, Store& store, Id org, Id request) {
    bool is_kept = false;
    for (const auto& kept : listQuarantined(store, {org, request + 1}, 1)) is_kept = kept.id == request;
    outcome["state"] = is_kept ? "quarantined" : "replayed";
    return outcome;
}

HttpResponse postReplay(Call& call, const QuarantineParts& parts, Id owner) {
    const auto kept = findKept(call, parts.store, parts.accounts, owner);
    if (!kept) return notFound("request");
    const auto outcome = replayOne(call.caller.org, *kept, parts);
    return outcome ? ok(withState(*outcome, parts.store, call.caller.org, kept->id))
                   : refuse(outcome.error());
}

HttpResponse postReplayAll(Call& call, const QuarantineParts& parts) {
    Body body(call.body, {"account"});
    const std::string name = body.has("account") ? body.requiredText("account", 100) : "";
    if (!body.status()) return refuse(body.status().error());
    const auto account = parts.accounts.byName(call.caller.org, name);
    if (!name.empty() && !account)
        return refuse({ErrorKind::Invalid, "account: no account is named " + name});
    Json items = Json::array();
    for (const auto& one :
         listQuarantined(parts.store, {call.caller.org, 0, account ? account->id : 0}, kBulk)) {
        const auto kept = loadQuarantined(parts.store, call.caller.org, one.id);
        if (!kept) continue;
        const auto outcome = replayOne(call.caller.org, *kept, parts);
        if (outcome) items.push_back(withState(*outcome, parts.store, call.caller.org, one.id));
        if (!outcome) {
            items.push_back({{"id", idText(kRequestId, one.id)},
                             {"state", "quarantined"},
                             {"error", outcome.error().message}});
        }
    }
    return ok({{"items", items}, {"next", nullptr}});
}

}  // namespace

void addQuarantineRoutes(Router& router, QuarantineParts parts) {
    const auto list = [parts](Call& call, Id owner) {
        return getList(call, parts.store, parts.accounts, owner);
    };
    const auto one = [parts](Call& call, Id owner) {
        return getOne(call, parts.store, parts.accounts, owner);
    };
    const std::string all = "/api/v1/quarantine", own = "/api/v1/me/quarantine";
    router.add({"GET", all, "quarantine:read", [list](Call& call) { return list(call, 0); }});
    router.add({"POST", all + "/replay", "quarantine:replay",
                [parts](Call& call) { return postReplayAll(call, parts); }});
    router.add({"GET", all + "/{id}", "quarantine:read", [one](Call& call) { return one(call, 0); }});
    router.add({"POST", all + "/{id}/replay", "quarantine:replay",
                [parts](Call& call) { return postReplay(call, parts, 0); }});
    // A token has no mailboxes.
    const auto ofUser = [&](const char* method, const std::string& path, auto handle) {
        router.add(visible({method, path, "accounts:own", [handle](Call& call) {
                                if (call.caller.user == 0) return notFound("request");
                                return handle(call, call.caller.user);
                            }}));
    };
    ofUser("GET", own, list);
    ofUser("GET", own + "/{id}", one);
    ofUser("POST", own + "/{id}/replay",
           [parts](Call& call, Id owner) { return postReplay(call, parts, owner); });
}

}  // namespace signalbox::api
