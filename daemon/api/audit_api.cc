#include "daemon/api/audit_api.h"

#include <charconv>

#include "hub/accounts/accounts.h"

namespace signalbox::api {
namespace {

Result<std::optional<TimePoint>> readTime(const Call& call, std::string_view name) {
    const std::string text = call.queryText(name);
    if (text.empty()) return std::optional<TimePoint>{};
    const auto time = parseRfc3339(text);
    if (!time) return Error{ErrorKind::Invalid, std::string(name) + ": a time as in 2026-11-26T00:00:00Z"};
    return time;
}

Result<AuditFilter> readFilter(const Call& call) {
    AuditFilter filter;
    if (const std::string text = call.queryText("user_id"); !text.empty()) {
        const auto user = parseId(kUserId, text);
        if (!user) return Error{ErrorKind::Invalid, "user_id: an id usr_…"};
        filter.user = *user;
    }
    filter.action = call.queryText("action");
    filter.object = call.queryText("object");
    const auto from = readTime(call, "from"), to = readTime(call, "to");
    if (!from) return from.error();
    if (!to) return to.error();
    filter.from = *from;
    filter.to = *to;
    if (const std::string text = call.queryText("cursor"); !text.empty()) {
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), filter.before);
        if (error != std::errc() || end != text.data() + text.size() || filter.before < 1)
            return Error{ErrorKind::Invalid, "cursor: use the `next` of the page before as it is"};
    }
    if (const std::string text = call.queryText("limit"); !text.empty()) {
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), filter.limit);
        if (error != std::errc() || end != text.data() + text.size() || filter.limit < 1 ||
            filter.limit > 200)
            return Error{ErrorKind::Invalid, "limit: a number from 1 to 200"};
    }
    return filter;
}

HttpResponse getAudit(Call& call, Audit& audit) {
    const auto filter = readFilter(call);
    if (!filter) return refuse(filter.error());
    if (auto flushed = audit.flush(); !flushed) return refuse(flushed.error());
    const auto page = audit.list(call.caller.org, *filter);
    return ok(
        {{"items", page.items}, {"next", page.next ? Json(std::to_string(*page.next)) : Json(nullptr)}});
}

HttpResponse getVerification(Call& call, Store& store, Audit& audit, const std::filesystem::path& anchors) {
    if (auto flushed = audit.flush(); !flushed) return refuse(flushed.error());
    const AuditCheck check = verifyAudit(store, call.caller.org, anchors);
    Json out = {{"ok", check.is_whole}, {"rows", check.rows}, {"head", check.head}};
    if (!check.is_whole) {
        out["broken_at"] = check.broken_at;
        out["fault"] = check.fault;
    }
    return ok(out);
}

HttpResponse postRotation(Call& call, Vault& vault) {
    if (call.caller.org != kDefaultOrg)
        return refuse({ErrorKind::Forbidden,
                       "the key is the affair of the configured organization",
                       {},
                       "right_missing"});
    const auto rotated = vault.rotate();
    if (!rotated) return refuse(rotated.error());
    return ok({{"key", rotated->key_number}, {"values", rotated->values}});
}

}  // namespace

void addAuditRoutes(Router& router, Store& store, Audit& audit, std::filesystem::path anchors) {
    router.add(
        {"GET", "/api/v1/audit", "audit:read", [&audit](Call& call) { return getAudit(call, audit); }});
    router.add({"GET", "/api/v1/audit/verify", "audit:read",
                [&store, &audit, anchors = std::move(anchors)](Call& call) {
                    return getVerification(call, store, audit, anchors);
                }});
}

void addVaultRoutes(Router& router, Vault& vault) {
    router.add({"POST", "/api/v1/vault/rotate", "vault:manage",
                [&vault](Call& call) { return postRotation(call, vault); }});
}

}  // namespace signalbox::api
