// The stories of tests/scenarios: played once, and again with a crash after every write.
#include <algorithm>
#include <atomic>
#include <filesystem>

#include "tests/build_places.h"
#include "tests/support/dying_store.h"
#include "tests/support/engine_fixture.h"
#include "tests/support/yaml_json.h"

using namespace signalbox;
using namespace signalbox::workflow;
using namespace std::chrono_literals;

namespace {

constexpr int kMostWrites = 80;

struct Scenario {
    std::string file;
    Json story;
};

std::vector<Scenario> scenarios() {
    std::vector<std::filesystem::path> files;
    for (const auto& one : std::filesystem::directory_iterator(SIGNALBOX_SOURCE_DIR "/tests/scenarios")) {
        if (one.path().extension() == ".yaml") files.push_back(one.path());
    }
    std::sort(files.begin(), files.end());
    std::vector<Scenario> out;
    for (const auto& file : files) {
        for (auto& story : readYaml(file)) out.push_back({file.filename().string(), std::move(story)});
    }
    return out;
}

class Player {
public:
    explicit Player(const Json& story) : story_(story) {
        for (const auto& [name, flow] : memberAt(story, "workflows").items()) names_.push_back(name);
        // Objects are sorted by name: what starts others is called so that it comes last.
        for (const auto& name : names_) publish(name, story["workflows"][name]);
    }

    // False: the power failed before the story's end.
    bool play(Store& store, const std::function<bool()>& has_died) {
        fixture.start(store);
        began_ = began_.value_or(fixture.clock.now());
        startRuns();
        const auto deadline = std::chrono::steady_clock::now() + 30s;
        while (std::chrono::steady_clock::now() < deadline) {
            if (has_died()) return false;
            if (isOver()) return true;
            answer();
            cancelWhenDue();
            settle(has_died);
            fixture.clock.advance(250ms);
        }
        BOOST_FAIL("the story does not end: " + dumpJson(fixture.runs()));
        return false;
    }

    void check(bool was_interrupted) {
        fixture.untilIdle();
        const Json& expect = memberAt(story_, "expect");
        const Json runs = started();
        for (std::size_t i = 0; i < runs.size(); ++i) {
            const Json& status = memberAt(expect, "status");
            const std::string wanted = status.is_array() ? status.at(i) : status;
            BOOST_TEST(textAt(runs[i], "status") == wanted, dumpJson(runs[i]));
        }
        BOOST_TEST(runs.size() == inputs().size());
        const Json first = fixture.run(textAt(runs.at(0), "id"));
        if (expect.contains("result")) BOOST_TEST(dumpJson(first["result"]) == dumpJson(expect["result"]));
        if (expect.contains("error")) {
            const std::string message = textAt(memberAt(first, "error"), "message");
            BOOST_TEST(message.find(textAt(expect, "error")) != std::string::npos, message);
        }
        if (expect.contains("ran") && !was_interrupted) BOOST_TEST(ran(first) == textAt(expect, "ran"));
        if (expect.contains("sent")) BOOST_TEST(dumpJson(sent()) == dumpJson(expect["sent"]));
        if (expect.contains("runs")) {
            BOOST_TEST(fixture.count("SELECT COUNT(*) FROM runs") == expect["runs"].get<std::int64_t>());
        }
        if (expect.contains("lasted_s") && !was_interrupted) {
            const auto lasted =
                *parseRfc3339(textAt(first, "ended_at")) - *parseRfc3339(textAt(first, "started_at"));
            const double wanted = expect["lasted_s"].get<double>();
            const double seconds = std::chrono::duration<double>(lasted).count();
            BOOST_TEST((seconds >= wanted && seconds < wanted + 15), seconds);
        }
        BOOST_TEST(fixture.count("SELECT COUNT(*) FROM run_waits") == 0);
    }

    EngineFixture fixture;

private:
    void publish(const std::string& name, const Json& flow) {
        std::string nodes;
        for (const auto& [id, node] : memberAt(flow, "nodes").items()) {
            nodes += (nodes.empty() ? "" : ",") + dumpJson(Json(id)) + ":" + dumpJson(node);
        }
        Json graph = Json::parse(flowText(nodes, textAt(flow, "edges")));
        if (flow.contains("settings")) graph["settings"] = flow["settings"];
        for (auto& node : graph["nodes"]) {
            if (node["data"].contains("inside")) node["parentId"] = node["data"]["inside"];
            node["data"].erase("inside");
        }
        BOOST_REQUIRE(fixture.workflows.saveDraft(1, name, dumpJson(graph)).ok());
        const auto published = fixture.workflows.publish(1, name, "test");
        const std::string why = published ? dumpJson(toJson(published->findings)) : published.error().message;
        BOOST_REQUIRE_MESSAGE((published.ok() && published->is_published), why);
    }

    std::vector<Json> inputs() const {
        if (story_.contains("inputs")) return story_["inputs"].get<std::vector<Json>>();
        return {story_.contains("input") ? story_["input"] : Json::object()};
    }

    // The same keys each time, so that a run that was taken before the crash is not started twice.
    void startRuns() {
        int number = 0;
        for (const auto& input : inputs()) {
            std::atomic<bool> is_done{false};
            fixture.engine->startManual({1, names_.back(), input, false, "k" + std::to_string(number++)},
                                        [&](const Result<Id>&) { is_done = true; });
            fixture.until([&] { return is_done.load(); }, "the start is answered");
        }
    }

