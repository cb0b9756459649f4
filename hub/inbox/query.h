// A SELECT with optional conditions, put together from constants; values are bound, never written into the
// text.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "hub/inbox/inbox_queries.h"

namespace signalbox {

class Query {
public:
    explicit Query(std::string select) : sql_(std::move(select)) {}

    // The value of $1, which the select names itself.
    void first(Value value) { values_.push_back(value); }
    // `condition` ends where the value goes: "m.account =". The value is borrowed until `page` returns.
    void where(std::string_view condition, Value value, std::string_view after = "") {
        values_.push_back(value);
        sql_.append(" AND ")
            .append(condition)
            .append(" $")
            .append(std::to_string(values_.size()))
            .append(after);
    }
    void whereId(std::string_view condition, Id id) {
        if (id != 0) where(condition, id);
    }
    // Conditions that Visibility makes of the values so far.
    template <class Make>
    void whereVisible(const Make& make) {
        sql_.append(" AND ").append(make(values_));
    }
    // A condition without a value.
    void add(std::string_view condition) { sql_.append(" AND ").append(condition); }
    // The value's place for a condition that names it more than once or not at its end.
    std::string bind(Value value) {
        values_.push_back(value);
        return '$' + std::to_string(values_.size());
    }
    void whereText(std::string_view condition, const std::string& text) {
        if (!text.empty()) where(condition, std::string_view(text));
    }
    // One row more than asked for tells whether there is a next page.
    Rows page(Reader& reader, std::string_view id_column, const PageRequest& page) {
        where(std::string(id_column) + " <", page.before == 0 ? std::numeric_limits<Id>::max() : page.before);
        values_.push_back(static_cast<std::int64_t>(page.limit + 1));
        sql_.append(" ORDER BY ")
            .append(id_column)
            .append(" DESC LIMIT $")
            .append(std::to_string(values_.size()));
        return reader.query(sql_, std::span<const Value>(values_));
    }

    // The same by another value first: below (value, id) of the last row.
    Rows pageBy(Reader& reader, const std::string& value, std::string_view id_column,
                const PageRequest& page) {
        if (page.before_value) {
            const std::string last = bind(*page.before_value), id = bind(page.before);
            add("(" + value + " < " + last + " OR (" + value + " = " + last + " AND " +
                std::string(id_column) + " < " + id + "))");
        }
        const std::string limit = bind(static_cast<std::int64_t>(page.limit + 1));
        sql_ += " ORDER BY " + value + " DESC, " + std::string(id_column) + " DESC LIMIT " + limit;
        return reader.query(sql_, std::span<const Value>(values_));
    }

private:
    std::string sql_;
    std::vector<Value> values_;
};

// `column` is the id of things of `kind` that bear the tag. The texts are borrowed until the page is read.
inline void whereTagged(Query& query, std::string_view kind, std::string_view column, Id org,
                        const std::string& tag) {
    const std::string kind_at = query.bind(kind), org_at = query.bind(org),
                      tag_at = query.bind(std::string_view(tag));
    query.add(std::string(column) +
              " IN (SELECT g.object FROM taggings g JOIN tags t ON t.id = g.tag"
              " WHERE g.object_kind = " +
              kind_at + " AND t.org = " + org_at + " AND t.name = " + tag_at + ")");
}

// `column` is the id of things of `kind` that are linked to this object of another system.
inline void whereLinked(Query& query, std::string_view kind, std::string_view column, Id org,
                        const std::string& object_kind, const std::string& object_id) {
    const std::string kind_at = query.bind(kind), org_at = query.bind(org);
    const std::string object_kind_at = query.bind(std::string_view(object_kind)),
                      object_at = query.bind(std::string_view(object_id));
    query.add(std::string(column) + " IN (SELECT l.subject FROM object_links l WHERE l.org = " + org_at +
              " AND l.object_kind = " + object_kind_at + " AND l.object_id = " + object_at +
              " AND l.subject_kind = " + kind_at + ")");
}

// Messages that are about an object themselves, or whose conversation or person is.
inline void whereAbout(Query& query, Id org, const std::string& object_kind, const std::string& object_id) {
    const std::string org_at = query.bind(org), kind_at = query.bind(std::string_view(object_kind)),
                      id_at = query.bind(std::string_view(object_id));
    query.add("EXISTS (SELECT 1 FROM object_links l WHERE l.org = " + org_at +
              " AND l.object_kind = " + kind_at + " AND l.object_id = " + id_at +
              " AND ((l.subject_kind = 'conversation' AND l.subject = m.conversation)"
              " OR (l.subject_kind = 'message' AND l.subject = m.id)"
              " OR (l.subject_kind = 'person' AND l.subject = c.person)))");
}

// LIKE pattern for «contains», with the wildcards of the text itself escaped by a backslash.
inline std::string containsPattern(std::string_view text) {
    std::string pattern = "%";
    for (const char c : text) {
        if (c == '%' || c == '_' || c == '\\') pattern += '\\';
        pattern += c;
    }
    return pattern + '%';
}

// Cuts the extra row and says where the next page begins; the id is the first column.
inline std::optional<Id> cutPage(Rows& rows, const PageRequest& page) {
    if (rows.size() <= page.limit) return std::nullopt;
    rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(page.limit), rows.end());
    return rows.back().integer(0);
}

}  // namespace signalbox
