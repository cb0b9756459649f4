// The full-text index behind search: FTS5 on SQLite, a tsvector with GIN on PostgreSQL. The only writer of
// search_documents. Thread-safe; writing is done inside Writes.
#pragma once

#include <optional>
#include <vector>

#include "hub/search/documents.h"
#include "hub/search/query.h"

namespace signalbox::search {

// One thing that may have changed.
struct Touched {
    enum class Kind { Message, Person, File } kind = Kind::Message;
    Id id = 0;

    auto operator<=>(const Touched&) const = default;
};

// What is to be written for it: the new document, or that it is gone.
struct Change {
    Id id = 0;
    std::optional<Document> document;
};

class Index {
public:
    explicit Index(const Store& store) : is_sqlite_(store.isExclusive()) {}

    // What `touched` looks like now, where that differs from what the index has.
    std::vector<Change> readChanges(Reader& reader, const std::vector<Touched>& touched) const;
    // Twice the same does nothing more.
    void write(Tx& tx, const Change& change) const;
    void clear(Tx& tx) const;

    struct Range {
        Id from = 0, before = 0;  // from ≤ id < before
        std::size_t limit = 0;
    };
    // A SELECT of the ids that match, newest first, as a text for FROM (…); the column is `id`. Its values
    // are appended to `values`.
    std::string candidates(const Query& query, Id org, const Range& range, std::vector<Cell>& values) const;

private:
    const bool is_sqlite_;  // the only database that nobody else writes
};

}  // namespace signalbox::search
