// When the write-ahead log goes back into the database file: at 16 MiB while busy, at 1 MiB in a pause, and
// wholly when nobody writes for a while. Belongs to the one writing connection.
#pragma once

#include <chrono>

struct sqlite3;

namespace signalbox::store {

class SqliteCheckpoints {
public:
    // Takes over the log hook of `database`, which outlives this object.
    explicit SqliteCheckpoints(sqlite3* database);
    SqliteCheckpoints(const SqliteCheckpoints&) = delete;
    SqliteCheckpoints& operator=(const SqliteCheckpoints&) = delete;

    // Between groups. Answers when it wants to be asked again. Throws StoreError when the log cannot be
    // trusted any more (fsync, corruption); a checkpoint that merely did not work is logged and tried later.
    std::chrono::milliseconds housekeep(std::chrono::milliseconds idle_for);

private:
    static int onCommit(void* self, sqlite3* database, const char* name, int pages);
    void checkpointBusy();
    void checkpoint(int mode, std::chrono::milliseconds patience);
    void failed(int code);

    sqlite3* database_;
    int log_pages_ = 0;  // in the log now
    int tried_at_pages_ =
        0;  // of the last checkpoint: one that readers kept from finishing is not repeated at once
    bool is_failing_ = false;
};

}  // namespace signalbox::store
