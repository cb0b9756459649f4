#include "hub/search/index.h"

namespace signalbox::search {
namespace {

constexpr std::string_view kFind =
    "SELECT org, kind, conversation, message, scope, terms FROM search_documents WHERE id = $1";
constexpr std::string_view kSave =
    "INSERT INTO search_documents (id, org, kind, conversation, message, scope, terms)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO UPDATE SET"
    " org = $2, kind = $3, conversation = $4, message = $5, scope = $6, terms = $7";
constexpr std::string_view kRemove = "DELETE FROM search_documents WHERE id = $1";
// FTS5 keeps no text of its own here: to forget a row it must be told what the row was.
constexpr std::string_view kForgetSqlite =
    "INSERT INTO search_index (search_index, rowid, scope, terms)"
    " SELECT 'delete', id, scope, terms FROM search_documents WHERE id = $1";
constexpr std::string_view kIndexSqlite =
    "INSERT INTO search_index (rowid, scope, terms) VALUES ($1, $2, $3)";
constexpr std::string_view kIndexPostgres = "UPDATE search_documents SET vector = $2::tsvector WHERE id = $1";

std::optional<Document> find(Reader& reader, Id id) {
    const Rows rows = reader.query(kFind, {id});
    if (rows.empty()) return std::nullopt;
    const Row& row = rows[0];
    return Document{id,          row.integer(0), row.text(1), row.integer(2), row.integer(3),
                    row.text(4), row.text(5)};
}

std::optional<Document> read(Reader& reader, const Touched& touched) {
    switch (touched.kind) {
        case Touched::Kind::Message:
            return readMessageDocument(reader, touched.id);
        case Touched::Kind::Person:
            return readPersonDocument(reader, touched.id);
        case Touched::Kind::File:
            return readFileDocument(reader, touched.id);
    }
    return std::nullopt;
}

}  // namespace

std::vector<Change> Index::readChanges(Reader& reader, const std::vector<Touched>& touched) const {
    std::vector<Change> changes;
    for (const Touched& one : touched) {
        auto document = read(reader, one);
        if (document != find(reader, one.id)) changes.push_back({one.id, std::move(document)});
    }
    return changes;
}

void Index::write(Tx& tx, const Change& change) const {
    if (is_sqlite_) tx.exec(kForgetSqlite, {change.id});
    if (!change.document) {
        tx.exec(kRemove, {change.id});
        return;
    }
    const Document& document = *change.document;
    tx.exec(kSave, {document.id, document.org, document.kind, document.conversation, document.message,
                    document.scope, document.terms});
    if (is_sqlite_) {
        tx.exec(kIndexSqlite, {document.id, document.scope, document.terms});
    } else {
        tx.exec(kIndexPostgres, {document.id, toTsvector(document)});
    }
}

void Index::clear(Tx& tx) const {
    if (is_sqlite_)
        tx.exec("INSERT INTO search_index (search_index) VALUES ($1)", {std::string_view("delete-all")});
    tx.exec("DELETE FROM search_documents WHERE id <> $1", {std::int64_t{0}});
}

std::string Index::candidates(const Query& query, Id org, const Range& range,
                              std::vector<Cell>& values) const {
    const auto bind = [&](Cell value) {
        values.push_back(std::move(value));
        return '$' + std::to_string(values.size());
    };
    const std::string limit = std::to_string(range.limit);
    if (is_sqlite_) {
        const std::string match = bind(toFts5(query, org));
        return "SELECT rowid AS id FROM search_index WHERE search_index MATCH " + match +
               " AND rowid >= " + bind(range.from) + " AND rowid < " + bind(range.before) +
               " ORDER BY rowid DESC LIMIT " + limit;
    }
    const std::string match = bind(toTsquery(query, org));
    return "SELECT id FROM search_documents WHERE org = " + bind(org) + " AND vector @@ " + match +
           "::tsquery AND id >= " + bind(range.from) + " AND id < " + bind(range.before) +
           " ORDER BY id DESC LIMIT " + limit;
}

}  // namespace signalbox::search
