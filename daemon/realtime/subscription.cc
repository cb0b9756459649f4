#include "daemon/realtime/subscription.h"

#include <algorithm>

namespace signalbox {
namespace {

constexpr std::size_t kMostValues = 200, kLongestValue = 200;

Error invalid(std::string_view field, const std::string& what) {
    return {ErrorKind::Invalid, std::string(field) + ": " + what};
}

// One text (with commas between) or a list of texts.
Result<std::vector<std::string>> textsAt(const Json& members, std::string_view field) {
    std::vector<std::string> texts;
    const Json& value = memberAt(members, field);
    if (value.is_null()) return texts;
    const auto add = [&](std::string_view text) {
        while (!text.empty()) {
            const auto end = std::min(text.find(','), text.size());
            if (end > 0) texts.emplace_back(text.substr(0, end));
            text.remove_prefix(std::min(end + 1, text.size()));
        }
    };
    if (value.is_string()) {
        add(value.get_ref<const std::string&>());
    } else if (value.is_array()) {
        for (const Json& one : value) {
            if (!one.is_string()) return invalid(field, "a text or a list of texts");
            add(one.get_ref<const std::string&>());
        }
    } else {
        return invalid(field, "a text or a list of texts");
    }
    if (texts.size() > kMostValues) return invalid(field, "at most 200");
    for (const std::string& text : texts)
        if (text.size() > kLongestValue) return invalid(field, "one is longer than 200 bytes");
    return texts;
}

Status setObject(Subscription& wanted, const Json& members) {
    const Json& object = memberAt(members, "object");
    if (object.is_null()) return Done{};
    wanted.object_kind = textAt(object, "kind");
    wanted.object_id = textAt(object, "id");
    if (wanted.object_kind.empty() || wanted.object_id.empty()) return invalid("object", "takes kind and id");
    return Done{};
}

}  // namespace

bool Subscription::wantsType(std::string_view type) const {
    if (types.empty()) return true;
    return std::any_of(types.begin(), types.end(), [&](const std::string& wanted) {
        if (wanted.ends_with('*'))
            return type.starts_with(std::string_view(wanted).substr(0, wanted.size() - 1));
        return type == wanted;
    });
}

bool Subscription::wantsConversation(Id conversation) const {
    return conversations.empty() ||
           std::find(conversations.begin(), conversations.end(), conversation) != conversations.end();
}

bool Subscription::mayWant(const LogRecord& record, std::string_view account) const {
    if (!accounts.empty() && std::find(accounts.begin(), accounts.end(), account) == accounts.end())
        return false;
    return wantsConversation(record.conversation) && wantsType(record.type);
}

std::vector<Id> Subscription::matching(Reader& reader, Id org, std::span<const Id> among) const {
    std::vector<Id> found;
    if (among.empty()) return found;
    std::vector<Value> values{org};
    const auto bind = [&](Value value) {
        values.push_back(value);
        return '$' + std::to_string(values.size());
    };
    std::string sql = "SELECT c.id FROM conversations c WHERE c.org = $1";
    if (person != 0) {
        const std::string at = bind(person);
        sql +=
            " AND c.person = (SELECT COALESCE(p.merged_into, p.id) FROM people p WHERE p.org = $1 AND p.id "
            "= " +
            at + ")";
    }
    if (!object_kind.empty()) {
        const std::string kind = bind(std::string_view(object_kind)), id = bind(std::string_view(object_id));
        sql += " AND EXISTS (SELECT 1 FROM object_links l WHERE l.org = $1 AND l.object_kind = " + kind +
               " AND l.object_id = " + id +
               " AND ((l.subject_kind = 'conversation' AND l.subject = c.id)"
               " OR (l.subject_kind = 'person' AND l.subject = c.person)))";
    }
    sql += " AND c.id IN (";
    for (std::size_t i = 0; i < among.size(); ++i) sql += (i == 0 ? "" : ", ") + bind(among[i]);
    for (const Row& row : reader.query(sql + ")", std::span<const Value>(values)))
        found.push_back(row.integer(0));
    return found;
}

bool Subscription::isNamedIn(const LogRecord& record) const {
    return object_kind.empty() && person != 0 &&
           record.payload.find("\"person_id\":\"" + idText(kPersonId, person) + '"') != std::string::npos;
}

Result<Subscription> readSubscription(const Json& members) {
    Subscription wanted;
    auto types = textsAt(members, "types");
    if (!types) return types.error();
    wanted.types = std::move(*types);
    auto accounts = textsAt(members, "account");
    if (!accounts) return accounts.error();
    wanted.accounts = std::move(*accounts);
    const auto conversations = textsAt(members, "conversation_id");
    if (!conversations) return conversations.error();
    for (const std::string& text : *conversations) {
        const auto id = parseId(kConversationId, text);
        if (!id) return invalid("conversation_id", "not an id of that kind (cnv_…)");
        wanted.conversations.push_back(*id);
    }
    if (const Json& person = memberAt(members, "person_id"); !person.is_null()) {
        const auto id =
            person.is_string() ? parseId(kPersonId, person.get_ref<const std::string&>()) : std::nullopt;
        if (!id) return invalid("person_id", "not an id of that kind (per_…)");
        wanted.person = *id;
    }
    if (auto set = setObject(wanted, members); !set) return set.error();
    return wanted;
}

Result<Subscription> readSubscription(const FormFields& query) {
    Json members = Json::object();
    for (const char* name : {"types", "conversation_id", "person_id", "account"})
        if (const auto value = findField(query, name); value && !value->empty()) members[name] = *value;
    const auto kind = findField(query, "object_kind"), id = findField(query, "object_id");
    if (kind || id) members["object"] = {{"kind", kind.value_or("")}, {"id", id.value_or("")}};
    return readSubscription(members);
}

}  // namespace signalbox
