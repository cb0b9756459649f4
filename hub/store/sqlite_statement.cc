#include "hub/store/sqlite_statement.h"

#include <sqlite3.h>

#include <algorithm>
#include <charconv>

#include "hub/store/errors.h"

namespace signalbox::store {
namespace {

using Kind = StoreError::Kind;

Kind kindOf(int code) {
    if (code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC) return Kind::SyncFailed;
    switch (code & 0xff) {
        case SQLITE_CONSTRAINT:
            return Kind::Constraint;
        case SQLITE_FULL:
            return Kind::Full;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_PROTOCOL:
        case SQLITE_INTERRUPT:
        case SQLITE_NOMEM:
            return Kind::Busy;
        case SQLITE_IOERR:
        case SQLITE_READONLY:
        case SQLITE_CANTOPEN:
        case SQLITE_PERM:
            return Kind::Io;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return Kind::Corrupt;
        default:
            return Kind::Statement;
    }
}

[[noreturn]] void throwPlaceholder(sqlite3_stmt* statement, const std::string& problem) {
    throw StoreError(Kind::Statement, problem + " (" + shortened(sqlite3_sql(statement)) + ")");
}

Cell cellOf(sqlite3_stmt* statement, int column) {
    switch (sqlite3_column_type(statement, column)) {
        case SQLITE_INTEGER:
            return static_cast<std::int64_t>(sqlite3_column_int64(statement, column));
        case SQLITE_FLOAT:
            return sqlite3_column_double(statement, column);
        case SQLITE_NULL:
            return nullptr;
        default: {  // text and blobs; the bytes of text are its UTF-8
            const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, column));
            const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
            return bytes == nullptr ? std::string() : std::string(bytes, size);
        }
    }
}

}  // namespace

void throwSqlite(sqlite3* database, int code, std::string_view what) {
    std::string message = database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(code);
    if (code == SQLITE_INTERRUPT) message = "took longer than a read may";
    throw StoreError(kindOf(code), "sqlite: " + message + " (" + shortened(what) + ")");
}

void SqliteStatement::Finalize::operator()(sqlite3_stmt* statement) const {
    sqlite3_finalize(statement);
}

// Leaves the statement ready for its next use, also when a step threw: an open one would hold its snapshot.
class SqliteStatement::Run {
public:
    explicit Run(sqlite3_stmt* statement) : statement_(statement) {}
    ~Run() {
        sqlite3_reset(statement_);
        sqlite3_clear_bindings(statement_);
    }
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;

private:
    sqlite3_stmt* statement_;
};

SqliteStatement::SqliteStatement(sqlite3* database, std::string_view sql) : database_(database) {
    sqlite3_stmt* statement = nullptr;
    const char* rest = nullptr;
    const int code = sqlite3_prepare_v3(database, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, &rest);
    if (code != SQLITE_OK) throwSqlite(database, sqlite3_extended_errcode(database), sql);
    statement_.reset(statement);
    const auto tail = sql.substr(static_cast<std::size_t>(rest - sql.data()));
    if (statement == nullptr || tail.find_first_not_of("; \t\r\n") != std::string_view::npos)
        throw StoreError(Kind::Statement, "sqlite: not one statement (" + shortened(sql) + ")");
    readPlaceholders();
}

void SqliteStatement::readPlaceholders() {
    const int places = sqlite3_bind_parameter_count(statement_.get());
    for (int place = 1; place <= places; ++place) {
        const char* name = sqlite3_bind_parameter_name(statement_.get(), place);
        const std::string_view text = name == nullptr ? "?" : name;
        std::size_t number = 0;
        const auto read = std::from_chars(text.data() + 1, text.data() + text.size(), number);
        if (text.front() != '$' || read.ptr != text.data() + text.size() || number == 0)
            throwPlaceholder(statement_.get(), "placeholders are $1, $2 …, not " + std::string(text));
        value_of_place_.push_back(number - 1);
        values_wanted_ = std::max(values_wanted_, number);
    }
}

Rows SqliteStatement::query(std::span<const Value> values) {
    const Run run(statement_.get());
    bind(values);
    Rows rows;
    const int columns = sqlite3_column_count(statement_.get());
    while (step()) {
        std::vector<Cell> cells;
        cells.reserve(static_cast<std::size_t>(columns));
        for (int column = 0; column < columns; ++column) cells.push_back(cellOf(statement_.get(), column));
        rows.emplace_back(std::move(cells));
    }
    return rows;
}

std::int64_t SqliteStatement::exec(std::span<const Value> values) {
    const Run run(statement_.get());
    bind(values);
    while (step()) {
    }
    return sqlite3_stmt_readonly(statement_.get()) != 0 ? 0 : sqlite3_changes64(database_);
}

bool SqliteStatement::step() {
    const int code = sqlite3_step(statement_.get());
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    throwSqlite(database_, sqlite3_extended_errcode(database_), sqlite3_sql(statement_.get()));
}

void SqliteStatement::bind(std::span<const Value> values) {
    if (values.size() != values_wanted_)
        throwPlaceholder(statement_.get(), "wants " + std::to_string(values_wanted_) + " values, got " +
                                               std::to_string(values.size()));
    int place = 0;
    for (const auto index : value_of_place_) bindOne(++place, values[index]);
}

void SqliteStatement::bindOne(int place, const Value& value) {
    auto* statement = statement_.get();
    int code = SQLITE_OK;
    if (const auto* integer = std::get_if<std::int64_t>(&value)) {
        code = sqlite3_bind_int64(statement, place, *integer);
    } else if (const auto* text = std::get_if<std::string_view>(&value)) {
        // A null pointer would bind NULL; an empty view may have one.
        code = sqlite3_bind_text64(statement, place, text->empty() ? "" : text->data(), text->size(),
                                   SQLITE_STATIC, SQLITE_UTF8);
    } else if (const auto* blob = std::get_if<Blob>(&value)) {
        code = sqlite3_bind_blob64(statement, place, blob->bytes.empty() ? "" : blob->bytes.data(),
                                   blob->bytes.size(), SQLITE_STATIC);
    } else if (const auto* real = std::get_if<double>(&value)) {
        code = sqlite3_bind_double(statement, place, *real);
    } else {
        code = sqlite3_bind_null(statement, place);
    }
    if (code != SQLITE_OK) throwSqlite(database_, code, sqlite3_sql(statement));
}

}  // namespace signalbox::store
