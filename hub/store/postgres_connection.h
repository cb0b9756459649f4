// PostgreSQL behind Connection: Poco Data opens the session, statements run on its native handle, prepared
// once for each text and set of value types.
#pragma once

#include "hub/store/connection.h"
#include "hub/store/database_url.h"

namespace signalbox::store {

struct PostgresOptions {
    PostgresUrl url;
    std::chrono::milliseconds read_limit{5000};
};

std::unique_ptr<Connection> openPostgres(const PostgresOptions& options, Access access);

}  // namespace signalbox::store
