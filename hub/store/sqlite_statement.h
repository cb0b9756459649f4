// One prepared SQLite statement: binds, steps, reads rows, and turns SQLite's answers into StoreErrors.
#pragma once

#include <memory>

#include "hub/store/store.h"

struct sqlite3;
struct sqlite3_stmt;

namespace signalbox::store {

// Never returns: `code` is an (extended) result code, `what` the statement or the action that failed.
[[noreturn]] void throwSqlite(sqlite3* database, int code, std::string_view what);

class SqliteStatement {
public:
    // `sql` may use $1 … $n, each as often as it likes, and nothing else as a placeholder.
    SqliteStatement(sqlite3* database, std::string_view sql);

    Rows query(std::span<const Value> values);
    std::int64_t exec(std::span<const Value> values);

private:
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const;
    };
    class Run;

    void readPlaceholders();
    void bind(std::span<const Value> values);
    void bindOne(int place, const Value& value);
    bool step();

    sqlite3* database_;
    std::unique_ptr<sqlite3_stmt, Finalize> statement_;
    std::vector<std::size_t> value_of_place_;  // SQLite numbers places by their first use, not by their name
    std::size_t values_wanted_ = 0;
};

}  // namespace signalbox::store
