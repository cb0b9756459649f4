// The daemon dies after its 1st, 2nd, … write; a new one takes over. However often that happens, the end is
// the same: each event one run, each run one message.
#include <atomic>

#include "tests/support/dying_store.h"
#include "tests/support/engine_fixture.h"

using namespace signalbox;
using namespace signalbox::workflow;
using namespace std::chrono_literals;

namespace {

constexpr int kEvents = 3;

// Sends, waits for the receipt, waits a minute, sends again.
void publishScenario(EngineFixture& f) {
    f.publish("story",
              R"("t":{"type":"trigger.webhook"},"l":{"type":"lua","source":"echo"},
              "s":{"type":"send_message","account":"a","to":"+1","text":"one"},"w":{"type":"wait","seconds":60},
              "e":{"type":"send_message","account":"a","to":"+1","text":"two"})",
              "t>l l>s s>w w>e");
}

// Drives the story until all runs ended, or the daemon is dead.
bool play(EngineFixture& f, const std::function<bool()>& is_dead) {
    const auto deadline = std::chrono::steady_clock::now() + 30s;
    while (std::chrono::steady_clock::now() < deadline) {
        if (is_dead()) return false;
        if (f.runsThatAre("succeeded") == kEvents) return true;
        f.answerEffects();
        f.clock.advance(100ms);
        std::this_thread::yield();
    }
    BOOST_FAIL("the story does not end: " + dumpJson(f.runs()));
    return false;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_daemon_that_dies_at_any_write_loses_nothing_and_doubles_nothing) {
    bool did_die = true;
    int writes = 0;
    for (; did_die && writes < 60; ++writes) {
        BOOST_TEST_CONTEXT("power fails after write " << writes) {
            EngineFixture f;
            publishScenario(f);
            for (int i = 0; i < kEvents; ++i) f.webhook({{"n", i}});
            DyingStore dying(f.db.store(), writes);

            f.start(dying);
            did_die = !play(f, [&] { return dying.hasDied(); });
            f.engine.reset();
            f.start();
            play(f, [] { return false; });
            f.untilIdle();

            BOOST_TEST(f.runs().size() == static_cast<std::size_t>(kEvents));
            BOOST_TEST(f.count("SELECT COUNT(*) FROM noted_effects") == 2 * kEvents);
            BOOST_TEST(f.count("SELECT COUNT(*) FROM run_waits") == 0);
        }
    }
    BOOST_TEST(writes > 5);
}

BOOST_AUTO_TEST_CASE(writes_that_are_refused_for_a_while_are_tried_again) {
    EngineFixture f;
    publishScenario(f);
    // Reads work, writes are refused until the disk has space again.
    class FullStore : public DyingStore {
    public:
        explicit FullStore(Store& store) : DyingStore(store, 1'000'000), real_(store) {}
        void write(Writes writes, Written done) override {
            if (!is_full) return real_.write(std::move(writes), std::move(done));
            ++refused;
            done(Error{ErrorKind::Unavailable, "disk full"});
        }
        std::atomic<bool> is_full{true};
        std::atomic<int> refused{0};

    private:
        Store& real_;
    } full(f.db.store());
    f.start(full);
    f.webhook();
    f.until([&] { return full.refused > 0; }, "a write is refused");
    BOOST_TEST(f.runs().empty());

    full.is_full = false;
    f.until(
        [&] {
            f.clock.advance(100ms);
            return f.runsThatAre("waiting") == 1;
        },
        "the run is written");

    BOOST_TEST(f.count("SELECT COUNT(*) FROM noted_effects") == 1);
    f.engine.reset();
}
