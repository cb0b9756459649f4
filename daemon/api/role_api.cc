#include "daemon/api/role_api.h"

#include "daemon/api/body.h"
#include "hub/access/giving.h"

namespace signalbox::api {
namespace {

Json roleJson(const Role& role) {
    return {{"name", role.name},
            {"sees", toString(role.sees)},
            {"rights", role.allow},
            {"except", role.deny},
            {"is_built_in", role.is_built_in}};
}

bool isName(std::string_view name) {
    return !name.empty() && name.size() <= 50 &&
           name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == std::string_view::npos;
}

// A right or a pattern of rights that matches one there is: a typing error grants nothing, silently.
bool isRight(const std::string& pattern, const std::vector<std::string>& rights) {
    const Role probe{"", Sees::Own, {pattern}, {}, false};
    return std::any_of(rights.begin(), rights.end(), [&](const std::string& right) {
        return !right.starts_with("self:") && probe.allows(right);
    });
}

// What changes a role changes all who have it: nobody touches one that may do more than he.
Status checkTouchable(const Call& call, const Router& router, const Roles& roles) {
    const RoleRef role = roles.find(call.caller.org, call.capture("name"));
    if (role == nullptr || role->is_built_in || mayGive(call.caller, *role, {}, router.rights()))
        return Done{};
    return Error{ErrorKind::Forbidden, "this role may do more than you", {}, "right_missing"};
}

HttpResponse putRole(Call& call, const Router& router, Roles& roles) {
    Role role;
    role.name = call.capture("name");
    if (!isName(role.name)) return problem(422, "bad_name", "a role's name has 1 to 50 of a-z 0-9 _ -");
    Body body(call.body, {"sees", "rights"});
    const auto sees = parseSees(body.text("sees", 20));
    if (!body.status()) return refuse(body.status().error());
    if (!sees) return refuse({ErrorKind::Invalid, "sees: everything, assigned or own"});
    role.sees = *sees;
    const Json& wanted = memberAt(call.body, "rights");
    if (!wanted.is_array() || wanted.size() > 500)
        return refuse({ErrorKind::Invalid, "rights: a list of rights"});
    const auto rights = router.rights();
    for (const Json& right : wanted) {
        if (!right.is_string() || !isRight(right.get<std::string>(), rights))
            return refuse({ErrorKind::Invalid,
                           "rights: each is an x-right of the description, area:* or *:read" +
                               (right.is_string() ? ", not " + right.get<std::string>().substr(0, 50) : "")});
        role.allow.push_back(right);
    }
    if (!mayGive(call.caller, role, {}, rights))
        return refuse({ErrorKind::Forbidden,
                       "rights: more than you have (a token's are its role's within its scopes)",
                       {},
                       "right_missing"});
    if (auto may = checkTouchable(call, router, roles); !may) return refuse(may.error());
    const Json shown = roleJson(role);
    const auto saved = roles.save(call.caller.org, std::move(role));
    return saved ? ok(shown) : refuse(saved.error());
}

}  // namespace

void addRoleRoutes(Router& router, Roles& roles) {
    router.add({"GET", "/api/v1/roles", "roles:read", [&roles, &router](Call& call) {
                    Json items = Json::array();
                    for (const RoleRef& role : roles.all(call.caller.org)) items.push_back(roleJson(*role));
                    return ok({{"items", items}, {"next", nullptr}, {"rights", router.rights()}});
                }});
    router.add({"PUT", "/api/v1/roles/{name}", "roles:manage",
                [&roles, &router](Call& call) { return putRole(call, router, roles); }});
    router.add({"DELETE", "/api/v1/roles/{name}", "roles:manage", [&roles, &router](Call& call) {
                    if (auto may = checkTouchable(call, router, roles); !may) return refuse(may.error());
                    const auto removed = roles.remove(call.caller.org, call.capture("name"));
                    return removed ? HttpResponse{204, {}, ""} : refuse(removed.error());
                }});
}

}  // namespace signalbox::api
