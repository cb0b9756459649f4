// The hostile scripts of workflow/lua/attacks: `-- expect:` in the second line says how each must end, as
// codes or as `ok` with the result. After each one the next script must find everything as it should be.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/json.h"
#include "tests/build_places.h"
#include "tests/support/child_processes.h"
#include "workflow/expr/unicode.h"
#include "workflow/lua/lua_runner.h"

namespace signalbox::workflow {
namespace {

using namespace std::chrono_literals;

constexpr auto kBudget = 100ms;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr auto kSlack = 500ms;
#else
constexpr auto kSlack = 50ms;
#endif

// Finds traces of earlier scripts: in globals, libraries, texts, lists, counters.
constexpr const char* kCanary = R"(
function run(item)
    assert(poison == nil and item.poison == nil and getmetatable("") == nil)
    assert(tostring({}) == "table: #1" and ("x"):rep(3) == "xxx" and #item.list == 2)
    local names = {}
    for name in pairs(_ENV) do names[#names + 1] = name end
    table.sort(names)
    return table.concat(names, " ")
end)";
constexpr const char* kGlobals =
    "\"assert error getmetatable ipairs math next pairs pcall rawequal rawget rawlen rawset run select "
    "setmetatable "
    "signalbox string table tonumber tostring type utf8 xpcall\"";

struct Attack {
    std::string name, source, expect;
};

std::string textOf(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::vector<Attack> attacksIn(const std::filesystem::path& folder) {
    std::vector<Attack> out;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().extension() != ".lua") continue;
        Attack attack{entry.path().stem(), textOf(entry.path()), ""};
        const std::string mark = "-- expect: ";
        const auto at = attack.source.find(mark);
        if (at != std::string::npos)
            attack.expect =
                attack.source.substr(at + mark.size(), attack.source.find('\n', at) - at - mark.size());
        out.push_back(std::move(attack));
    }
    std::sort(out.begin(), out.end(), [](const Attack& a, const Attack& b) { return a.name < b.name; });
    return out;
}

struct Sandbox {
    std::unique_ptr<LuaRunner> runner;
    std::chrono::nanoseconds took{};  // by the last run

    Sandbox() {
        LuaRunnerOptions options;
        options.workers = 1;  // so that the canary meets the worker that ran the attack
        auto made = makeLuaRunner(options);
        BOOST_REQUIRE_MESSAGE(made.ok(), (made.ok() ? "" : made.error().message));
        runner = std::move(*made);
    }

    Result<ScriptResult> run(std::string_view source, std::chrono::milliseconds budget = kBudget) {
        ScriptCall call;
        call.node_id = "n1";
        call.source = source;
        call.item_json = R"({"list":[1,2]})";
        call.cpu_budget = budget;
        // CPU time of the worker, not wall time: on a loaded machine the budget takes longer to use up.
        const auto before = workerTime();
        auto result = runner->run(call);
        took = std::max(workerTime() - before, 0ns);  // less than before: it is another worker
        return result;
    }

    static std::chrono::nanoseconds workerTime() {
        std::chrono::nanoseconds sum{};
        for (const pid_t pid : childrenNamed("signalbox-worker")) sum += cpuTimeOf(pid);
        return sum;
    }

    void checkCanary(const std::string& after) {
        const auto canary = run(kCanary);
        BOOST_TEST((took < kBudget + kSlack), "the canary took " << took / 1ms << " ms after " << after);
        BOOST_TEST((canary ? canary->result_json : canary.error().message) == kGlobals, "after " << after);
    }
};

bool isPlainLine(const std::string& text) {
    const bool has_control = std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20; });
    return !has_control && expr::isUtf8(text);
}

bool isExpected(const Attack& attack, const Result<ScriptResult>& result) {
    if (result) return attack.expect == "ok" || attack.expect == "ok " + result->result_json;
    return (" " + attack.expect + " ").find(" " + result.error().code + " ") != std::string::npos;
}

// The host of a virtual machine takes CPU time that is charged to the script: one that did not end as it
// must, or took too long, runs again, twice and within the same bound. A fault of the sandbox does not go
// away by that. Filling the memory takes longer where touching fresh pages is slow.
template <typename IsRight>
Result<ScriptResult> runUntilRight(Sandbox& sandbox, std::string_view source, IsRight isRight,
                                   bool fills_memory = false) {
    for (int tries = 1;; ++tries) {
        auto result = sandbox.run(source);
        auto budget = kBudget;
        if (fills_memory && !result && result.error().code == "E_LUA_TIME") {
            budget = 10 * kBudget;
            result = sandbox.run(source, budget);
        }
        const bool is_in_time = sandbox.took < budget + kSlack;
        if ((isRight(result) && is_in_time) || tries == 3) {
            BOOST_TEST(is_in_time, "took " << sandbox.took / 1ms << " ms");
            return result;
        }
    }
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_hostile_script_is_contained) {
    Sandbox sandbox;
    const auto attacks = attacksIn(SIGNALBOX_SOURCE_DIR "/workflow/lua/attacks");
    BOOST_REQUIRE(attacks.size() >= 100);

    for (const auto& attack : attacks) {
        const auto isRight = [&](const auto& result) { return isExpected(attack, result); };
        const auto result = runUntilRight(sandbox, attack.source, isRight, attack.expect == "E_LUA_MEMORY");

        const std::string got =
            result ? "ok " + result->result_json : result.error().code + " " + result.error().message;
        BOOST_TEST(isRight(result), attack.name << ": expected " << attack.expect << ", got " << got);
        BOOST_TEST((got.size() < 1200 || result.ok()), attack.name << ": the message is not cut");
        BOOST_TEST(got.find("0x") == std::string::npos, attack.name << ": shows an address: " << got);
        BOOST_TEST(isPlainLine(got), attack.name << ": the message is no plain line of UTF-8");
        sandbox.checkCanary(attack.name);
    }
}

BOOST_AUTO_TEST_CASE(scripts_that_crashed_other_sandboxes_are_contained) {
    const char* const given = std::getenv("SIGNALBOX_SHARED");
    const std::filesystem::path shared = given != nullptr ? given : SIGNALBOX_SOURCE_DIR "/../shared";
    if (!std::filesystem::exists(shared / "sandbox-attacks")) return;
    Sandbox sandbox;

    for (const auto& attack : attacksIn(shared / "sandbox-attacks")) {
        for (const auto& source : {attack.source, "function run(item)\n" + attack.source + "\nend"}) {
            const auto isRight = [](const auto& result) {
                return !result.ok() && result.error().code != "E_LUA_KILLED";
            };
            BOOST_TEST(isRight(runUntilRight(sandbox, source, isRight)), attack.name);
            sandbox.checkCanary(attack.name);
        }
    }
}

}  // namespace signalbox::workflow
