#include "hub/store/store.h"

#include <condition_variable>
#include <mutex>

#include "hub/store/database_file.h"
#include "hub/store/database_url.h"
#include "hub/store/errors.h"
#include "hub/store/lock_file.h"
#include "hub/store/migrations.h"
#include "hub/store/postgres_connection.h"
#include "hub/store/reader_pool.h"
#include "hub/store/sqlite_connection.h"
#include "hub/store/write_companion.h"
#include "hub/store/writer.h"

namespace signalbox {
namespace {

using Connect = std::function<std::unique_ptr<store::Connection>(store::Access)>;

class DatabaseStore : public Store {
public:
    DatabaseStore(std::unique_ptr<store::Connection> writing, const Connect& connect,
                  std::unique_ptr<store::LockFile> lock, const StoreOptions& options)
        : is_exclusive_(writing->dialect().is_exclusive),
          lock_(std::move(lock)),
          writer_(std::move(writing), options),
          readers_([connect] { return connect(store::Access::Read); }, options.readers) {}
    ~DatabaseStore() override { DatabaseStore::close(); }

    void write(Writes writes, Written done) override { writer_.submit(std::move(writes), std::move(done)); }
    void read(const std::function<void(Reader&)>& reads) override { readers_.read(reads); }
    void onCommitted(std::function<void()> listener) override { writer_.onCommitted(std::move(listener)); }
    void onRollback(std::function<void()> listener) override { writer_.onRollback(std::move(listener)); }
    bool isExclusive() const override { return is_exclusive_; }
    Status health() const override { return writer_.health(); }
    std::size_t queued() const override { return writer_.queued(); }

    // The readers go before the writing connection: the last one to close leaves a clean file.
    void close() override {
        std::lock_guard one_at_a_time(closing_);
        writer_.stop();
        readers_.close();
        writer_.closeConnection();
        lock_.reset();
    }

private:
    const bool is_exclusive_;
    std::mutex closing_;
    std::unique_ptr<store::LockFile> lock_;
    store::Writer writer_;
    store::ReaderPool readers_;
};

Result<std::unique_ptr<Store>> openWith(const Connect& connect, std::unique_ptr<store::LockFile> lock,
                                        const StoreOptions& options) {
    try {
        auto writing = connect(store::Access::Write);
        const auto migrated = store::migrate(*writing, embedded::migrations());
        if (!migrated) return migrated.error();
        return std::unique_ptr<Store>(
            std::make_unique<DatabaseStore>(std::move(writing), connect, std::move(lock), options));
    } catch (const StoreError& error) {
        return withContext("store: cannot open the database", store::toError(error));
    }
}

Result<std::unique_ptr<Store>> openSqliteStore(const store::SqliteUrl& url, const StoreOptions& options) {
    const auto path = store::prepareDatabaseFile(url.path);
    if (!path) return path.error();
    auto lock = store::LockFile::take(*path + ".lock");
    if (!lock) return lock.error();
    const store::SqliteOptions sqlite{*path, options.read_limit};
    const Connect connect = [sqlite](store::Access access) { return store::openSqlite(sqlite, access); };
    return openWith(connect, *std::move(lock), options);
}

Result<std::unique_ptr<Store>> openPostgresStore(const store::PostgresUrl& url, const StoreOptions& options) {
    const store::PostgresOptions postgres{url, options.read_limit};
    const Connect connect = [postgres](store::Access access) {
        return store::openPostgres(postgres, access);
    };
    return openWith(connect, nullptr, options);
}

}  // namespace

std::int64_t Row::integer(std::size_t column) const {
    const auto& cell = cells_.at(column);
    if (const auto* integer = std::get_if<std::int64_t>(&cell)) return *integer;
    if (std::holds_alternative<std::nullptr_t>(cell)) return 0;
    throw StoreError(StoreError::Kind::Statement, "column " + std::to_string(column) + " is not an integer");
}

double Row::real(std::size_t column) const {
    const auto& cell = cells_.at(column);
    if (const auto* real = std::get_if<double>(&cell)) return *real;
    return static_cast<double>(integer(column));
}

const std::string& Row::text(std::size_t column) const {
    static const std::string empty;
    const auto& cell = cells_.at(column);
    if (const auto* text = std::get_if<std::string>(&cell)) return *text;
    if (std::holds_alternative<std::nullptr_t>(cell)) return empty;
    throw StoreError(StoreError::Kind::Statement, "column " + std::to_string(column) + " is not text");
}

Status Store::writeAndWait(Writes writes) {
    if (store::isWriterThread())
        return Error{ErrorKind::Invalid, "store: writeAndWait on the writer thread would wait for itself"};
    WriteCompanion* const companion = WriteCompanion::ofThread();
    if (companion != nullptr) {
        writes = [own = std::move(writes), &also = companion->writes()](Tx& tx) {
            own(tx);
            also(tx);
        };
    }
    std::mutex mutex;
    std::condition_variable finished;
    std::optional<Status> outcome;
    write(std::move(writes), [&](const Status& status) {
        // Told under the lock: the waiter's stack is gone as soon as it sees the outcome.
        std::lock_guard lock(mutex);
        outcome = status;
        finished.notify_one();
    });
    std::unique_lock lock(mutex);
    finished.wait(lock, [&] { return outcome.has_value(); });
    if (companion != nullptr && *outcome) companion->setWritten();
    return *std::move(outcome);
}

Result<std::unique_ptr<Store>> openStore(const StoreOptions& options) {
    const auto url = store::parseDatabaseUrl(options.url);
    if (!url) return url.error();
    if (const auto* sqlite = std::get_if<store::SqliteUrl>(&*url)) return openSqliteStore(*sqlite, options);
    return openPostgresStore(std::get<store::PostgresUrl>(*url), options);
}

}  // namespace signalbox
