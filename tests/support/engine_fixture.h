// A workflow engine on a database of its own, with a clock that the test moves, a Lua that the test writes in
// C++, and an outbox that only takes notes. `restart` is a new daemon on the same data.
#pragma once

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <map>
#include <mutex>
#include <thread>

#include "tests/support/fake_clock.h"
#include "tests/support/fake_lua.h"
#include "tests/support/flow.h"
#include "tests/support/test_database.h"
#include "workflow/engine/claims.h"
#include "workflow/engine/engine.h"
#include "workflow/engine/run_queries.h"

namespace signalbox::workflow {

// Keeps what was sent in a table, so that it commits and rolls back with the walk.
class NotedEffects : public Effects {
public:
    static void createTable(Store& store) {
        const auto made = store.writeAndWait([](Tx& tx) {
            tx.exec(
                "CREATE TABLE noted_effects (idempotency_key TEXT NOT NULL PRIMARY KEY, run_key TEXT NOT "
                "NULL,"
                " request TEXT NOT NULL, is_answered BIGINT NOT NULL)",
                {});
        });
        BOOST_REQUIRE(made.ok());
    }
    Result<std::function<void(Tx&)>> prepare(const EffectRequest& effect) override {
        if (textAt(effect.request, "account") == "gone") return Error{ErrorKind::NotFound, "no account gone"};
        return std::function<void(Tx&)>([key = effect.idempotency_key, run_key = effect.run_key,
                                         request = dumpJson(effect.request)](Tx& tx) {
            tx.exec(
                "INSERT INTO noted_effects (idempotency_key, run_key, request, is_answered) VALUES ($1, $2, "
                "$3, 0)",
                {key, run_key, request});
        });
    }
};

// "note": {"kind": "note", "text": …} is written down in a table, its id made before the commit.
class NotedActions : public Actions {
public:
    NotedActions(Ids& ids, Store& store) : ids_(ids), claims_(store) {}
    static void createTable(Store& store) {
        const auto made = store.writeAndWait([](Tx& tx) {
            tx.exec(
                "CREATE TABLE noted_actions (id BIGINT NOT NULL PRIMARY KEY, idempotency_key TEXT NOT NULL, "
                "path TEXT NOT NULL, text TEXT NOT NULL)",
                {});
        });
        BOOST_REQUIRE(made.ok());
    }
    Result<PreparedAction> prepare(const ActionRequest& action) override {
        const std::string kind = textAt(action.request, "kind");
        if (kind == "claim.take") return claims_.take(action);
        if (kind == "claim.check") return claims_.check(action);
        if (kind == "slot.take") return claims_.takeSlot(action);
        if (kind == "slot.check") return claims_.checkSlot(action);
        if (kind != "note" && other) return other(action);
        if (kind != "note") return Error{ErrorKind::Invalid, "no such action", {}, "unknown_action"};
        const Id id = ids_.next();
        return PreparedAction{{{"id", id}},
                              [id, key = action.idempotency_key, path = action.path,
                               text = textAt(action.request, "text")](Tx& tx) {
                                  tx.exec(
                                      "INSERT INTO noted_actions (id, idempotency_key, path, text) VALUES "
                                      "($1, $2, $3, $4)",
                                      {id, key, path, text});
                              }};
    }

    std::function<Result<PreparedAction>(const ActionRequest&)> other;  // kinds that a test adds

private:
    Ids& ids_;
    Claims claims_;
};

class NotedResponses : public ResponseSink {
public:
    void respond(std::int64_t offset, HttpResponse response) override {
        std::lock_guard lock(mutex_);
        notes_[offset] += "respond " + response.body + ";";
    }
    void finished(std::int64_t offset) override {
        std::lock_guard lock(mutex_);
        notes_[offset] += "finished;";
    }
    void failed(std::int64_t offset) override {
        std::lock_guard lock(mutex_);
        notes_[offset] += "failed;";
    }
    std::string of(std::int64_t offset) const {
        std::lock_guard lock(mutex_);
        const auto at = notes_.find(offset);
        return at == notes_.end() ? "" : at->second;
    }

private:
    mutable std::mutex mutex_;
    std::map<std::int64_t, std::string> notes_;
};

class EngineFixture {
public:
    explicit EngineFixture(DatabaseKind kind = DatabaseKind::Sqlite) : db(kind) {
        NotedEffects::createTable(db.store());
        NotedActions::createTable(db.store());
        lua.add("echo", [](const Json& item) -> Result<Json> { return item; });
    }
    ~EngineFixture() {
        engine.reset();
        db.store().close();
    }

