// The database behind one small interface: SQLite by default, PostgreSQL for several nodes, one SQL text for
// both.
//
// Writing: a job is queued and runs on the writer thread together with whatever else is queued (group
// commit); `done` is called on the writer thread when the group is on disk, or with the error when this job
// was refused. A job that throws takes only itself down. A job may be run more than once before its commit
// (the group is repeated with a savepoint for each job when one of them fails), so it must not change
// anything but the database and what `Store::onRollback` listeners reset. A StoreError that a job swallows
// still fails the job: what may exist already is written with ON CONFLICT. Reading: on the caller's thread,
// from a pooled connection, as of the moment the call begins. Statements are SQL constants with $1, $2 …
// placeholders; values are always bound. Both databases know ON CONFLICT, RETURNING and (SQLite by leaving
// it out) FOR UPDATE SKIP LOCKED.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace signalbox {

// A value that came out of the database. Blobs are strings.
using Cell = std::variant<std::nullptr_t, std::int64_t, double, std::string>;

struct Blob {
    std::string_view bytes;
};
// A value that goes in; text is borrowed for the length of the call.
using Value = std::variant<std::nullptr_t, std::int64_t, double, std::string_view, Blob>;

class Row {
public:
    explicit Row(std::vector<Cell> cells) : cells_(std::move(cells)) {}
    bool isNull(std::size_t column) const { return std::holds_alternative<std::nullptr_t>(cells_[column]); }
    std::int64_t integer(std::size_t column) const;     // 0 for null
    double real(std::size_t column) const;              // 0 for null
    const std::string& text(std::size_t column) const;  // "" for null
    std::size_t size() const { return cells_.size(); }

private:
    std::vector<Cell> cells_;
};
using Rows = std::vector<Row>;
using Values = std::initializer_list<Value>;

// Thrown when the database cannot do what it is for (full, locked, gone, corrupt) or a statement is wrong.
struct StoreError : std::exception {
    enum class Kind {
        Constraint,
        Full,
        Busy,       // locked by another process, or took too long
        Contended,  // another node got in the way (deadlock, serialization); worth repeating at once
        Disconnected,
        Io,          // a read or write failed
        SyncFailed,  // fsync failed: what was written may be lost, only a restart tells
        Corrupt,
        Statement,
    };
    StoreError(Kind kind_, std::string message_) : kind(kind_), message(std::move(message_)) {}
    const char* what() const noexcept override { return message.c_str(); }
    Kind kind;
    std::string message;
};

class Reader {
public:
    virtual ~Reader() = default;
    virtual Rows query(std::string_view sql, std::span<const Value> values) = 0;
    Rows query(std::string_view sql, Values values = {}) {
        return query(sql, std::span(values.begin(), values.size()));
    }
};

class Tx : public Reader {
public:
    // Rows changed.
    virtual std::int64_t exec(std::string_view sql, std::span<const Value> values) = 0;
    std::int64_t exec(std::string_view sql, Values values) {
        return exec(sql, std::span(values.begin(), values.size()));
    }
    // The next number of the event log: without gaps, in the order of commits, also over several nodes.
    virtual std::int64_t nextOffset() = 0;
};

using Writes = std::function<void(Tx&)>;
using Written = std::function<void(const Status&)>;

// Thread-safe.
class Store {
public:
    virtual ~Store() = default;

    // Queues `writes`; when the queue is full or the database refuses writes for now, `done` gets Unavailable
    // (at once, on the caller's thread).
    virtual void write(Writes writes, Written done) = 0;
    // The same, waiting for it. Never from the writer thread. A constraint violation is Conflict.
    Status writeAndWait(Writes writes);

    // Throws StoreError.
    virtual void read(const std::function<void(Reader&)>& reads) = 0;

    // Called on the writer thread. `onCommitted`: after a group is on disk and all its `done` callbacks ran.
    // `onRollback`: after anything was rolled back, a group or one job of it, before the next job runs;
    // caches of uncommitted state are dropped.
    virtual void onCommitted(std::function<void()> listener) = 0;
    virtual void onRollback(std::function<void()> listener) = 0;

    // True when no other process can write (SQLite): state read once may be cached by the writer.
    virtual bool isExclusive() const = 0;
    // «ok», or why writes are refused at the moment. The error's code: store_full, store_locked,
    // store_disconnected, store_io pass by themselves; store_sync_failed, store_corrupt stay until a restart.
    virtual Status health() const = 0;
    virtual std::size_t queued() const = 0;
    // Finishes what is queued and closes. Called again it does nothing. Never from the writer thread.
    virtual void close() = 0;
};

struct StoreOptions {
    std::string url;  // sqlite:///absolute/path, sqlite://relative/path or
                      // postgresql://user:password@host:port/database
    std::size_t queue_capacity = 10'000;
    std::size_t max_group = 256;  // jobs a commit; four times as many while the queue is longer than that
    std::size_t readers = 4;
    std::chrono::seconds read_limit{5};  // a read that takes longer is ended: it would hold up the clean-up
};

// Opens, checks and migrates. Fails with a clear word when the database is newer than the program, cannot be
// opened, or is held by another process.
Result<std::unique_ptr<Store>> openStore(const StoreOptions& options);

}  // namespace signalbox
