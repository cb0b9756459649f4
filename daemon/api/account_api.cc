#include "daemon/api/account_api.h"

#include "hub/access/users.h"

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
                {"owner", nullptr},
                {"is_private", account && account->isPrivate()},
                {"config", stored ? *stored : Json(nullptr)}};
    const Id owner = parts.stored.ownerOf(call.caller.org, name).value_or(0);
    if (owner != 0) out["owner"] = idText(kUserId, owner);
    // Whose own it is knows what stands in it.
    if (owner != 0 && owner != call.caller.user) out["config"] = nullptr;
    if (connected && connected->connector->receiver() != nullptr)
        out["hook_path"] = "/hooks/" + connected->hook;
    for (const char* key : {"name", "type", "region"})
        if (out["config"].is_object()) out["config"].erase(key);
    return reply(status, out);
}

HttpResponse postAccount(Call& call, const AccountParts& parts) {
    if (auto created = parts.stored.create(call.caller.org, call.body); !created)
        return refuse(created.error());
    return show(call, parts, textAt(call.body, "name"), 201);
}

bool isOthers(const Call& call, const AccountParts& parts) {
    const Id owner = parts.stored.ownerOf(call.caller.org, call.capture("name")).value_or(0);
    return owner != 0 && owner != call.caller.user;
}

HttpResponse patchAccount(Call& call, const AccountParts& parts) {
    const std::string& name = call.capture("name");
    if (parts.accounts.byName(call.caller.org, name) && !parts.stored.shown(call.caller.org, name))
        return problem(409, "account_configured",
                       "this account stands in the configuration; it is changed there");
    if (isOthers(call, parts))
        return problem(409, "account_owned",
                       "a user connected this account for himself: only he changes it, at "
                       "/api/v1/me/accounts; disable it, remove it, or take it over once he is gone");
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
    const auto tested = parts.stored.test(call.caller.org, call.body);
    if (!tested && tested.error().kind == ErrorKind::Invalid) return refuse(tested.error());
    Json out = {{"ok", tested.ok()}};
    if (!tested) {
        out["error"] = {{"kind", toString(tested.error().kind)},
                        {"code", tested.error().code},
                        {"message", tested.error().message}};
    }
    return ok(out);
}

// ---- a user's own -----------------------------------------------------------------------------------------

constexpr std::size_t kMostOwn = 20;

// {"is_private"} beside the account's own keys; true unless it is said. Leaves the rest.
Result<std::optional<bool>> takeIsPrivate(Json& body) {
    std::optional<bool> is_private;
    const Json& given = memberAt(body, "is_private");
    if (given.is_null()) return is_private;
    if (!given.is_boolean())
        return Error{ErrorKind::Invalid, "is_private: true or false", {}, "invalid_request"};
    is_private = given.get<bool>();
    body.erase("is_private");
    return is_private;
}

HttpResponse postOwn(Call& call, const AccountParts& parts) {
    if (call.caller.user == 0)
        return problem(409, "not_a_session",
                       "an API token is nobody: a user connects his mailbox when signed in");
    if (textAt(call.body, "type") != "email")
        return refuse({ErrorKind::Invalid,
                       "type: email; other accounts are the organization's",
                       {},
                       "invalid_request"});
    std::size_t count = 0;
    for (const auto& account : parts.accounts.all()) count += account->owner == call.caller.user ? 1 : 0;
    if (count >= kMostOwn)
        return problem(409, "too_many_accounts", "a user connects at most 20 mailboxes; remove one first");
    Json body = call.body;
    const auto is_private = takeIsPrivate(body);
    if (!is_private) return refuse(is_private.error());
    const std::string name = textAt(body, "name");
    if (auto created = parts.stored.create(call.caller.org, body, call.caller.user); !created)
        return refuse(created.error());
    if (is_private->has_value() && !**is_private)
        if (auto shared = parts.stored.setPrivate(call.caller.org, name, false); !shared)
            return refuse(shared.error());
    return show(call, parts, name, 201);
}

HttpResponse patchOwn(Call& call, const AccountParts& parts) {
    const std::string& name = call.capture("name");
    Json body = call.body;
    const auto is_private = takeIsPrivate(body);
    if (!is_private) return refuse(is_private.error());
    if (!is_private->has_value() || !body.empty())
        if (auto changed = parts.stored.change(call.caller.org, name, body); !changed)
            return refuse(changed.error());
    if (is_private->has_value())
        if (auto set = parts.stored.setPrivate(call.caller.org, name, **is_private); !set)
            return refuse(set.error());
    return show(call, parts, name, 200);
}

// So that what a user who left had with customers is not lost to the organization.
HttpResponse postTakeOver(Call& call, const AccountParts& parts) {
    const std::string& name = call.capture("name");
    const auto owner = parts.stored.ownerOf(call.caller.org, name);
    if (!owner) return notFound("account");
    if (*owner == 0) return problem(409, "account_not_owned", "this account is the organization's already");
    bool is_active = false;
    parts.store.read([&](Reader& reader) {
        const auto user = findUser(reader, call.caller.org, *owner);
        is_active = user && user->is_active;
    });
    if (is_active)
        return problem(
            409, "owner_active",
            "its user is still active: he shares it himself (PATCH /api/v1/me/accounts/{name} with "
            "is_private false), or deactivate the user first");
    if (auto taken = parts.stored.takeOver(call.caller.org, name); !taken) return refuse(taken.error());
    return show(call, parts, name, 200);
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
    router.add({"POST", "/api/v1/accounts/{name}/take-over", "accounts:manage",
                [parts](Call& call) { return postTakeOver(call, parts); }});

    const std::string own = "/api/v1/me/accounts", one = own + "/{name}";
    const auto add = [&](const char* method, const std::string& path, Handler handler) {
        router.add(visible({method, path, "accounts:own", std::move(handler)}));
    };
    const auto addOne = [&](const char* method, HttpResponse (*handle)(Call&, const AccountParts&)) {
        add(method, one, [parts, handle](Call& call) {
            const Id owner = parts.stored.ownerOf(call.caller.org, call.capture("name")).value_or(0);
            const bool is_his = owner != 0 && owner == call.caller.user;
            return is_his ? handle(call, parts) : notFound("account");
        });
    };
    add("POST", own, [parts](Call& call) { return postOwn(call, parts); });
    add("POST", own + "/test", [parts](Call& call) { return postTest(call, parts); });
    addOne("GET",
           [](Call& call, const AccountParts& all) { return show(call, all, call.capture("name"), 200); });
    addOne("PATCH", patchOwn);
    addOne("DELETE", deleteAccount);
}

}  // namespace signalbox::api