    void start() { start(db.store()); }
    void start(Store& store) {
        create(store);
        engine->start();
        until([&] { return engine->isReady(); }, "the engine is ready");
    }
    void create() { create(db.store()); }
    void create(Store& store) {
        engine = std::make_unique<Engine>(
            EngineParts{store, clock, ids, log, workflows, effects, &lua, &responses, &actions, rows},
            EngineOptions{});
    }
    void restart() {
        engine.reset();
        start();
    }

    void publish(const std::string& name, const std::string& nodes, const std::string& edges) {
        BOOST_REQUIRE(workflows.saveDraft(1, name, flowText(nodes, edges)).ok());
        const auto published = workflows.publish(1, name, "test");
        BOOST_REQUIRE_MESSAGE((published.ok() && published->is_published),
                              dumpJson(toJson(published->findings)));
    }
    std::int64_t append(const std::string& type, const Json& payload) {
        std::int64_t offset = 0;
        const std::string text = dumpJson(payload);
        BOOST_REQUIRE(db.store()
                          .writeAndWait([&](Tx& tx) {
                              offset = log.append(tx, {1, type, 0, 0, text});
                          })
                          .ok());
        return last_offset = offset;
    }
    std::int64_t webhook(const Json& body = Json::object()) {
        return append("webhook.received", {{"account", "shop"}, {"content", {{"body", body}}}});
    }
    // The provider takes everything that was sent and not yet answered.
    int answerEffects(const std::string& state = "sent") {
        std::vector<std::string> keys;
        db.store().read([&](Reader& reader) {
            for (const Row& row : reader.query("SELECT run_key FROM noted_effects WHERE is_answered = 0"))
                keys.push_back(row.text(0));
        });
        for (const auto& key : keys) answerEffect(key, state);
        return static_cast<int>(keys.size());
    }
    void answerEffect(const std::string& key, const std::string& state) {
        const std::string payload =
            dumpJson({{"run_key", key}, {"state", state}, {"external_id", "x"}, {"error", "refused"}});
        BOOST_REQUIRE(db.store()
                          .writeAndWait([&](Tx& tx) {
                              tx.exec("UPDATE noted_effects SET is_answered = 1 WHERE run_key = $1", {key});
                              last_offset = log.append(tx, {1, "outbox.finished", 0, 0, payload});
                          })
                          .ok());
    }

    std::int64_t count(std::string_view sql) {
        std::int64_t out = 0;
        db.store().read([&](Reader& reader) { out = reader.query(sql).at(0).integer(0); });
        return out;
    }
    Json runs(const std::string& status = "") {
        return listRuns(db.store(), 1, {"", status, 0, 1000})["items"];
    }
    Json run(const std::string& id) { return *showRun(db.store(), 1, *parseId(kRunId, id)); }
    std::size_t runsThatAre(const std::string& status) { return runs(status).size(); }

    // Waits for something that happens on other threads.
    void until(const std::function<bool()>& holds, const char* what) {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (!holds()) {
            BOOST_REQUIRE_MESSAGE(std::chrono::steady_clock::now() < deadline, std::string("never: ") + what);
            std::this_thread::yield();
        }
    }
    void untilIdle() {
        until([&] { return engine->stats().offset >= last_offset; }, "the log is worked off");
    }

    std::int64_t last_offset = 0;
    TestDatabase db;
    FakeClock clock;
    Ids ids{clock, 1};
    EventLog log{db.store(), clock};
    FakeLua lua;
    NotedEffects effects;
    NotedActions actions{ids, db.store()};
    NotedResponses responses;
    RowSource* rows = nullptr;
    WorkflowStore workflows{db.store(), ids, clock, &lua};
    std::unique_ptr<Engine> engine;
};

}  // namespace signalbox::workflow