    // Those that the test started, in their order.
    Json started() {
        Json out = Json::array();
        for (const auto& run : fixture.runs()) {
            if (textAt(run, "workflow") == names_.back()) out.insert(out.begin(), run);
        }
        return out;
    }

    bool isOver() {
        const auto open = fixture.count("SELECT COUNT(*) FROM runs WHERE status IN ('running', 'waiting')");
        const auto all = static_cast<std::size_t>(fixture.count("SELECT COUNT(*) FROM runs"));
        if (open > 0 || all < inputs().size()) return false;
        fixture.untilIdle();  // what follows from the end may start more
        return fixture.count("SELECT COUNT(*) FROM runs WHERE status IN ('running', 'waiting')") == 0 &&
               fixture.engine->stats().offset >= fixture.log.head();
    }

    // Time stands still while the engine works, however slow the machine is: how long a story lasted is its
    // own. A job that is put off until later moves only with the clock, so this waits for a second at most.
    void settle(const std::function<bool()>& has_died) {
        const auto deadline = std::chrono::steady_clock::now() + 1s;
        while (!isAtRest() && !has_died() && std::chrono::steady_clock::now() < deadline) {
            std::this_thread::sleep_for(100us);
        }
    }

    bool isAtRest() {
        const EngineStats stats = fixture.engine->stats();
        if (stats.events_in_flight + stats.timers_in_flight > 0) return false;
        // Asked of the database: the log hears of a commit a moment later.
        if (stats.offset < fixture.count("SELECT COALESCE(MAX(log_offset), 0) FROM events")) return false;
        const auto now = std::to_string(toMicros(fixture.clock.now()));
        return fixture.count("SELECT COUNT(*) FROM runs WHERE status = 'running' OR wake_at <= " + now) == 0;
    }

    void answer() {
        std::vector<std::pair<std::string, std::string>> open;  // run key, text
        fixture.db.store().read([&](Reader& reader) {
            for (const Row& row : reader.query(
                     "SELECT run_key, request FROM noted_effects WHERE is_answered = 0 ORDER BY run_key"))
                open.emplace_back(row.text(0), textAt(Json::parse(row.text(1)), "text"));
        });
        for (const auto& [key, text] : open) {
            const Json& silent = memberAt(story_, "silent");
            if (std::find(silent.begin(), silent.end(), text) != silent.end()) continue;
            std::size_t given = 0;
            fixture.db.store().read([&](Reader& reader) {
                for (const Row& row : reader.query("SELECT request FROM noted_effects WHERE is_answered = 1"))
                    given += textAt(Json::parse(row.text(0)), "text") == text ? 1 : 0;
            });
            const Json& script = memberAt(memberAt(story_, "answers"), text);
            const std::string state = given < script.size() ? script[given] : Json("sent");
            fixture.answerEffect(key, state);
        }
    }

    void cancelWhenDue() {
        if (!story_.contains("cancel_at_s") ||
            fixture.clock.now() - *began_ < std::chrono::seconds(numberAt(story_, "cancel_at_s"))) {
            return;
        }
        for (const auto& run : started()) {
            if (run["status"] != "running" && run["status"] != "waiting") continue;
            std::atomic<bool> is_done{false};
            fixture.engine->cancel(1, *parseId(kRunId, textAt(run, "id")),
                                   [&](const Status&) { is_done = true; });
            fixture.until([&] { return is_done.load(); }, "cancel is answered");
        }
    }

    static std::string ran(const Json& run) {
        std::string out;
        for (const auto& entry : run["nodes"]) {
            const std::string path = textAt(entry, "path");
            out += (out.empty() ? "" : " ") + (path.empty() ? "" : path + "/") + textAt(entry, "node") +
                   (entry.contains("error") ? "!" : "");
        }
        return out;
    }

    Json sent() {
        std::vector<std::string> texts;
        fixture.db.store().read([&](Reader& reader) {
            for (const Row& row : reader.query("SELECT request FROM noted_effects"))
                texts.push_back(textAt(Json::parse(row.text(0)), "text"));
        });
        std::sort(texts.begin(), texts.end());
        return texts;
    }

    const Json& story_;
    std::vector<std::string> names_;
    std::optional<TimePoint> began_;
};

}  // namespace

BOOST_AUTO_TEST_CASE(every_story_ends_as_it_should) {
    const auto all = scenarios();
    BOOST_REQUIRE(!all.empty());
    for (const auto& one : all) {
        BOOST_TEST_CONTEXT(one.file << ": " << textAt(one.story, "what")) {
            Player player(one.story);
            player.play(player.fixture.db.store(), [] { return false; });
            player.check(false);
        }
    }
}

BOOST_AUTO_TEST_CASE(every_story_ends_the_same_when_the_power_fails_after_any_write) {
    for (const auto& one : scenarios()) {
        bool did_die = true;
        for (int writes = 0; did_die && writes < kMostWrites; ++writes) {
            BOOST_TEST_CONTEXT(one.file << ": " << textAt(one.story, "what") << ", power fails after write "
                                        << writes) {
                Player player(one.story);
                DyingStore dying(player.fixture.db.store(), writes);
                did_die = !player.play(dying, [&] { return dying.hasDied(); });
                player.fixture.engine.reset();  // before the store that it was given
                if (!did_die) break;
                player.play(player.fixture.db.store(), [] { return false; });
                player.check(true);
            }
        }
    }
}
