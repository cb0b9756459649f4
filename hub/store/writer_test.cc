// What the writer does when the database fails it, with faults in front of a real SQLite.
#include "hub/store/writer.h"

#include <boost/test/unit_test.hpp>
#include <condition_variable>

#include "hub/store/migrations.h"
#include "hub/store/sqlite_connection.h"
#include "tests/support/faulty_connection.h"
#include "tests/support/temp_folder.h"

namespace {

using namespace signalbox;
using namespace std::chrono_literals;
using Kind = StoreError::Kind;

constexpr std::string_view kInsert = "INSERT INTO things (id) VALUES ($1)";

// A store whose connection fails as a test says.
class Fixture {
public:
    Fixture() {
        auto real = store::openSqlite({folder_.file("test.db")}, store::Access::Write);
        BOOST_REQUIRE(store::migrate(*real, embedded::migrations()).ok());
        real->runOnce("CREATE TABLE things (id BIGINT PRIMARY KEY)");
        auto faulty =
            std::make_unique<FaultyConnection>(std::move(real), [this](auto call) { failAt(call); });
        writer_ = std::make_unique<store::Writer>(std::move(faulty), StoreOptions{});
    }
    ~Fixture() { writer_.reset(); }

    store::Writer& writer() { return *writer_; }

    // From now on `call` fails `times` times.
    void fail(const std::string& call, Kind kind, int times = 1'000'000) {
        std::lock_guard lock(mutex_);
        call_ = call;
        kind_ = kind;
        times_ = times;
    }
    void heal() { fail("", Kind::Full, 0); }

    std::vector<Status> writeTogether(int jobs) {
        std::vector<Status> outcomes;
        for (std::int64_t id = 0; id < jobs; ++id)
            writer_->submit([id](Tx& tx) { tx.exec(kInsert, {id}); },
                            [&](const Status& status) {
                                std::lock_guard lock(mutex_);
                                outcomes.push_back(status);
                                changed_.notify_all();
                            });
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return outcomes.size() == static_cast<std::size_t>(jobs); });
        return outcomes;
    }
    Status write() { return writeTogether(1).front(); }

    bool becomesHealthy() {
        const auto until = std::chrono::steady_clock::now() + 10s;
        while (!writer_->health() && std::chrono::steady_clock::now() < until) std::this_thread::yield();
        return writer_->health().ok();
    }

private:
    void failAt(std::string_view call) {
        std::lock_guard lock(mutex_);
        if (call_.empty() || !call.starts_with(call_) || times_-- <= 0) return;
        throw StoreError(kind_, "made up for the test");
    }

    TempFolder folder_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::string call_;
    Kind kind_ = Kind::Full;
    int times_ = 0;
    std::unique_ptr<store::Writer> writer_;
};

std::string codeOf(const Status& status) {
    return status ? "ok" : status.error().code;
}

BOOST_AUTO_TEST_CASE(a_commit_that_fails_fails_every_job_of_the_group) {
    Fixture fixture;
    fixture.fail("commit", Kind::Full);

    for (const auto& outcome : fixture.writeTogether(5)) {
        BOOST_REQUIRE(!outcome);
        BOOST_TEST((outcome.error().kind == ErrorKind::Unavailable));
    }

    BOOST_TEST(codeOf(fixture.writer().health()) == "store_full");
}

BOOST_AUTO_TEST_CASE(while_the_disk_is_full_writes_are_refused_at_once_and_then_work_again_by_themselves) {
    Fixture fixture;
    fixture.fail("INSERT", Kind::Full);
    BOOST_REQUIRE(!fixture.write());

    const auto refused = fixture.write();
    BOOST_TEST(codeOf(refused) == "store_full");
    BOOST_TEST((refused.error().retry_after == 1s));
    fixture.heal();

    BOOST_TEST(fixture.becomesHealthy());
    BOOST_TEST(fixture.write().ok());
}

BOOST_AUTO_TEST_CASE(each_trouble_that_passes_has_its_code_and_passes) {
    const std::pair<Kind, const char*> troubles[] = {
        {Kind::Io, "store_io"}, {Kind::Busy, "store_locked"}, {Kind::Disconnected, "store_disconnected"}};
    for (const auto& [kind, code] : troubles) {
        Fixture fixture;
        fixture.fail("begin", kind);

        BOOST_TEST(codeOf(fixture.write()) == code);
        BOOST_TEST(codeOf(fixture.writer().health()) == code);
        fixture.heal();

        BOOST_TEST(fixture.becomesHealthy());
        BOOST_TEST(fixture.write().ok());
    }
}

BOOST_AUTO_TEST_CASE(after_a_failed_fsync_nothing_is_written_until_a_restart) {
    Fixture fixture;
    fixture.fail("commit", Kind::SyncFailed, 1);
    BOOST_REQUIRE(!fixture.write());

    fixture.heal();
    const auto refused = fixture.write();

    BOOST_TEST(codeOf(refused) == "store_sync_failed");
    BOOST_TEST(!refused.error().retry_after.has_value());
    BOOST_TEST(refused.error().message.find("start the daemon again") != std::string::npos);
    fixture.writer().stop();
    BOOST_TEST(codeOf(fixture.writer().health()) == "store_sync_failed");
}

BOOST_AUTO_TEST_CASE(a_failed_fsync_of_a_checkpoint_counts_too) {
    Fixture fixture;
    fixture.fail("housekeep", Kind::SyncFailed, 1);

    (void)fixture.write();  // the fault may come just before it or after
    fixture.writer().stop();

    BOOST_TEST(codeOf(fixture.writer().health()) == "store_sync_failed");
}

BOOST_AUTO_TEST_CASE(a_group_that_another_node_got_in_the_way_of_is_repeated) {
    Fixture fixture;
    int rolled_back = 0;
    fixture.writer().onRollback([&] { ++rolled_back; });
    fixture.fail("commit", Kind::Contended, 3);

    BOOST_TEST(fixture.write().ok());

    BOOST_TEST(rolled_back == 3);
    BOOST_TEST(fixture.writer().health().ok());
}

BOOST_AUTO_TEST_CASE(a_group_that_never_gets_through_is_given_up_without_refusing_others) {
    Fixture fixture;
    fixture.fail("commit", Kind::Contended);

    const auto refused = fixture.write();

    BOOST_REQUIRE(!refused);
    BOOST_TEST((refused.error().kind == ErrorKind::Unavailable));
    fixture.heal();
    BOOST_TEST(fixture.writer().health().ok());
    BOOST_TEST(fixture.write().ok());
}

BOOST_AUTO_TEST_CASE(stopping_while_writes_are_refused_does_not_wait_for_better_times) {
    Fixture fixture;
    fixture.fail("begin", Kind::Full);
    BOOST_REQUIRE(!fixture.write());

    fixture.writer().stop();

    BOOST_TEST(codeOf(fixture.writer().health()) == "store_full");
}

}  // namespace
