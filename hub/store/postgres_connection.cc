#include "hub/store/postgres_connection.h"

#include <Poco/Data/PostgreSQL/Connector.h>
#include <Poco/Data/PostgreSQL/Utility.h>
#include <Poco/Data/Session.h>
#include <libpq-fe.h>

#include <mutex>
#include <optional>
#include <unordered_map>

#include "base/log.h"
#include "hub/store/errors.h"
#include "hub/store/postgres_errors.h"
#include "hub/store/postgres_values.h"
#include "hub/store/text_hash.h"

namespace signalbox::store {
namespace {

using Kind = StoreError::Kind;
using OwnedResult = std::unique_ptr<PGresult, decltype(&PQclear)>;

constexpr std::size_t kKeptStatements = 1000;

// Where the URL does not say otherwise: a dead server is noticed in seconds, and a replica is not written to.
constexpr std::pair<const char*, const char*> kDefaults[] = {
    {"connect_timeout", "5"},     {"application_name", "signalbox"}, {"keepalives_idle", "10"},
    {"keepalives_interval", "5"}, {"keepalives_count", "3"},         {"tcp_user_timeout", "20000"}};

constexpr const char* kSettings =
    "SET client_encoding = 'UTF8'; SET client_min_messages = 'error'; SET bytea_output = 'hex'; "
    "SET default_transaction_isolation = 'read committed'; ";
// A daemon that stands still in the middle of a group must not hold up the others for long.
constexpr const char* kWriterSettings =
    "SET idle_in_transaction_session_timeout = '10s'; SET lock_timeout = '15s'; SET statement_timeout = 0";
constexpr const char* kReaderSettings =
    "SET idle_in_transaction_session_timeout = '30s'; SET statement_timeout = ";

std::string connectionString(PostgresUrl url, Access access) {
    const auto add = [&](const char* name, const char* value) {
        for (const auto& field : url.fields)
            if (field.first == name) return;
        url.fields.emplace_back(name, value);
    };
    for (const auto& [name, value] : kDefaults) add(name, value);
    if (access == Access::Write) add("target_session_attrs", "read-write");
    return url.connectionString();
}

class PostgresConnection : public Connection {
public:
    PostgresConnection(const PostgresOptions& options, Access access)
        : connection_string_(connectionString(options.url, access)),
          shown_(options.url.shown()),
          read_limit_(options.read_limit),
          access_(access) {
        connect();
    }
    ~PostgresConnection() override { disconnect(); }

    Rows query(std::string_view sql, std::span<const Value> values) override {
        return rowsOf(execute(sql, values).get());
    }
    std::int64_t exec(std::string_view sql, std::span<const Value> values) override;
    void runOnce(const std::string& sql) override { checked(PQexec(native_, sql.c_str()), sql); }

    void begin() override { start("BEGIN"); }
    void beginReading() override { start("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"); }
    void commit() override;
    void rollback() noexcept override;

    void savepoint() override { runOnce("SAVEPOINT job"); }
    void releaseSavepoint() override { runOnce("RELEASE SAVEPOINT job"); }
    void rollbackToSavepoint() override { runOnce("ROLLBACK TO SAVEPOINT job; RELEASE SAVEPOINT job"); }

    void ensureOpen() override {
        if (is_broken_ || PQstatus(native_) != CONNECTION_OK) connect();
    }
    std::chrono::milliseconds housekeep(std::chrono::milliseconds) override { return std::chrono::hours(1); }
    void abandon() noexcept override {}

    const Dialect& dialect() const override { return postgresDialect(); }

private:
    void connect();
    void tryConnection();
    void disconnect() noexcept;
    void configure();
    std::string failedToConnect(std::string_view reason) const;
    void start(const std::string& sql);
    OwnedResult execute(std::string_view sql, std::span<const Value> values);
    const std::string& prepared(std::string_view sql, const PostgresParameters& parameters);
    OwnedResult checked(PGresult* result, std::string_view what);

