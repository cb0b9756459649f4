#include "workflow/graph/diff.h"

#include <boost/test/unit_test.hpp>

using namespace signalbox;
using namespace signalbox::workflow;

namespace {

const std::string kOld =
    R"({"nodes":[{"id":"a","type":"if","position":{"x":1,"y":1},"data":{"condition":"x","label":"A"}},
    {"id":"b","type":"set","data":{"fields":{"n":1}}}],
    "edges":[{"id":"e","source":"a","target":"b","sourceHandle":null}],"viewport":{"zoom":1}})";

Json diff(const std::string& from, const std::string& to) {
    auto out = diffGraphs(from, to);
    BOOST_REQUIRE_MESSAGE(out.ok(), (out ? "" : out.error().message));
    return std::move(*out);
}

}  // namespace

BOOST_AUTO_TEST_CASE(moving_nodes_and_turning_arrays_round_is_no_logic) {
    const Json out =
        diff(kOld, R"({"viewport":{"zoom":2},"edges":[{"target":"b","source":"a","id":"e","animated":true}],
        "nodes":[{"id":"b","data":{"fields":{"n":1}},"type":"set"},
                 {"id":"a","position":{"x":9,"y":1},"type":"if","data":{"label":"A","condition":"x"}}]})");

    BOOST_TEST(out["is_same"] == true);
    BOOST_TEST(out["layout"] == Json({{"nodes", {"a"}}, {"edges", {"e"}}, {"other", {"viewport"}}}));
}

BOOST_AUTO_TEST_CASE(a_change_names_node_path_and_both_values) {
    const Json out = diff(
        kOld,
        R"({"nodes":[{"id":"a","type":"if","position":{"x":1,"y":1},"data":{"condition":"y","label":"A"}},
        {"id":"c","type":"lua","data":{}}],"edges":[],"settings":{"deadline_s":60},"viewport":{"zoom":1}})");

    BOOST_TEST(out["is_same"] == false);
    BOOST_TEST(out["nodes"]["added"] == Json::array({{{"id", "c"}, {"type", "lua"}}}));
    BOOST_TEST(out["nodes"]["removed"] == Json::array({{{"id", "b"}, {"type", "set"}}}));
    BOOST_TEST(out["nodes"]["changed"][0]["changes"] ==
               Json::array({{{"path", "data.condition"}, {"from", "x"}, {"to", "y"}}}));
    BOOST_TEST(out["edges"]["removed"][0]["id"] == "e");
    BOOST_TEST(out["settings"] == Json::array({{{"path", "settings.deadline_s"}, {"to", 60}}}));
}
