// Loops that are longer than a walk: over the rows of a file, over long lists, and over a power failure.
#include "tests/support/dying_store.h"
#include "tests/support/engine_fixture.h"
#include "tests/support/temp_folder.h"
#include "workflow/engine/file_rows.h"

using namespace signalbox;
using namespace signalbox::workflow;

namespace {

constexpr int kRows = 9'000;

struct Fixture : EngineFixture {
    TempFolder folder;
    BlobStore blobs{folder.path()};
    FileRecords records{db.store(), ids, clock, log};
    FileRows file_rows{records, blobs};

    Fixture() {
        BOOST_REQUIRE(blobs.open().ok());
        rows = &file_rows;
    }

    std::string upload(const std::string& bytes) {
        const auto blob = blobs.put(bytes);
        BOOST_REQUIRE(blob.ok());
        NewFile file;
        file.blob = *blob;
        file.name = "rows.csv";
        FileViewer viewer;
        viewer.org = 1;
        viewer.sees_everything = true;
        const auto added = records.add(viewer, file);
        BOOST_REQUIRE_MESSAGE(added.ok(), (added ? "" : added.error().message));
        return idText(kFileId, added->id);
    }
    Json finished(const std::string& id) {
        until([&] { return run(id)["status"] == "succeeded" || run(id)["status"] == "failed"; },
              "the run is over");
        return run(id);
    }
    std::string started(const Json& input) {
        std::string id;
        std::atomic<bool> is_done{false};
        engine->startManual({1, "main", input, false, "once"}, [&](const Result<Id>& run) {
            if (run) id = idText(kRunId, *run);
            is_done = true;
        });
        until([&] { return is_done.load(); }, "the start is answered");
        return id;
    }
};

std::string csv(int rows) {
    std::string out = "name;n\r\n";
    for (int i = 0; i < rows; ++i) out += "row " + std::to_string(i) + ";" + std::to_string(i) + "\r\n";
    return out;
}

const std::string kOverFile =
    R"("t":{"type":"trigger.manual"},"f":{"type":"for_each","file":"{{ item.file }}","on_item_error":"collect"},
       "s":{"type":"set","keep":false,"fields":{"twice":"{{ number(item.n) * 2 }}"}},
       "d":{"type":"set","fields":{"after":true}})";

}  // namespace

BOOST_FIXTURE_TEST_CASE(rows_of_a_file_are_gone_through_in_slices_and_their_results_kept_beside_the_run,
                        Fixture) {
    publish("main", kOverFile, "t>f f:each>s f:done>d");
    start();

    const Json done = finished(started({{"file", upload(csv(kRows))}}));

    BOOST_TEST(textAt(done, "status") == "succeeded", dumpJson(done["error"]));
    BOOST_TEST(done["result"]["count"] == kRows);
    BOOST_TEST(done["result"]["spilled"] == true);
    BOOST_TEST(done["result"]["results"].empty());
    BOOST_TEST(done["result"]["after"] == true);
    BOOST_TEST(count("SELECT MAX(revision) FROM runs") >= 3);  // one for each walk, so each slice
    const Id id = *parseId(kRunId, textAt(done, "id"));
    int seen = 0;
    for (Json next = 0; !next.is_null();) {
        const auto page = listItems(db.store(), 1, id, "f", next.get<std::int64_t>());
        for (const auto& result : (*page)["items"]) BOOST_REQUIRE(result["twice"] == 2 * seen++);
        next = (*page)["next"];
    }
    BOOST_TEST(seen == kRows);
    BOOST_TEST((*listItems(db.store(), 1, id, "f", 4321))["items"][0]["twice"] == 8642);
}

BOOST_FIXTURE_TEST_CASE(a_short_file_gives_its_results_at_once_and_failed_rows_are_told, Fixture) {
    publish("main", kOverFile, "t>f f:each>s f:done>d");
    start();

    const Json done = finished(started({{"file", upload("n,x\n1,a\nmany,b\n3,c")}}));

    BOOST_TEST(dumpJson(done["result"]["results"]) == R"([{"twice":2},{"twice":6}])");
    BOOST_TEST(done["result"]["failed"] == 1);
    BOOST_TEST(done["result"]["errors"][0]["item"]["x"] == "b");
    BOOST_TEST(!done["result"].contains("spilled"));
}

