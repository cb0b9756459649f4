#include "daemon/api/answer_api.h"

#include "hub/answers/template_text.h"

namespace signalbox::api {
namespace {

constexpr std::size_t kMaxText = 16 * 1024;
constexpr std::int64_t kLongestPeriod = 90LL * 86'400;

// ?account=NAME; 0: of the whole organization.
Result<Id> accountOf(const Call& call, const Accounts& accounts) {
    const std::string name = call.queryText("account");
    if (name.empty()) return Id{0};
    const auto account = accounts.byName(call.caller.org, name);
    if (!account || account->isPrivate())
        return Error{ErrorKind::NotFound, "account: there is none of this name", {}, "not_found"};
    return account->id;
}

HttpResponse answer(const Call& call, const InboxParts& parts, Id account, const std::string& kind) {
    std::optional<Json> found;
    parts.store.read([&](Reader& reader) {
        found = findAnswerRule(reader, parts.accounts, call.caller.org, account, kind);
    });
    if (!found) return notFound("automatic answer");
    return withRevision(ok(*found), numberAt(*found, "revision"));
}

HttpResponse putRule(Call& call, const InboxParts& parts, AutomaticAnswers& answers) {
    if (!isAnswerKind(call.capture("kind"))) return notFound("automatic answer");
    Body body(call.body, {"is_enabled", "text", "template", "calendar", "period_s"});
    AnswerRule rule;
    rule.kind = call.capture("kind");
    rule.is_enabled = body.flag("is_enabled").value_or(true);
    rule.text = body.text("text", kMaxText);
    rule.template_name = body.text("template", 100);
    if (body.has("calendar")) rule.calendar = body.text("calendar", 100);
    if (const auto period = body.number("period_s", 60, kLongestPeriod))
        rule.period = std::chrono::seconds(*period);
    if (rule.text.empty() == rule.template_name.empty()) body.fault("text", "give either text or template");
    if (!body.status()) return refuse(body.status().error());
    if (const auto variables = variablesOf(rule.text); !variables)
        return refuse(withContext("text", variables.error()));
    const auto edit = editOf(call);
    if (!edit) return refuse(edit.error());
    const auto account = accountOf(call, parts.accounts);
    if (!account) return refuse(account.error());
    rule.account = *account;
    const auto refused = runChange(parts.store, [&](Tx& tx) {
        return saveAnswerRule(tx, edit->by, rule, edit->revision, parts.clock.now());
    });
    answers.rulesChanged();
    return refused ? *refused : answer(call, parts, *account, rule.kind);
}

HttpResponse deleteRule(Call& call, const InboxParts& parts, AutomaticAnswers& answers) {
    const auto account = accountOf(call, parts.accounts);
    if (!account) return refuse(account.error());
    bool was_there = false;
    const auto refused = runChange(parts.store, [&](Tx& tx) -> Status {
        was_there = removeAnswerRule(tx, call.caller.org, *account, call.capture("kind"));
        return Done{};
    });
    answers.rulesChanged();
    if (refused) return *refused;
    return was_there ? HttpResponse{204, {}, ""} : notFound("automatic answer");
}

HttpResponse getSettings(const Call& call, const InboxParts& parts) {
    InboxSettings settings;
    parts.store.read([&](Reader& reader) { settings = readInboxSettings(reader, call.caller.org); });
    return withRevision(
        ok({{"typing_to_clients", settings.tells_clients_of_typing}, {"revision", settings.revision}}),
        settings.revision);
}

HttpResponse putSettings(Call& call, const InboxParts& parts) {
    Body body(call.body, {"typing_to_clients"});
    body.mustBeThere();  // what it does not say is set back
    InboxSettings settings;
    settings.tells_clients_of_typing = body.flag("typing_to_clients").value_or(false);
    if (!body.status()) return refuse(body.status().error());
    const auto edit = editOf(call);
    if (!edit) return refuse(edit.error());
    const auto refused = runChange(parts.store, [&](Tx& tx) {
        return saveInboxSettings(tx, edit->by, settings, edit->revision, parts.clock.now());
    });
    return refused ? *refused : getSettings(call, parts);
}

}  // namespace

void addAnswerRoutes(Router& router, const InboxParts& parts, AutomaticAnswers& answers) {
    const std::string all = "/api/v1/automatic-answers", one = all + "/{kind}";
    router.add({"GET", all, "settings:read", [&](Call& call) {
                    Json items;
                    parts.store.read([&](Reader& reader) {
                        items = listAnswerRules(reader, parts.accounts, call.caller.org);
                    });
                    return ok({{"items", items}, {"next", nullptr}});
                }});
    router.add({"GET", one, "settings:read", [&](Call& call) {
                    const auto account = accountOf(call, parts.accounts);
                    return account ? answer(call, parts, *account, call.capture("kind"))
                                   : refuse(account.error());
                }});
    router.add({"PUT", one, "settings:manage", [&](Call& call) { return putRule(call, parts, answers); }});
    router.add(
        {"DELETE", one, "settings:manage", [&](Call& call) { return deleteRule(call, parts, answers); }});
    router.add({"GET", "/api/v1/settings/inbox", "settings:read",
                [&](Call& call) { return getSettings(call, parts); }});
    router.add({"PUT", "/api/v1/settings/inbox", "settings:manage",
                [&](Call& call) { return putSettings(call, parts); }});
}

}  // namespace signalbox::api
