#include "hub/answers/answer_rules.h"

namespace signalbox {
namespace {

constexpr std::string_view kSelect =
    "SELECT org, account, kind, is_enabled, text, template, calendar, period_s, revision FROM"
    " automatic_answers WHERE ";
constexpr std::string_view kSave =
    "INSERT INTO automatic_answers (org, account, kind, is_enabled, text, template, calendar, period_s,"
    " revision, changed_by, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
    " ON CONFLICT (org, account, kind) DO UPDATE SET is_enabled = $4, text = $5, template = $6, calendar = "
    "$7,"
    " period_s = $8, revision = $9, changed_by = $10, changed_at = $11";
constexpr std::string_view kSaveSettings =
    "INSERT INTO inbox_settings (org, body, revision, changed_by, changed_at) VALUES ($1, $2, $3, $4, $5)"
    " ON CONFLICT (org) DO UPDATE SET body = $2, revision = $3, changed_by = $4, changed_at = $5";

AnswerRule fromRow(const Row& row) {
    AnswerRule rule;
    rule.org = row.integer(0);
    rule.account = row.integer(1);
    rule.kind = row.text(2);
    rule.is_enabled = row.integer(3) != 0;
    rule.text = row.text(4);
    rule.template_name = row.text(5);
    rule.calendar = row.text(6);
    rule.period = std::chrono::seconds(row.integer(7));
    rule.revision = row.integer(8);
    return rule;
}

Json ruleJson(const AnswerRule& rule, const Accounts& accounts) {
    const auto account = rule.account == 0 ? nullptr : accounts.byId(rule.account);
    return {{"kind", rule.kind},
            {"account", account ? Json(account->name) : Json(nullptr)},
            {"is_enabled", rule.is_enabled},
            {"text", rule.text},
            {"template", rule.template_name},
            {"calendar", rule.calendar},
            {"period_s", rule.period.count()},
            {"revision", rule.revision}};
}

std::optional<AnswerRule> find(Reader& reader, Id org, Id account, const std::string& kind) {
    const Rows rows =
        reader.query(std::string(kSelect) + "org = $1 AND account = $2 AND kind = $3", {org, account, kind});
    return rows.empty() ? std::nullopt : std::optional(fromRow(rows[0]));
}

Status checkRevision(std::optional<std::int64_t> seen, std::int64_t now) {
    if (!seen || *seen == now) return Done{};
    return Error{ErrorKind::Conflict,
                 "somebody changed it meanwhile: it is at revision " + std::to_string(now),
                 {},
                 "changed_meanwhile"};
}

}  // namespace

bool isAnswerKind(std::string_view word) {
    return word == "greeting" || word == "away" || word == "received";
}

std::vector<AnswerRule> readAnswerRules(Reader& reader) {
    std::vector<AnswerRule> rules;
    for (const Row& row : reader.query(std::string(kSelect) + "is_enabled = 1", {}))
        rules.push_back(fromRow(row));
    return rules;
}

Json listAnswerRules(Reader& reader, const Accounts& accounts, Id org) {
    Json items = Json::array();
    for (const Row& row : reader.query(std::string(kSelect) + "org = $1 ORDER BY account, kind", {org}))
        items.push_back(ruleJson(fromRow(row), accounts));
    return items;
}

std::optional<Json> findAnswerRule(Reader& reader, const Accounts& accounts, Id org, Id account,
                                   const std::string& kind) {
    const auto rule = find(reader, org, account, kind);
    return rule ? std::optional(ruleJson(*rule, accounts)) : std::nullopt;
}

Status saveAnswerRule(Tx& tx, const Actor& by, const AnswerRule& rule, std::optional<std::int64_t> revision,
                      TimePoint now) {
    const auto known = find(tx, by.org, rule.account, rule.kind);
    const std::int64_t before = known ? known->revision : 0;
    if (auto checked = checkRevision(revision, before); !checked) return checked;
    tx.exec(kSave, {by.org, rule.account, rule.kind, std::int64_t{rule.is_enabled ? 1 : 0}, rule.text,
                    rule.template_name, rule.calendar, static_cast<std::int64_t>(rule.period.count()),
                    before + 1, by.name, toMicros(now)});
    return Done{};
}

bool removeAnswerRule(Tx& tx, Id org, Id account, const std::string& kind) {
    return tx.exec("DELETE FROM automatic_answers WHERE org = $1 AND account = $2 AND kind = $3",
                   {org, account, kind}) > 0;
}

InboxSettings readInboxSettings(Reader& reader, Id org) {
    InboxSettings settings;
    const Rows rows = reader.query("SELECT body, revision FROM inbox_settings WHERE org = $1", {org});
    if (rows.empty()) return settings;
    const auto body = parseJson(rows[0].text(0));
    settings.tells_clients_of_typing = body && flagAt(*body, "typing_to_clients");
    settings.revision = rows[0].integer(1);
    return settings;
}

Status saveInboxSettings(Tx& tx, const Actor& by, const InboxSettings& settings,
                         std::optional<std::int64_t> revision, TimePoint now) {
    const std::int64_t before = readInboxSettings(tx, by.org).revision;
    if (auto checked = checkRevision(revision, before); !checked) return checked;
    const std::string body = dumpJson({{"typing_to_clients", settings.tells_clients_of_typing}});
    tx.exec(kSaveSettings, {by.org, body, before + 1, by.name, toMicros(now)});
    return Done{};
}

}  // namespace signalbox
