// A real connection with a fault in front of it: `before` hears of each call ("begin", "commit", a
// statement's text …) and may throw instead of letting it through.
#pragma once

#include "hub/store/connection.h"

namespace signalbox {

class FaultyConnection : public store::Connection {
public:
    using Before = std::function<void(std::string_view call)>;

    FaultyConnection(std::unique_ptr<store::Connection> real, Before before)
        : real_(std::move(real)), before_(std::move(before)) {}

    Rows query(std::string_view sql, std::span<const Value> values) override {
        before_(sql);
        return real_->query(sql, values);
    }
    std::int64_t exec(std::string_view sql, std::span<const Value> values) override {
        before_(sql);
        return real_->exec(sql, values);
    }
    void runOnce(const std::string& sql) override {
        call(sql, [&] { real_->runOnce(sql); });
    }
    void begin() override {
        call("begin", [&] { real_->begin(); });
    }
    void beginReading() override {
        call("begin reading", [&] { real_->beginReading(); });
    }
    void commit() override {
        call("commit", [&] { real_->commit(); });
    }
    void rollback() noexcept override { real_->rollback(); }
    void savepoint() override {
        call("savepoint", [&] { real_->savepoint(); });
    }
    void releaseSavepoint() override {
        call("release", [&] { real_->releaseSavepoint(); });
    }
    void rollbackToSavepoint() override {
        call("rollback to", [&] { real_->rollbackToSavepoint(); });
    }
    void ensureOpen() override {
        call("ensure open", [&] { real_->ensureOpen(); });
    }
    std::chrono::milliseconds housekeep(std::chrono::milliseconds idle_for) override {
        before_("housekeep");
        return real_->housekeep(idle_for);
    }
    void abandon() noexcept override { real_->abandon(); }
    const store::Dialect& dialect() const override { return real_->dialect(); }

private:
    template <class Real>
    void call(std::string_view name, const Real& real) {
        before_(name);
        real();
    }

    const std::unique_ptr<store::Connection> real_;
    const Before before_;
};

}  // namespace signalbox