BOOST_FIXTURE_TEST_CASE(a_row_with_a_bad_quote_is_one_failed_item_where_errors_are_collected, Fixture) {
    publish("main", kOverFile, "t>f f:each>s f:done>d");
    start();

    const Json done = finished(started({{"file", upload("x,n\na,1\n\"C\"x,2\nd,3\n")}}));

    BOOST_TEST(textAt(done, "status") == "succeeded", dumpJson(done["error"]));
    BOOST_TEST(dumpJson(done["result"]["results"]) == R"([{"twice":2},{"twice":6}])");
    BOOST_REQUIRE_EQUAL(done["result"]["failed"], 1);
    BOOST_TEST(textAt(done["result"]["errors"][0]["error"], "message") ==
               "f[1]: line 3, column 1: text behind a closing quote: C");
}

BOOST_FIXTURE_TEST_CASE(a_row_with_a_bad_quote_ends_a_loop_that_stops_at_errors, Fixture) {
    const std::string stops = std::string(kOverFile).replace(kOverFile.find("collect"), 7, "stop");
    publish("main", stops, "t>f f:each>s f:done>d");
    start();

    const Json done = finished(started({{"file", upload("x,n\na,1\n\"C\"x,2\nd,3\n")}}));

    BOOST_TEST(textAt(done, "status") == "failed");
    BOOST_TEST(textAt(done["error"], "code") == "bad_row");
    BOOST_TEST(textAt(done["error"], "message").find("line 3, column 1") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_file_that_is_none_is_the_nodes_error, Fixture) {
    publish("main", kOverFile, "t>f f:each>s f:done>d");
    start();

    const Json done = finished(started({{"file", "fil_0000000000001"}}));

    BOOST_TEST(textAt(done, "status") == "failed");
    BOOST_TEST(textAt(done["error"], "code") == "file_not_found");
    BOOST_TEST(textAt(done["error"], "node") == "f");
}

BOOST_AUTO_TEST_CASE(a_long_loop_goes_on_where_the_power_failed) {
    for (int writes = 0; writes < 6; ++writes) {
        Fixture fixture;
        fixture.publish("main", kOverFile, "t>f f:each>s f:done>d");
        const std::string file = fixture.upload(csv(kRows));
        DyingStore dying(fixture.db.store(), writes);
        fixture.start(dying);
        (void)fixture.started({{"file", file}});
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
        while (!dying.hasDied() && fixture.runs("succeeded").empty() &&
               std::chrono::steady_clock::now() < deadline)
            std::this_thread::yield();

        fixture.engine.reset();
        fixture.start();
        const Json done = fixture.finished(fixture.started({{"file", file}}));

        BOOST_TEST(done["result"]["count"] == kRows, "power fails after write " << writes);
        BOOST_TEST(fixture.runs().size() == 1U);
        BOOST_TEST(fixture.count("SELECT COUNT(*) FROM run_items WHERE first_index >= 0") == kRows / 500 - 2);
    }
}

BOOST_FIXTURE_TEST_CASE(a_long_list_does_not_hold_up_other_runs, Fixture) {
    publish("main", R"("t":{"type":"trigger.manual"},"f":{"type":"for_each","items":"item.list","result":"1"},
                       "s":{"type":"set","keep":false,"fields":{"n":"{{ item }}"}})",
            "t>f f:each>s s>f");
    start();
    Json list = Json::array();
    for (int i = 0; i < kRows; ++i) list.push_back(i);

    const Json done = finished(started({{"list", list}}));

    BOOST_TEST(done["result"]["count"] == kRows);
    BOOST_TEST(done["result"]["results"][kRows - 1] == 1);
    BOOST_TEST(count("SELECT MAX(revision) FROM runs") >= 3);  // one for each walk, so each slice
}
