// The hub with its outbox, a dispatcher, and a scripted provider behind each account.
#pragma once

#include <atomic>
#include <map>
#include <thread>

#include "daemon/delivery/dispatcher.h"
#include "tests/support/outbox_fixture.h"
#include "tests/support/scripted_connector.h"

namespace signalbox {

// True as soon as `condition` holds; false when it does not within a time that no healthy machine needs.
template <class Condition>
bool eventually(const Condition& condition) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    while (!condition()) {
        if (std::chrono::steady_clock::now() > give_up) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    return true;
}

// Lets reads through, and writes unless told to refuse them.
class RefusingStore : public Store {
public:
    explicit RefusingStore(Store& store) : store_(store) {}
    void write(Writes writes, Written done) override {
        if (is_refusing) return done(Error{ErrorKind::Unavailable, "store: disk full"});
        store_.write(std::move(writes), std::move(done));
    }
    void read(const std::function<void(Reader&)>& reads) override { store_.read(reads); }
    void onCommitted(std::function<void()> listener) override { store_.onCommitted(std::move(listener)); }
    void onRollback(std::function<void()> listener) override { store_.onRollback(std::move(listener)); }
    bool isExclusive() const override { return store_.isExclusive(); }
    Status health() const override { return store_.health(); }
    std::size_t queued() const override { return store_.queued(); }
    void close() override { store_.close(); }

    std::atomic<bool> is_refusing = false;

private:
    Store& store_;
};

struct DeliveryFixture : OutboxFixture {
    explicit DeliveryFixture(DeliveryOptions options = {}, const std::string& url = "") : OutboxFixture(url) {
        for (const auto& account : accounts.all()) {
            connected[account->id] = std::make_shared<ConnectedAccount>(
                ConnectedAccount{account, std::make_shared<ScriptedConnector>(), {}, 0});
        }
        dispatcher = std::make_unique<Dispatcher>(
            gate, outbox, files, clock, [this](Id id) { return lookUp(id); }, options);
    }
    ~DeliveryFixture() {
        dispatcher->stop(clock.now());
        store->close();
    }

    void start() {
        if (const auto started = dispatcher->start(); !started)
            throw std::runtime_error(started.error().message);
    }
    // Null while the account is taken out of the configuration.
    ConnectedRef lookUp(Id id) {
        std::lock_guard lock(mutex);
        if (id == missing && missing_after > 0) {
            --missing_after;
            return connected.at(id);
        }
        return id == missing ? nullptr : connected.at(id);
    }
    // `after`: so many times it is still found.
    void setMissing(const std::string& account, int after = 0) {
        std::lock_guard lock(mutex);
        missing = account.empty() ? 0 : accounts.byName(account)->id;
        missing_after = after;
    }
    ScriptedConnector& provider(const std::string& account) {
        return static_cast<ScriptedConnector&>(*connected.at(accounts.byName(account)->id)->connector);
    }
    Queued text(const std::string& account, const std::string& to, const std::string& text) {
        return enqueue({{"account", account}, {"to", to}, {"text", text}});
    }
    bool reaches(const Queued& queued, const std::string& state) {
        return eventually([&] { return stateOf(queued.outbox) == state; });
    }
    // A message on a lane of its own comes through: everything that was due before has been looked at.
    bool passes(const std::string& account) {
        return reaches(text(account,
                            account == "idem" ? "probe " + std::to_string(++probes)
                                              : "+4915100" + std::to_string(10000 + ++probes),
                            "probe"),
                       "sent");
    }

    RefusingStore gate{*store};
    std::map<Id, ConnectedRef> connected;
    std::mutex mutex;
    Id missing = 0;
    int missing_after = 0;
    std::unique_ptr<Dispatcher> dispatcher;
    int probes = 0;
};

}  // namespace signalbox
