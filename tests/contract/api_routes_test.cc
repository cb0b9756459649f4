// The description of the API and the table of routes say the same: paths, methods, rights.
#include <yaml-cpp/yaml.h>

#include <boost/test/unit_test.hpp>
#include <set>

#include "daemon/app/app.h"
#include "tests/build_places.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_database.h"

namespace signalbox {
namespace {

using Operations = std::set<std::string>;  // «GET /api/v1/messages messages:read»

const Operations kOutsideOfTheRouter = {"GET /healthz public",
                                        "GET /readyz public",
                                        "GET /metrics public",
                                        "GET /hooks/{account} provider",
                                        "POST /hooks/{account} provider",
                                        "POST /webhooks/{path} provider",
                                        "GET /forms/{path} public",
                                        "POST /forms/{path} public",
                                        "GET /api/v1/feed feed:read"};

Operations described() {
    Operations found;
    const YAML::Node document = YAML::LoadFile(std::string(SIGNALBOX_SOURCE_DIR) + "/schemas/openapi.yaml");
    for (const auto& path : document["paths"]) {
        for (const auto& operation : path.second) {
            std::string method = operation.first.as<std::string>();
            if (method == "parameters") continue;
            for (char& c : method) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
            const std::string right =
                operation.second["x-right"] ? operation.second["x-right"].as<std::string>() : "none";
            found.insert(method + ' ' + path.first.as<std::string>() + ' ' + right);
        }
    }
    return found;
}

Operations served() {
    TempDir dir;
    AppOptions options;
    options.store.url = newDatabaseUrl(dir);
    options.data = dir.path();
    options.server.port = 0;
    auto app = App::create(std::move(options));
    const std::string failure = app ? "" : app.error().message;
    BOOST_REQUIRE_EQUAL(failure, "");
    Operations found = kOutsideOfTheRouter;
    for (const api::Route& route : (*app)->routes())
        found.insert(route.method + ' ' + route.pattern + ' ' + route.right);
    return found;
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_route_is_described_and_every_description_is_served_with_the_same_right) {
    const Operations in_description = described();
    const Operations in_program = served();

    for (const auto& operation : in_program) {
        BOOST_TEST(in_description.count(operation) == 1, "served, not described: " << operation);
    }
    for (const auto& operation : in_description) {
        BOOST_TEST(in_program.count(operation) == 1, "described, not served: " << operation);
    }
}

}  // namespace signalbox