    const std::string connection_string_;
    const std::string shown_;
    const std::chrono::milliseconds read_limit_;
    const Access access_;
    std::optional<Poco::Data::Session> session_;
    PGconn* native_ = nullptr;
    bool is_broken_ = false;  // the connection, or the server behind it, cannot do what this one is for
    std::unordered_map<std::string, std::string, TextHash, std::equal_to<>> statements_;
    std::uint64_t statements_made_ = 0;
};

void PostgresConnection::connect() {
    static std::once_flag registered;
    std::call_once(registered, [] { Poco::Data::PostgreSQL::Connector::registerConnector(); });
    is_broken_ = true;  // until the end of this function
    disconnect();
    tryConnection();
    try {
        session_.emplace(Poco::Data::PostgreSQL::Connector::KEY, connection_string_);
    } catch (const Poco::Exception& error) {
        throw StoreError(Kind::Disconnected, failedToConnect(error.message()));
    }
    native_ = *Poco::Data::PostgreSQL::Utility::handle(*session_);
    PQsetNoticeProcessor(
        native_, [](void*, const char*) {}, nullptr);
    configure();
    is_broken_ = false;
}

// Poco forgets to free a connection that was not made; one a second while the server is away would fill the
// memory. So one of our own, which we do free, goes first.
void PostgresConnection::tryConnection() {
    const std::unique_ptr<PGconn, decltype(&PQfinish)> trial(PQconnectdb(connection_string_.c_str()),
                                                             &PQfinish);
    if (PQstatus(trial.get()) == CONNECTION_OK) return;
    throw StoreError(Kind::Disconnected, failedToConnect(PQerrorMessage(trial.get())));
}

void PostgresConnection::disconnect() noexcept {
    statements_.clear();
    auto* left = native_ != nullptr && PQstatus(native_) != CONNECTION_OK ? native_ : nullptr;
    native_ = nullptr;
    session_.reset();
    PQfinish(left);  // Poco frees only those that still work
}

std::string PostgresConnection::failedToConnect(std::string_view reason) const {
    return "postgresql: cannot connect to " + shown_ + ": " + inOneLine(reason);
}

void PostgresConnection::configure() {
    runOnce(kSettings);
    runOnce(access_ == Access::Write ? kWriterSettings
                                     : kReaderSettings + std::to_string(read_limit_.count()));
    const auto rows = query(
        "SELECT current_setting('server_encoding'), current_setting('synchronous_commit'), "
        "current_setting('fsync')",
        {});
    if (rows.at(0).text(0) != "UTF8")
        throw StoreError(Kind::Statement, "postgresql: database " + shown_ + " has the encoding " +
                                              rows[0].text(0) + "; create it with ENCODING 'UTF8'");
    // What is told to be on disk must be there.
    if (rows[0].text(1) == "off") runOnce("SET synchronous_commit = 'on'");
    if (rows[0].text(2) == "off" && access_ == Access::Write)
        log::warn("postgresql_has_fsync_off", {{"database", shown_}});
}

// The first statement of a transaction finds out that the server went away and came back; nothing is lost
// when it begins again on a new connection.
void PostgresConnection::start(const std::string& sql) {
    ensureOpen();
    try {
        runOnce(sql);
    } catch (const StoreError& error) {
        if (error.kind != Kind::Disconnected) throw;
        connect();
        runOnce(sql);
    }
}

void PostgresConnection::commit() {
    const auto result = checked(PQexec(native_, "COMMIT"), "COMMIT");
    // After a failed statement the server answers a COMMIT with a friendly ROLLBACK.
    if (std::string_view(PQcmdStatus(result.get())) != "COMMIT")
        throw StoreError(Kind::Statement, "postgresql: the transaction had failed before its commit");
}

void PostgresConnection::rollback() noexcept {
    if (native_ == nullptr || PQtransactionStatus(native_) == PQTRANS_IDLE) return;
    PQclear(PQexec(native_, "ROLLBACK"));
    if (PQtransactionStatus(native_) != PQTRANS_IDLE) is_broken_ = true;
}

std::int64_t PostgresConnection::exec(std::string_view sql, std::span<const Value> values) {
    const auto result = execute(sql, values);
    if (std::string_view(PQcmdStatus(result.get())).starts_with("SELECT")) return 0;
    const char* changed = PQcmdTuples(result.get());
    return *changed == '\0' ? 0 : std::strtoll(changed, nullptr, 10);
}

OwnedResult PostgresConnection::execute(std::string_view sql, std::span<const Value> values) {
    const PostgresParameters parameters(values);
    const auto& name = prepared(sql, parameters);
    return checked(PQexecPrepared(native_, name.c_str(), parameters.count(), parameters.values(),
                                  parameters.lengths(), parameters.formats(), 0),
                   sql);
}

const std::string& PostgresConnection::prepared(std::string_view sql, const PostgresParameters& parameters) {
    const auto key = parameters.signature() + " " + std::string(sql);
    const auto found = statements_.find(key);
    if (found != statements_.end()) return found->second;
    // Statements are constants; more than this many means somebody builds them, which must not eat the
    // memory.
    if (statements_.size() >= kKeptStatements) {
        runOnce("DEALLOCATE ALL");
        statements_.clear();
    }
    auto name = "s" + std::to_string(++statements_made_);
    const std::string text(sql);
    checked(PQprepare(native_, name.c_str(), text.c_str(), parameters.count(), parameters.types()), sql);
    return statements_.emplace(key, std::move(name)).first->second;
}

OwnedResult PostgresConnection::checked(PGresult* raw, std::string_view what) {
    OwnedResult result(raw, &PQclear);
    const auto status = PQresultStatus(raw);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return result;
    const char* state = PQresultErrorField(raw, PG_DIAG_SQLSTATE);
    const char* message = PQresultErrorField(raw, PG_DIAG_MESSAGE_PRIMARY);  // its details hold values
    auto kind = kindOfSqlState(state == nullptr ? "" : state);
    if (PQstatus(native_) != CONNECTION_OK) kind = Kind::Disconnected;
    // A server that became a replica: the next connection finds the one that writes now.
    if (access_ == Access::Write && state != nullptr && std::string_view(state) == "25006")
        kind = Kind::Disconnected;
    if (kind == Kind::Disconnected) is_broken_ = true;
    throw StoreError(
        kind, "postgresql: " + inOneLine(message == nullptr ? PQerrorMessage(native_) : message) + " (" +
                  shortened(what) + ")");
}

}  // namespace

std::unique_ptr<Connection> openPostgres(const PostgresOptions& options, Access access) {
    return std::make_unique<PostgresConnection>(options, access);
}

}  // namespace signalbox::store
