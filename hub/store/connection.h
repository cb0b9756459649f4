// One session of a database as the writer and the readers use it; only the *_connection.cc files know the
// library behind it. One thread at a time. Everything throws StoreError.
#pragma once

#include <chrono>
#include <memory>

#include "hub/store/dialect.h"
#include "hub/store/store.h"

namespace signalbox::store {

class Connection {
public:
    virtual ~Connection() = default;

    virtual Rows query(std::string_view sql, std::span<const Value> values) = 0;
    // Rows changed.
    virtual std::int64_t exec(std::string_view sql, std::span<const Value> values) = 0;
    // A statement used once: not kept prepared.
    virtual void runOnce(const std::string& sql) = 0;

    virtual void begin() = 0;         // to write
    virtual void beginReading() = 0;  // a snapshot; the connection's read limit counts from here
    virtual void commit() = 0;
    // Afterwards no transaction is open, or the connection is dead and `ensureOpen` will tell.
    virtual void rollback() noexcept = 0;

    virtual void savepoint() = 0;
    virtual void releaseSavepoint() = 0;
    virtual void rollbackToSavepoint() = 0;

    // Connects again after a lost connection. Outside transactions only.
    virtual void ensureOpen() = 0;
    // Clean-up between groups, given how long nothing was written; answers when to be called again at latest.
    virtual std::chrono::milliseconds housekeep(std::chrono::milliseconds idle_for) = 0;
    // After a SyncFailed: closing must leave the files as they are.
    virtual void abandon() noexcept = 0;

    virtual const Dialect& dialect() const = 0;
};

enum class Access { Write, Read };

}  // namespace signalbox::store
