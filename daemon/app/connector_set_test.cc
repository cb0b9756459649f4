#include "daemon/app/connector_set.h"

#include <boost/test/unit_test.hpp>

#include "tests/support/fake_clock.h"
#include "tests/support/schema_defaults.h"

namespace signalbox {
namespace {

struct Fixture {
    ConnectorSet::Entry entry(Id id, Json config, const std::string& hook = "") {
        auto account = std::make_shared<Account>();
        account->id = id;
        account->name = "erp" + std::to_string(id);
        account->type = account->channel = "http";
        const std::string& schema = findConnectorType("http")->config_schema;
        return {std::move(account), testing::withDefaults(schema, std::move(config)), hook, nullptr};
    }
    Status replace(const std::vector<ConnectorSet::Entry>& entries) {
        prepared.clear();
        return set.replace(entries, *http, clock, {},
                           [&](const ConnectedAccount& one) { prepared.push_back(one.account->id); });
    }

    FakeClock clock;
    std::unique_ptr<HttpClient> http = makeHttpClient({});
    ConnectorSet set;
    std::vector<Id> prepared;
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(a_change_of_one_account_leaves_the_connectors_of_the_others_alone, Fixture) {
    const Json secret = {{"base_url", "https://erp.example"}, {"bearer_token", "one"}};
    BOOST_REQUIRE(replace({entry(1, Json::object()), entry(2, secret), entry(3, Json::object(), "hook")}));
    BOOST_TEST(prepared == (std::vector<Id>{1, 2, 3}));
    const ConnectedRef first = set.byId(1), second = set.byId(2), third = set.byId(3);
    Json other = secret;
    other["bearer_token"] = "two";

    BOOST_REQUIRE(replace({entry(1, Json::object()), entry(2, other), entry(3, Json::object(), "hook2")}));

    BOOST_TEST(prepared == (std::vector<Id>{2, 3}));
    BOOST_TEST(set.byId(1) == first);
    BOOST_TEST(set.byId(2) != second);
    BOOST_TEST(set.byId(3) != third);
    BOOST_TEST(set.byHook("erp1") == first);
    BOOST_TEST(set.byHook("hook") == nullptr);
    BOOST_TEST(set.byHook("hook2") == set.byId(3));
    BOOST_REQUIRE(replace({entry(2, other)}));
    BOOST_TEST(prepared.empty());
    BOOST_TEST(set.byId(1) == nullptr);
}

}  // namespace signalbox
