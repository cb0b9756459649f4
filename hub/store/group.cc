#include "hub/store/group.h"

#include "hub/store/errors.h"

namespace signalbox::store {
namespace {

using Kind = StoreError::Kind;

constexpr int kTries = 5;  // of a group that other nodes get in the way of

}  // namespace

void Group::run(std::span<Job> jobs, std::vector<Status>& outcomes) {
    for (int tried = 1;; ++tried) {
        try {
            outcomes.assign(jobs.size(), Done{});
            if (!tryTogether(jobs, outcomes)) runApart(jobs, outcomes);
            return;
        } catch (const StoreError& error) {
            rollback();
            if (error.kind != Kind::Contended || tried == kTries) throw;
        }
    }
}

bool Group::tryTogether(std::span<Job> jobs, std::vector<Status>& outcomes) {
    connection_.begin();
    for (const auto& job : jobs) {
        const auto ran = runJob(job);
        if (ran) continue;
        rollback();
        if (jobs.size() > 1) return false;
        outcomes[0] = ran;
        return true;
    }
    commit();
    return true;
}

void Group::runApart(std::span<Job> jobs, std::vector<Status>& outcomes) {
    connection_.begin();
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        const auto offset_before = next_offset_;
        connection_.savepoint();
        outcomes[i] = runJob(jobs[i]);
        if (outcomes[i]) {
            connection_.releaseSavepoint();
            continue;
        }
        connection_.rollbackToSavepoint();
        next_offset_ = offset_before;  // on PostgreSQL the row's lock is gone too when this job took it
        rolled_back_();
    }
    commit();
}

// Throws what ends the group; what ends the job alone is the outcome.
Status Group::runJob(const Job& job) {
    failed_.reset();
    try {
        job.writes(*this);
    } catch (const StoreError& error) {
        if (!failed_) failed_ = error;
    } catch (const std::exception& error) {
        if (!failed_) return Error{ErrorKind::Invalid, error.what()};
    }
    if (!failed_) return Done{};
    if (stopsWrites(failed_->kind) || failed_->kind == Kind::Contended) throw StoreError(*failed_);
    return toError(*failed_);
}

void Group::commit() {
    if (next_offset_) {
        const Value values[] = {*next_offset_};
        connection_.exec("UPDATE log_head SET next_offset = $1 WHERE id = 1", values);
    }
    connection_.commit();
    next_offset_.reset();
}

void Group::rollback() {
    connection_.rollback();
    next_offset_.reset();
    rolled_back_();
}

Rows Group::query(std::string_view sql, std::span<const Value> values) {
    if (failed_) throw StoreError(*failed_);
    try {
        return connection_.query(sql, values);
    } catch (const StoreError& error) {
        failed_ = error;
        throw;
    }
}

std::int64_t Group::exec(std::string_view sql, std::span<const Value> values) {
    if (failed_) throw StoreError(*failed_);
    try {
        return connection_.exec(sql, values);
    } catch (const StoreError& error) {
        failed_ = error;
        throw;
    }
}

std::int64_t Group::nextOffset() {
    if (!next_offset_) {
        const auto rows = query(connection_.dialect().read_next_offset, {});
        if (rows.empty()) throw StoreError(Kind::Corrupt, "log_head has no row");
        next_offset_ = rows[0].integer(0);
    }
    return (*next_offset_)++;
}

}  // namespace signalbox::store
