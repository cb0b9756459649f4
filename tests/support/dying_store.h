// A store whose power fails: after so many writes nothing reaches the disk any more. Thread-safe.
#pragma once

#include <atomic>

#include "hub/store/store.h"

namespace signalbox {

class DyingStore : public Store {
public:
    DyingStore(Store& store, int writes) : store_(store), left_(writes) {}

    void write(Writes writes, Written done) override {
        if (left_.fetch_sub(1) > 0) return store_.write(std::move(writes), std::move(done));
        has_died_ = true;
        done(Error{ErrorKind::Unavailable, "the power failed"});
    }
    void read(const std::function<void(Reader&)>& reads) override { store_.read(reads); }
    void onCommitted(std::function<void()> listener) override { store_.onCommitted(std::move(listener)); }
    void onRollback(std::function<void()> listener) override { store_.onRollback(std::move(listener)); }
    bool isExclusive() const override { return store_.isExclusive(); }
    Status health() const override { return store_.health(); }
    std::size_t queued() const override { return store_.queued(); }
    void close() override {}

    bool hasDied() const { return has_died_; }

private:
    Store& store_;
    std::atomic<int> left_;
    std::atomic<bool> has_died_{false};
};

}  // namespace signalbox
