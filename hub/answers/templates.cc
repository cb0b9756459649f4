#include "hub/answers/templates.h"

#include <algorithm>

#include "hub/answers/template_text.h"
#include "hub/inbox/query.h"

namespace signalbox {
namespace {

constexpr std::string_view kColumns =
    "t.id, t.org, t.owner, t.name, t.category, t.language, t.channel, t.subject, t.text, t.html, t.revision";
constexpr std::string_view kInsert =
    "INSERT INTO templates (id, org, owner, name, category, language, channel, subject, text, html, revision,"
    " changed_by, created_at, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11, $12, $12)";
constexpr std::string_view kTaken =
    "SELECT 1 FROM templates WHERE org = $1 AND owner = $2 AND name = $3 AND language = $4 AND id <> $5";
constexpr std::string_view kChange =
    "UPDATE templates SET owner = $1, name = $2, category = $3, language = $4, channel = $5, subject = $6,"
    " text = $7, html = $8, revision = revision + 1, changed_by = $9, changed_at = $10 WHERE id = $11";
constexpr std::string_view kPerson =
    "SELECT p.display_name, p.custom, c.subject, c.channel, o.name FROM conversations c"
    " LEFT JOIN people p ON p.id = c.person JOIN orgs o ON o.id = c.org WHERE c.id = $1 AND c.org = $2";

Template fromRow(const Row& row) {
    return {row.integer(0), row.integer(1), row.integer(2), row.text(3), row.text(4),    row.text(5),
            row.text(6),    row.text(7),    row.text(8),    row.text(9), row.integer(10)};
}

std::string select(std::string_view where) {
    return "SELECT " + std::string(kColumns) + " FROM templates t WHERE " + std::string(where);
}

Error taken() {
    return {ErrorKind::Conflict,
            "name: there is a template of this name in this language",
            {},
            "template_exists"};
}

bool isTaken(Reader& reader, const Template& wanted) {
    return !reader.query(kTaken, {wanted.org, wanted.owner, wanted.name, wanted.language, wanted.id}).empty();
}

}  // namespace

Status checkTemplate(const Template& wanted) {
    for (const auto& [field, text] :
         {std::pair{"subject", &wanted.subject}, {"text", &wanted.text}, {"html", &wanted.html}}) {
        if (const auto variables = variablesOf(*text); !variables)
            return withContext(field, variables.error());
    }
    return Done{};
}

Status addTemplate(Tx& tx, const Actor& by, const Template& wanted, TimePoint now) {
    if (isTaken(tx, wanted)) return taken();
    tx.exec(kInsert, {wanted.id, by.org, wanted.owner, wanted.name, wanted.category, wanted.language,
                      wanted.channel, wanted.subject, wanted.text, wanted.html, by.name, toMicros(now)});
    return Done{};
}

Status changeTemplate(Tx& tx, const Actor& by, const Template& wanted, std::optional<std::int64_t> revision,
                      TimePoint now) {
    const auto known = findTemplate(tx, by.org, by.user, wanted.id);
    if (!known) return Error{ErrorKind::NotFound, "no such template", {}, "not_found"};
    if (revision && *revision != known->revision) {
        return Error{ErrorKind::Conflict,
                     "somebody changed it meanwhile: it is at revision " + std::to_string(known->revision),
                     {},
                     "changed_meanwhile"};
    }
    if (isTaken(tx, wanted)) return taken();
    tx.exec(kChange, {wanted.owner, wanted.name, wanted.category, wanted.language, wanted.channel,
                      wanted.subject, wanted.text, wanted.html, by.name, toMicros(now), wanted.id});
    return Done{};
}

bool removeTemplate(Tx& tx, Id org, Id user, Id wanted) {
    return tx.exec("DELETE FROM templates WHERE id = $1 AND org = $2 AND (owner = 0 OR owner = $3)",
                   {wanted, org, user}) > 0;
}

std::optional<Template> findTemplate(Reader& reader, Id org, Id user, Id wanted) {
    const Rows rows = reader.query(select("t.id = $1 AND t.org = $2 AND (t.owner = 0 OR t.owner = $3)"),
                                   {wanted, org, user});
    return rows.empty() ? std::nullopt : std::optional(fromRow(rows[0]));
}

std::optional<Template> findTemplateByName(Reader& reader, Id org, const std::string& name,
                                           const std::string& language) {
    std::optional<Template> best;
    int best_points = -1;
    const std::string main = language.substr(0, language.find('-'));
    for (const Row& row : reader.query(
             select("t.org = $1 AND t.owner = 0 AND t.name = $2 ORDER BY t.id LIMIT 100"), {org, name})) {
        Template one = fromRow(row);
        const std::string its_main = one.language.substr(0, one.language.find('-'));
        const int points = one.language == language            ? 3
                           : !main.empty() && its_main == main ? 2
                           : one.language.empty()              ? 1
                                                               : 0;
        if (points <= best_points) continue;
        best_points = points;
        best = std::move(one);
    }
    return best;
}

PageOfItems listTemplates(Store& store, Id org, Id user, const TemplateFilter& filter,
                          const PageRequest& page) {
    PageOfItems result;
    const std::string pattern = containsPattern(filter.text);
    store.read([&](Reader& reader) {
        Query query{select("TRUE")};
        query.whereId("t.org =", org);
        if (filter.own_only) {
            query.where("t.owner =", user);
            query.add("t.owner <> 0");
        } else {
            query.where("(t.owner = 0 OR t.owner =", user, ")");
        }
        query.whereText("t.category =", filter.category);
        query.whereText("t.language =", filter.language);
        if (!filter.channel.empty())
            query.where("(t.channel = '' OR t.channel =", std::string_view(filter.channel), ")");
        if (!filter.text.empty()) {
            const std::string at = query.bind(std::string_view(pattern));
            query.add("(LOWER(t.name) LIKE LOWER(" + at + ") ESCAPE '\\' OR LOWER(t.text) LIKE LOWER(" + at +
                      ") ESCAPE '\\')");
        }
        Rows rows = query.page(reader, "t.id", page);
        result.next = cutPage(rows, page);
        for (const Row& row : rows) result.items.push_back(templateJson(fromRow(row)));
    });
    return result;
}

Json templateJson(const Template& shown) {
    std::vector<std::string> variables;
    for (const std::string* text : {&shown.subject, &shown.text, &shown.html}) {
        const auto names = variablesOf(*text);
        if (!names) continue;
        for (const std::string& name : *names)
            if (std::find(variables.begin(), variables.end(), name) == variables.end())
                variables.push_back(name);
    }
    return {{"id", idText(kTemplateId, shown.id)},
            {"name", shown.name},
            {"is_shared", shown.owner == 0},
            {"category", shown.category},
            {"language", shown.language},
            {"channel", shown.channel},
            {"subject", shown.subject},
            {"text", shown.text},
            {"html", shown.html},
            {"variables", variables},
            {"revision", shown.revision}};
}

Json templateValues(Reader& reader, Id org, Id conversation, Id user, TimePoint now) {
    Json values = {{"today", toRfc3339(now).substr(0, 10)}};
    if (const Rows rows = reader.query(kPerson, {conversation, org}); !rows.empty()) {
        const std::string& name = rows[0].text(0);
        const auto custom = parseJson(rows[0].text(1));
        Json person = custom && custom->is_object() ? *custom : Json::object();
        person["name"] = name;
        person["first_name"] = name.substr(0, name.find(' '));
        values["person"] = std::move(person);
        values["conversation"] = {{"id", idText(kConversationId, conversation)},
                                  {"subject", rows[0].text(2)},
                                  {"channel", rows[0].text(3)}};
        values["organization"] = {{"name", rows[0].text(4)}};
    } else if (const Rows orgs = reader.query("SELECT name FROM orgs WHERE id = $1", {org}); !orgs.empty()) {
        values["organization"] = {{"name", orgs[0].text(0)}};
    }
    const Rows users = reader.query("SELECT name, email FROM users WHERE id = $1 AND org = $2", {user, org});
    if (!users.empty()) values["user"] = {{"name", users[0].text(0)}, {"email", users[0].text(1)}};
    return values;
}

RenderedTemplate render(const Template& wanted, const Json& values) {
    RenderedTemplate out;
    const auto one = [&](const std::string& text, Escaping escaping) {
        Rendered rendered = renderTemplate(text, values, escaping);
        for (std::string& name : rendered.missing)
            if (std::find(out.missing.begin(), out.missing.end(), name) == out.missing.end())
                out.missing.push_back(std::move(name));
        return std::move(rendered.text);
    };
    out.subject = one(wanted.subject, Escaping::None);
    std::replace_if(
        out.subject.begin(), out.subject.end(), [](char c) { return c == '\r' || c == '\n'; }, ' ');
    out.text = one(wanted.text, Escaping::None);
    out.html = one(wanted.html, Escaping::Html);
    return out;
}

}  // namespace signalbox
