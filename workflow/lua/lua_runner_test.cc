#include "workflow/lua/lua_runner.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <thread>

#include "base/json.h"
#include "tests/support/child_processes.h"
#include "tests/support/fake_clock.h"

namespace signalbox::workflow {
namespace {

using namespace std::chrono_literals;

const std::string kHello = "function run(item) return {hello = item.name} end";
// About a hundred milliseconds of work that ends by itself.
const std::string kSlow =
    "function run() local n = 0 for i = 1, 6000000 do n = n + i % 7 end return 'done' end";

std::vector<pid_t> workers() {
    return childrenNamed("signalbox-worker");
}

std::unique_ptr<LuaRunner> makeRunner(unsigned count, const Clock* clock = nullptr) {
    LuaRunnerOptions options;
    options.workers = count;
    options.clock = clock;
    auto runner = makeLuaRunner(options);
    BOOST_REQUIRE_MESSAGE(runner.ok(), (runner.ok() ? "" : runner.error().message));
    return std::move(*runner);
}

ScriptCall callOf(std::string_view source, std::string_view item = "null",
                  std::chrono::milliseconds budget = 100ms) {
    ScriptCall call;
    call.node_id = "n1";
    call.source = source;
    call.item_json = item;
    call.cpu_budget = budget;
    return call;
}

std::string shown(const Result<ScriptResult>& result) {
    return result ? result->result_json : result.error().code + " " + result.error().message;
}

// Kills every worker that has computed for longer than it takes to start.
class Killer {
public:
    Killer()
        : thread_([](const std::stop_token& stop) {
              while (!stop.stop_requested())
                  for (const pid_t pid : workers())
                      if (cpuTimeOf(pid) > 40ms) kill(pid, SIGKILL);
          }) {}

private:
    std::jthread thread_;
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_script_gets_its_item_and_gives_its_result_and_log) {
    const auto runner = makeRunner(1);

    const auto result = runner->run(callOf(
        "function run(item) signalbox.log('got', item.name) return {item.name, 2} end", R"({"name":"Ann"})"));

    BOOST_REQUIRE(result);
    BOOST_TEST(result->result_json == R"(["Ann",2])");
    BOOST_TEST(result->logs == std::vector<std::string>{"got Ann"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(seed_and_time_come_from_the_call) {
    const auto runner = makeRunner(2);
    auto call = callOf("function run() return {signalbox.random(), signalbox.date()} end");
    call.seed = 7;
    call.now = *parseRfc3339("2026-01-05T09:00:00.5Z");

    const auto first = shown(runner->run(call));

    BOOST_TEST(first.find("2026-01-05T09:00:00.500Z") != std::string::npos);
    BOOST_TEST(shown(runner->run(call)) == first);
}

BOOST_AUTO_TEST_CASE(faults_carry_a_code_and_the_line) {
    const auto runner = makeRunner(1);

    BOOST_TEST(shown(runner->run(callOf("function run("))).starts_with("E_LUA_SYNTAX node:n1:1: "));
    BOOST_TEST(shown(runner->run(callOf("\nfunction run() local x = nil + 1 end")))
                   .starts_with("E_LUA_RUNTIME node:n1:2: "));
    BOOST_TEST(shown(runner->run(callOf("function run() return run end")))
                   .starts_with("E_LUA_RESULT node:n1: result: "));
    BOOST_TEST(shown(runner->run(callOf("function run() while true do end end")))
                   .starts_with("E_LUA_TIME node:n1:1: "));
    BOOST_TEST(shown(runner->run(callOf("function run() local s = 'x' while true do s = s .. s end end")))
                   .starts_with("E_LUA_MEMORY node:n1:1: "));
    BOOST_TEST((runner->run(callOf("x")).error().kind == ErrorKind::Invalid));
}

BOOST_AUTO_TEST_CASE(check_compiles_without_calling) {
    const auto runner = makeRunner(1);

    BOOST_TEST(runner->check("function run() error('called') end").ok());
    BOOST_TEST(runner->check("function run() ==").error().code == "E_LUA_SYNTAX");
    BOOST_TEST(runner->check("x = 1").error().message.find("function run(item)") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_megabyte_goes_both_ways) {
    const auto runner = makeRunner(1);
    const std::string item = "\"" + std::string((1 << 20) - 2, 'x') + "\"";

    const auto result = runner->run(callOf("function run(item) return item end", item));

    BOOST_REQUIRE_MESSAGE(result, shown(result).substr(0, 200));
    BOOST_TEST((result->result_json == item));
    BOOST_TEST(shown(runner->run(callOf(kHello, item + " ")))
                   .starts_with("E_LUA_MEMORY node:n1: the item is larger"));
    BOOST_TEST(shown(runner->run(callOf(std::string(300'000, ' '))))
                   .starts_with("E_LUA_SYNTAX node:n1: the script is longer"));
}

BOOST_AUTO_TEST_CASE(odd_node_ids_stay_in_one_line) {
    const auto runner = makeRunner(1);
    auto call = callOf("function run() error('x') end");
    call.node_id = "a b\n\xff" + std::string(100, 'x');

    BOOST_TEST(shown(runner->run(call)).starts_with("E_LUA_RUNTIME node:a_b__xxxx"));
}

BOOST_AUTO_TEST_CASE(a_worker_has_one_descriptor_and_cannot_do_a_thing) {
    const int leaked = open("/dev/null", O_RDONLY);  // on purpose without close-on-exec
    const auto runner = makeRunner(2);
    const auto pids = workers();

    BOOST_REQUIRE(pids.size() == 2u);
    for (const pid_t pid : pids) {
        BOOST_TEST(statusField(pid, "Seccomp") == "2");
        BOOST_TEST(statusField(pid, "NoNewPrivs") == "1");
        if (getuid() == 0) BOOST_TEST(countOpenFiles(pid) == 1u);  // others may not look
    }
    close(leaked);
}

BOOST_AUTO_TEST_CASE(a_killed_worker_costs_no_call) {
    const auto runner = makeRunner(1);

    for (int i = 0; i < 20; ++i) {
        for (const pid_t pid : workers()) kill(pid, SIGKILL);
        // Three lost workers in ten minutes would park the script, so each is another one.
        const auto source = kHello + " -- " + std::to_string(i);
        BOOST_TEST(shown(runner->run(callOf(source, R"({"name":1})"))) == R"({"hello":1})");
    }
}

BOOST_AUTO_TEST_CASE(a_worker_killed_during_a_call_costs_no_call) {
    const auto runner = makeRunner(1);
    Result<ScriptResult> result = Error{};

    std::thread caller([&] { result = runner->run(callOf(kSlow, "null", 2000ms)); });
    const auto first = workers();
    BOOST_REQUIRE(first.size() == 1u);
    while (statusField(first[0], "State").substr(0, 1) == "S") std::this_thread::yield();
    kill(first[0], SIGKILL);
    caller.join();

    BOOST_TEST(shown(result) == "\"done\"");
    BOOST_TEST(workers() != first);
}

BOOST_AUTO_TEST_CASE(a_script_that_kills_its_workers_is_parked_and_others_go_on) {
    FakeClock clock;
    const auto runner = makeRunner(2, &clock);

    {
        const Killer killer;
        BOOST_TEST(shown(runner->run(callOf(kSlow, "null", 2000ms))) ==
                   "E_LUA_KILLED node:n1: the script killed its worker, twice");
        BOOST_TEST(shown(runner->run(callOf(kSlow, "null", 2000ms))).starts_with("E_LUA_KILLED"));
    }
    const auto parked = shown(runner->run(callOf(kSlow, "null", 2000ms)));

    BOOST_TEST(parked.starts_with("E_LUA_KILLED node:n1: the script killed its worker three times"));
    BOOST_TEST(parked.find("2026-01-05T09:10:00") != std::string::npos);
    BOOST_TEST(shown(runner->run(callOf(kHello, R"({"name":1})"))) == R"({"hello":1})");
    clock.advance(10min);
    BOOST_TEST(shown(runner->run(callOf(kSlow, "null", 2000ms))) == "\"done\"");
}

BOOST_AUTO_TEST_CASE(a_worker_that_stands_still_is_killed) {
    const auto runner = makeRunner(1);
    const auto pids = workers();
    BOOST_REQUIRE(pids.size() == 1u);
    kill(pids[0], SIGSTOP);

    const auto stuck = shown(runner->run(callOf(kHello, "{}", 1ms)));

    BOOST_TEST(stuck == "E_LUA_KILLED node:n1: the script did not end after 1 ms and was killed");
    BOOST_TEST(shown(runner->run(callOf(kHello, R"({"name":1})"))) == R"({"hello":1})");
}

BOOST_AUTO_TEST_CASE(nothing_is_left_behind) {
    const auto files = countOpenFiles(getpid());

    for (int round = 0; round < 3; ++round) {
        const auto runner = makeRunner(2);
        for (int i = 0; i < 10; ++i) {
            for (const pid_t pid : workers()) kill(pid, SIGKILL);
            (void)runner->run(callOf(kHello + std::to_string(i), "{}"));
        }
    }

    BOOST_TEST(workers().empty());
    BOOST_TEST(countOpenFiles(getpid()) == files);
}

BOOST_AUTO_TEST_CASE(workers_die_with_the_daemon) {
    int ends[2];
    BOOST_REQUIRE(pipe(ends) == 0);
    const pid_t daemon = fork();
    if (daemon == 0) {
        const auto runner = makeRunner(1);
        const pid_t worker = workers().at(0);
        (void)!write(ends[1], &worker, sizeof worker);
        pause();
    }
    pid_t worker = 0;
    BOOST_REQUIRE(read(ends[0], &worker, sizeof worker) == sizeof worker);

    kill(daemon, SIGKILL);
    waitpid(daemon, nullptr, 0);

    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (kill(worker, 0) == 0 && statusField(worker, "State").substr(0, 1) != "Z" &&
           std::chrono::steady_clock::now() < deadline)
        std::this_thread::yield();
    BOOST_TEST((kill(worker, 0) != 0 || statusField(worker, "State").substr(0, 1) == "Z"));
    close(ends[0]);
    close(ends[1]);
}

BOOST_AUTO_TEST_CASE(many_callers_share_few_workers) {
    const auto runner = makeRunner(2);
    std::atomic<int> right = 0;

    {
        std::vector<std::jthread> callers;
        for (int t = 0; t < 8; ++t)
            callers.emplace_back([&, t] {
                const auto item = R"({"name":)" + std::to_string(t) + "}",
                           expected = R"({"hello":)" + std::to_string(t) + "}";
                for (int i = 0; i < 300; ++i)
                    right += shown(runner->run(callOf(kHello, item))) == expected ? 1 : 0;
            });
    }

    BOOST_TEST(right == 8 * 300);
    BOOST_TEST(workers().size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_missing_worker_program_is_said_at_once) {
    LuaRunnerOptions options;
    options.worker_path = "/nowhere/signalbox-worker";

    const auto runner = makeLuaRunner(options);

    BOOST_REQUIRE(!runner);
    BOOST_TEST((runner.error().kind == ErrorKind::Unavailable));
    BOOST_TEST(runner.error().message.find("/nowhere/signalbox-worker") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_program_that_is_no_worker_is_said_at_once) {
    LuaRunnerOptions options;
    options.worker_path = "/bin/true";

    const auto runner = makeLuaRunner(options);

    BOOST_REQUIRE(!runner);
    BOOST_TEST(runner.error().message.starts_with("no script worker can be started: starting /bin/true: "));
}

BOOST_AUTO_TEST_CASE(a_small_script_is_a_matter_of_microseconds) {
    const auto runner = makeRunner(2);
    std::vector<std::chrono::nanoseconds> times;

    for (int i = 0; i < 3000; ++i) {
        const auto start = std::chrono::steady_clock::now();
        BOOST_REQUIRE(runner->run(callOf(kHello, R"({"name":"Ann"})")).ok());
        times.push_back(std::chrono::steady_clock::now() - start);
    }

    std::sort(times.begin(), times.end());
    BOOST_TEST_MESSAGE("round trip: median " << times[times.size() / 2].count() / 1000.0 << " us, 99 % "
                                             << times[times.size() * 99 / 100].count() / 1000.0 << " us");
    BOOST_TEST((times[times.size() / 2] < 2ms));  // a hundred times what a quiet machine needs
}

}  // namespace signalbox::workflow
