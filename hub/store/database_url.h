// What StoreOptions::url says. Pure. Messages never hold the password.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace signalbox::store {

struct SqliteUrl {
    std::string path;  // as written: absolute, or relative to the working folder
};
struct PostgresUrl {
    // libpq's key words with their values: host, port, user, password, dbname, and what follows the «?».
    std::vector<std::pair<std::string, std::string>> fields;

    std::string connectionString() const;
    // host and database, for messages.
    std::string shown() const;
};

Result<std::variant<SqliteUrl, PostgresUrl>> parseDatabaseUrl(std::string_view url);

}  // namespace signalbox::store
