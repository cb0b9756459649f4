#include "base/worker_pool.h"

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <latch>
#include <set>

namespace signalbox {

BOOST_AUTO_TEST_SUITE(worker_pool)

BOOST_AUTO_TEST_CASE(each_job_has_a_thread_until_all_have_begun) {
    constexpr int kThreads = 8;
    WorkerPool pool("test", kThreads, 100);
    std::latch together(kThreads);  // ends only when all jobs run at the same time
    for (int i = 0; i < kThreads; ++i) BOOST_TEST(pool.trySubmit([&] { together.arrive_and_wait(); }));
    together.wait();
    pool.stop();
}

BOOST_AUTO_TEST_CASE(threads_are_no_more_than_it_may_have_and_one_is_enough_for_one_job_at_a_time) {
    std::mutex mutex;
    std::set<std::thread::id> seen;
    const auto note = [&] {
        std::lock_guard lock(mutex);
        seen.insert(std::this_thread::get_id());
    };
    WorkerPool pool("test", 2, 1'000);
    for (int i = 0; i < 500; ++i) BOOST_TEST(pool.trySubmit(note));
    pool.stop();
    BOOST_TEST(seen.size() <= 2);
}

BOOST_AUTO_TEST_CASE(a_full_queue_says_later_and_what_was_taken_is_done) {
    WorkerPool pool("test", 1, 1);
    std::latch begun(1), go_on(1);
    std::atomic<int> done = 0;
    BOOST_TEST(pool.trySubmit([&] {
        begun.count_down();
        go_on.wait();
        ++done;
    }));
    begun.wait();
    BOOST_TEST(pool.trySubmit([&] { ++done; }));
    BOOST_TEST(!pool.trySubmit([&] { ++done; }));
    go_on.count_down();
    pool.stop();
    BOOST_TEST(done == 2);
    BOOST_TEST(!pool.trySubmit([&] { ++done; }));
}

BOOST_AUTO_TEST_CASE(a_job_that_throws_takes_nothing_with_it) {
    WorkerPool pool("test", 1, 10);
    std::atomic<bool> ran = false;
    pool.trySubmit([] { throw std::runtime_error("as the test wants it"); });
    pool.trySubmit([&] { ran = true; });
    pool.stop();
    BOOST_TEST(ran);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace signalbox
