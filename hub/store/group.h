// Many jobs in one transaction. First all of them together; when one throws, everything is rolled back and
// the jobs run again with a savepoint each, so that only the bad one is refused. Writer thread only.
#pragma once

#include <optional>

#include "hub/store/connection.h"

namespace signalbox::store {

struct Job {
    Writes writes;
    Written done;
};

class Group : public Tx {
public:
    // `rolled_back` runs after every roll-back.
    Group(Connection& connection, std::function<void()> rolled_back)
        : connection_(connection), rolled_back_(std::move(rolled_back)) {}

    // Fills `outcomes`, one for each job, and returns after the commit. Throws StoreError when nothing was
    // committed because the database cannot (disk, lock, connection): then every job failed.
    void run(std::span<Job> jobs, std::vector<Status>& outcomes);

    // Tx, for the jobs.
    using Tx::exec;
    using Tx::query;
    Rows query(std::string_view sql, std::span<const Value> values) override;
    std::int64_t exec(std::string_view sql, std::span<const Value> values) override;
    std::int64_t nextOffset() override;

private:
    bool tryTogether(std::span<Job> jobs, std::vector<Status>& outcomes);
    void runApart(std::span<Job> jobs, std::vector<Status>& outcomes);
    Status runJob(const Job& job);
    void commit();
    void rollback();

    Connection& connection_;
    const std::function<void()> rolled_back_;
    // What log_head will say after this group; nothing until the first use.
    std::optional<std::int64_t> next_offset_;
    // The first error of the job that runs. PostgreSQL takes no statement after one, so SQLite must not
    // either.
    std::optional<StoreError> failed_;
};

}  // namespace signalbox::store
