#include "hub/store/sqlite_checkpoints.h"

#include <sqlite3.h>

#include "base/log.h"
#include "hub/store/sqlite_connection.h"
#include "hub/store/sqlite_statement.h"

namespace signalbox::store {
namespace {

using namespace std::chrono_literals;

constexpr int kPageBytes = 4096;
constexpr int pagesOf(int mebibytes) {
    return mebibytes * 1024 * 1024 / kPageBytes;
}
// Readers of old snapshots keep the log from starting over. From 48 MiB on a checkpoint waits for them a
// little, from 96 MiB on as long as a read may last: so the log stays below 128 MiB.
constexpr int kBusyPages = pagesOf(16), kPausePages = pagesOf(1), kWaitPages = pagesOf(48),
              kLongPages = pagesOf(96);
constexpr std::chrono::milliseconds kPause = 50ms, kIdle = 5s, kShortPatience = 100ms;
constexpr auto kNever = 1h;

}  // namespace

SqliteCheckpoints::SqliteCheckpoints(sqlite3* database) : database_(database) {
    sqlite3_wal_hook(database, &SqliteCheckpoints::onCommit, this);
}

int SqliteCheckpoints::onCommit(void* self, sqlite3*, const char*, int pages) {
    auto& checkpoints = *static_cast<SqliteCheckpoints*>(self);
    if (pages < checkpoints.log_pages_) checkpoints.tried_at_pages_ = 0;  // the log started over
    checkpoints.log_pages_ = pages;
    return SQLITE_OK;
}

std::chrono::milliseconds SqliteCheckpoints::housekeep(std::chrono::milliseconds idle_for) {
    if (log_pages_ == 0) return kNever;
    const int grown = log_pages_ - tried_at_pages_;
    if (grown >= kBusyPages) checkpointBusy();
    if (idle_for < kPause) return kPause - idle_for;
    if (idle_for < kIdle) {
        if (grown >= kPausePages) checkpoint(SQLITE_CHECKPOINT_PASSIVE, 0ms);
        return kIdle - idle_for;
    }
    checkpoint(SQLITE_CHECKPOINT_TRUNCATE, 0ms);
    return kIdle;
}

void SqliteCheckpoints::checkpointBusy() {
    if (log_pages_ < kWaitPages) return checkpoint(SQLITE_CHECKPOINT_PASSIVE, 0ms);
    checkpoint(SQLITE_CHECKPOINT_RESTART, log_pages_ < kLongPages ? kShortPatience : kBusyTimeout);
}

void SqliteCheckpoints::checkpoint(int mode, std::chrono::milliseconds patience) {
    sqlite3_busy_timeout(database_, static_cast<int>(patience.count()));
    int pages = -1;
    int code = sqlite3_wal_checkpoint_v2(database_, "main", mode, &pages, nullptr);
    if (code != SQLITE_OK) code = sqlite3_extended_errcode(database_);
    sqlite3_busy_timeout(database_, static_cast<int>(kBusyTimeout.count()));
    tried_at_pages_ = log_pages_;
    if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY && (code & 0xff) != SQLITE_LOCKED)
        return failed(code);
    is_failing_ = false;
    if (mode == SQLITE_CHECKPOINT_TRUNCATE && code == SQLITE_OK) log_pages_ = tried_at_pages_ = 0;
}

void SqliteCheckpoints::failed(int code) {
    const bool is_final = code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC ||
                          (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB;
    if (is_final) throwSqlite(database_, code, "checkpoint");
    if (!is_failing_)
        log::warn("store_checkpoint_failed",
                  {{"reason", sqlite3_errstr(code)}, {"log_pages", std::to_string(log_pages_)}});
    is_failing_ = true;
}

}  // namespace signalbox::store
