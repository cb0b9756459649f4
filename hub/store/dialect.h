// Where SQLite and PostgreSQL do not understand the same text. Pure functions and constants.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace signalbox::store {

struct Dialect {
    std::string_view name;
    // True when no other process can write.
    bool is_exclusive;
    // Reads log_head.next_offset, keeping other nodes from doing so until the commit.
    std::string_view read_next_offset;
    // Lets one daemon at a time migrate; lasts until the commit. May be empty.
    std::string_view lock_for_migration;
    // A statement of schemas/sql or of the program in this database's words. Empty: it is for the other one
    // («ONLY SQLITE …», «ONLY POSTGRESQL …»: full-text indexes are made differently).
    std::string (*migration)(std::string_view statement);
    std::string (*statement)(std::string_view statement);
};

const Dialect& sqliteDialect();
const Dialect& postgresDialect();

// The statements of a migration file, without comments and closing semicolons. Knows quotes and comments;
// triggers with bodies of their own it does not.
std::vector<std::string> splitStatements(std::string_view sql);

}  // namespace signalbox::store
