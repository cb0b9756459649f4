// The one query language: words (all of them), "phrases", -not, OR between neighbours, prefix*, field:value.
// What it becomes is built from folded words only (hub/search/tokens), so nothing that was typed reaches a
// database as syntax. Pure.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"

namespace signalbox::search {

// A word, or several in a row.
struct Term {
    std::vector<std::string> words;
    bool is_prefix = false;  // the last word is a beginning
};
// One of these, or none of them.
struct Clause {
    std::vector<Term> any;
    bool is_not = false;
};

// What narrows a search down. Empty or 0: anything. All of it must hold.
struct Filters {
    std::string kind;  // message, person, file
    std::string channel, direction, status, priority, tag, file_type;
    Id account = 0, person = 0, conversation = 0;
    std::optional<Id> agent;  // 0: nobody
    std::optional<bool> is_unread;
    std::optional<TimePoint> from, to;  // from ≤ time < to
    // What the caller sees, where that is little enough to be asked of the index; empty: not narrowed down.
    std::vector<Id> seen_conversations;
    // Of what users say among themselves, only these; nothing: all of it.
    std::optional<std::vector<Id>> seen_rooms;
    // Not what lies in these accounts, but for conversations that were granted.
    std::vector<Id> others_accounts, granted_conversations;
};

struct Query {
    std::vector<Clause> all;
    Filters filters;

    bool hasWords() const;  // that must be there
};

inline constexpr std::size_t kMaxQueryBytes = 1'000, kMaxTerms = 32;

// A field:value of the text, given to whoever knows the names behind ids and accounts. Invalid: no such field
// or value; the message says what there is.
using SetField = std::function<Status(Filters&, std::string_view field, std::string_view value)>;

// Words and fields of `text` on top of `filters`. Invalid: too long, too many words, an unknown field, or
// only words that must not be there.
Result<Query> parseQuery(std::string_view text, Filters filters, const SetField& set_field);

// 2026-11-26 (its beginning in UTC) or RFC 3339.
std::optional<TimePoint> parseMoment(std::string_view text);

// Words of `scope` for a row of this kind: see search_documents.
std::string scopeWord(char letter, std::string_view value);
std::string scopeWord(char letter, Id id);

// The query in the words of SQLite's FTS5, and as a tsquery of PostgreSQL. The organization always is in it.
std::string toFts5(const Query& query, Id org);
std::string toTsquery(const Query& query, Id org);

}  // namespace signalbox::search
