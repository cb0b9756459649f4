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

private:
    std::string sql_;
    std::vector<Value> values_;
};

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
