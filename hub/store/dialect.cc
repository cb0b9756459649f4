#include "hub/store/dialect.h"

#include <array>
#include <cctype>
#include <utility>

namespace signalbox::store {
namespace {

using Rewrite = std::pair<std::string_view, std::string_view>;

// The length of the quoted text or comment that starts at `at`; 0 when none does.
std::size_t quotedLength(std::string_view sql, std::size_t at) {
    const char c = sql[at];
    if (c != '\'' && c != '"') return 0;
    const auto end = sql.find(c, at + 1);  // a doubled quote simply starts the next quoted text
    return end == std::string_view::npos ? sql.size() - at : end + 1 - at;
}

std::size_t commentLength(std::string_view sql, std::size_t at) {
    const auto until = [&](std::string_view mark) {
        const auto end = sql.find(mark, at + 2);
        return end == std::string_view::npos ? sql.size() - at : end + mark.size() - at;
    };
    if (sql.substr(at, 2) == "--") return until("\n");
    return sql.substr(at, 2) == "/*" ? until("*/") : 0;
}

bool isWordCharacter(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$';
}

bool isWordAt(std::string_view sql, std::size_t at, std::string_view word) {
    if (sql.substr(at, word.size()) != word) return false;
    const bool starts = at == 0 || !isWordCharacter(sql[at - 1]);
    const auto end = at + word.size();
    return starts && (end == sql.size() || !isWordCharacter(sql[end]));
}

template <std::size_t n>
const Rewrite* findRewrite(std::string_view sql, std::size_t at, const std::array<Rewrite, n>& rewrites) {
    for (const auto& rewrite : rewrites)
        if (isWordAt(sql, at, rewrite.first)) return &rewrite;
    return nullptr;
}

// Key words are written in capitals in our SQL, names in small letters: `blob TEXT` keeps its name.
template <std::size_t n>
std::string rewriteWords(std::string_view sql, const std::array<Rewrite, n>& rewrites) {
    std::string out;
    out.reserve(sql.size() + 16);
    for (std::size_t at = 0; at < sql.size();) {
        if (const auto quoted = quotedLength(sql, at)) {
            out.append(sql.substr(at, quoted));
            at += quoted;
        } else if (const auto* rewrite = findRewrite(sql, at, rewrites)) {
            out.append(rewrite->second);
            at += rewrite->first.size();
        } else {
            out += sql[at++];
        }
    }
    return out;
}

constexpr std::array<Rewrite, 4> kPostgresMigration = {{{"INTEGER PRIMARY KEY", "BIGINT PRIMARY KEY"},
                                                        {"BLOB", "BYTEA"},
                                                        {"REAL", "DOUBLE PRECISION"},
                                                        {"WITHOUT ROWID", ""}}};
// With one writer there is nobody to lock rows against.
constexpr std::array<Rewrite, 2> kSqliteStatement = {{{"FOR UPDATE SKIP LOCKED", ""}, {"FOR UPDATE", ""}}};

std::string unchanged(std::string_view sql) {
    return std::string(sql);
}

constexpr std::string_view kOnlySqlite = "ONLY SQLITE ", kOnlyPostgres = "ONLY POSTGRESQL ";

std::string sqliteMigration(std::string_view sql) {
    if (sql.starts_with(kOnlyPostgres)) return "";
    if (sql.starts_with(kOnlySqlite)) sql.remove_prefix(kOnlySqlite.size());
    return std::string(sql);
}

std::string postgresMigration(std::string_view sql) {
    if (sql.starts_with(kOnlySqlite)) return "";
    if (sql.starts_with(kOnlyPostgres)) sql.remove_prefix(kOnlyPostgres.size());
    return rewriteWords(sql, kPostgresMigration);
}

void addStatement(std::vector<std::string>& statements, std::string& statement) {
    const auto begin = statement.find_first_not_of(" \t\r\n");
    if (begin != std::string::npos) {
        const auto end = statement.find_last_not_of(" \t\r\n");
        statements.push_back(statement.substr(begin, end + 1 - begin));
    }
    statement.clear();
}

}  // namespace

const Dialect& sqliteDialect() {
    static const Dialect dialect = {
        .name = "sqlite",
        .is_exclusive = true,
        .read_next_offset = "SELECT next_offset FROM log_head WHERE id = 1",
        .lock_for_migration = "",
        .migration = sqliteMigration,
        .statement = [](std::string_view sql) { return rewriteWords(sql, kSqliteStatement); }};
    return dialect;
}

const Dialect& postgresDialect() {
    static const Dialect dialect = {
        .name = "postgresql",
        .is_exclusive = false,
        .read_next_offset =
            "UPDATE log_head SET next_offset = next_offset WHERE id = 1 RETURNING next_offset",
        .lock_for_migration = "SET LOCAL lock_timeout = 0; SELECT pg_advisory_xact_lock(8314046790133871)",
        .migration = postgresMigration,
        .statement = unchanged};
    return dialect;
}

std::vector<std::string> splitStatements(std::string_view sql) {
    std::vector<std::string> statements;
    std::string statement;
    for (std::size_t at = 0; at < sql.size();) {
        if (const auto quoted = quotedLength(sql, at)) {
            statement.append(sql.substr(at, quoted));
            at += quoted;
        } else if (const auto comment = commentLength(sql, at)) {
            statement += ' ';
            at += comment;
        } else if (sql[at] == ';') {
            addStatement(statements, statement);
            ++at;
        } else {
            statement += sql[at++];
        }
    }
    addStatement(statements, statement);
    return statements;
}

}  // namespace signalbox::store
