// SQLite behind Connection: Poco Data opens the session, statements run on its native handle, prepared once
// for each text. The one connection with Access::Write does all writes and all checkpoints: Debian's 3.40.1
// can corrupt a WAL that two connections write and checkpoint at the same time.
#pragma once

#include "hub/store/connection.h"

namespace signalbox::store {

struct SqliteOptions {
    std::string path;
    std::chrono::milliseconds read_limit{5000};
};

// How long SQLite waits for a lock before it gives up.
inline constexpr std::chrono::milliseconds kBusyTimeout{5000};

// Opens or (with Access::Write) creates. The caller holds the lock file.
std::unique_ptr<Connection> openSqlite(const SqliteOptions& options, Access access);

}  // namespace signalbox::store
