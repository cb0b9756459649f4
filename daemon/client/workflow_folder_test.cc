#include "daemon/client/workflow_folder.h"

#include <boost/test/unit_test.hpp>
#include <fstream>

#include "base/json.h"
#include "tests/support/temp_folder.h"

namespace signalbox::client {
namespace {

const std::string kGraph = R"({"viewport":{"x":1,"y":2.5,"zoom":1},"custom":[1],"settings":{"deadline_s":60},
 "nodes":[{"id":"z","type":"trigger.manual","position":{"x":0,"y":0},"data":{"label":"Start"},"measured":{"width":10}},
          {"id":"a/1","type":"lua","position":{"x":9,"y":0},"data":{"source":"function run(item)\n  return item\nend\n"}}],
 "edges":[{"id":"e","source":"z","target":"a/1","sourceHandle":null,"animated":true}]})";

}  // namespace

BOOST_AUTO_TEST_CASE(a_workflow_in_files_is_the_same_values_in_the_same_order) {
    const auto files = splitWorkflow(kGraph);

    BOOST_TEST(files.at("scripts/a_1.lua") == "function run(item)\n  return item\nend\n");
    BOOST_TEST(files.at("workflow.json").find("position") == std::string::npos);
    const auto joined = joinWorkflow(files);
    BOOST_REQUIRE(joined.ok());
    BOOST_TEST(*parseJson(*joined) == *parseJson(kGraph));
}

BOOST_AUTO_TEST_CASE(moving_a_node_changes_the_layout_only) {
    auto moved = *parseJson(kGraph);
    moved["nodes"][0]["position"]["x"] = 500;
    std::swap(moved["nodes"][0], moved["nodes"][1]);

    const auto before = splitWorkflow(kGraph), after = splitWorkflow(dumpJson(moved));

    BOOST_TEST(before.at("workflow.json") == after.at("workflow.json"));
    BOOST_TEST(before.at("layout.json") != after.at("layout.json"));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_split_stays_as_it_came) {
    for (const std::string& text :
         {std::string(R"({"data":{"nodes":[],"edges":[]}})"), std::string("app: x\n"),
          std::string(R"({"nodes":[{"id":1}]})"), std::string(R"({"nodes":[{"id":"a"},{"id":"a"}]})")}) {
        const auto files = splitWorkflow(text);
        BOOST_TEST(files.size() == 1u);
        BOOST_TEST(*joinWorkflow(files) == text);
    }
}

BOOST_AUTO_TEST_CASE(a_folder_is_written_read_and_loses_what_is_gone) {
    TempFolder temp;
    const std::filesystem::path folder = temp.file("flow");
    BOOST_REQUIRE(writeFolder(folder, splitWorkflow(kGraph)).ok());
    BOOST_TEST(*parseJson(*joinWorkflow(*readFolder(folder))) == *parseJson(kGraph));

    BOOST_REQUIRE(writeFolder(folder, splitWorkflow(R"({"nodes":[],"edges":[]})")).ok());
    BOOST_TEST(!std::filesystem::exists(folder / "scripts/a_1.lua"));

    std::ofstream(folder / "workflow.json")
        << R"({"nodes":[{"id":"a","data":{"source":{"$file":"../secret.lua"}}}]})";
    BOOST_TEST(!joinWorkflow(*readFolder(folder)).ok());
}

}  // namespace signalbox::client
