#include "daemon/api/account_api.h"

namespace signalbox::api {
namespace {

HttpResponse show(const Call& call, const AccountParts& parts, const std::string& name, int status) {
    const auto account = parts.accounts.byName(call.caller.org, name);
    const auto stored = parts.stored.shown(call.caller.org, name);
    if (!account && !stored) return notFound("account");
    const auto connected = account ? parts.connectors.byId(account->id) : nullptr;
    Json out = {{"name", name},
                {"type", account ? account->type : textAt(*stored, "type")},
                {"channel", account ? account->channel : ""},
                {"region", account ? account->region : ""},
                {"origin", stored ? "api" : "configuration"},
                {"is_connected", connected != nullptr},
                {"config", stored ? *stored : Json(nullptr)}};
    if (connected && connected->connector->receiver() != nullptr)
        out["hook_path"] = "/hooks/" + connected->hook;
    for (const char* key : {"name", "type", "region"})
        if (stored) out["config"].erase(key);
    return reply(status, out);
}

HttpResponse postAccount(Call& call, const AccountParts& parts) {
    if (auto created = parts.stored.create(call.caller.org, call.body); !created)
        return refuse(created.error());
    return show(call, parts, textAt(call.body, "name"), 201);
}

HttpResponse patchAccount(Call& call, const AccountParts& parts) {
    const std::string& name = call.capture("name");
    if (parts.accounts.byName(call.caller.org, name) && !parts.stored.shown(call.caller.org, name))
        return problem(409, "account_configured",
                       "this account stands in the configuration; it is changed there");
    if (auto changed = parts.stored.change(call.caller.org, name, call.body); !changed)
        return refuse(changed.error());
    return show(call, parts, name, 200);
}

HttpResponse deleteAccount(Call& call, const AccountParts& parts) {
    const std::string& name = call.capture("name");
    if (parts.accounts.byName(call.caller.org, name) && !parts.stored.shown(call.caller.org, name))
        return problem(409, "account_configured",
                       "this account stands in the configuration; it is removed there");
    const auto removed = parts.stored.remove(call.caller.org, name);
    return removed ? HttpResponse{204, {}, ""} : refuse(removed.error());
}

HttpResponse postTest(Call& call, const AccountParts& parts) {
    const auto tested = parts.stored.test(call.body);
    if (!tested && tested.error().kind == ErrorKind::Invalid) return refuse(tested.error());
    Json out = {{"ok", tested.ok()}};
    if (!tested) {
        out["error"] = {{"kind", toString(tested.error().kind)},
                        {"code", tested.error().code},
                        {"message", tested.error().message}};
    }
    return ok(out);
}

}  // namespace

void addAccountRoutes(Router& router, const AccountParts& parts) {
    router.add({"POST", "/api/v1/accounts", "accounts:manage",
                [parts](Call& call) { return postAccount(call, parts); }});
    router.add({"POST", "/api/v1/accounts/test", "accounts:manage",
                [parts](Call& call) { return postTest(call, parts); }});
    router.add({"GET", "/api/v1/accounts/{name}", "accounts:read",
                [parts](Call& call) { return show(call, parts, call.capture("name"), 200); }});
    router.add({"PATCH", "/api/v1/accounts/{name}", "accounts:manage",
                [parts](Call& call) { return patchAccount(call, parts); }});
    router.add({"DELETE", "/api/v1/accounts/{name}", "accounts:manage",
                [parts](Call& call) { return deleteAccount(call, parts); }});
}

}  // namespace signalbox::api
