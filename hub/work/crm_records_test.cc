#include "hub/work/crm_records.h"

#include <boost/test/unit_test.hpp>

#include "tests/support/hub_fixture.h"

namespace signalbox {
namespace {

struct Fixture : HubFixture {
    CrmRecords::Change put(const Json& form) {
        auto upsert = readCrmUpsert(form);
        BOOST_REQUIRE(upsert.ok());
        upsert->org = kDefaultOrg;
        upsert->id = ids.next();
        upsert->author = "workflow:w";
        CrmRecords::Change change;
        BOOST_REQUIRE(store->writeAndWait([&](Tx& tx) { change = records.put(tx, *upsert); }).ok());
        settle();
        return change;
    }
    Json lastEvent() {
        Json last;
        for (const auto& record : log.after(0, 100)) last = Json::parse(record->payload);
        return last;
    }
    CrmRecords records{*store, clock, log};
};

const Json kDeal = {{"system", "hubspot"},
                    {"object", "deal"},
                    {"external_id", 991},
                    {"fields", {{"stage", "offer"}, {"sum", 5}}}};

}  // namespace

BOOST_FIXTURE_TEST_CASE(the_same_id_changes_the_first_record_and_tells_what_is_new, Fixture) {
    const auto made = put(kDeal);
    const auto changed = put({{"system", "hubspot"},
                              {"object", "deal"},
                              {"external_id", "991"},
                              {"fields", {{"stage", "won"}, {"sum", nullptr}}}});

    BOOST_TEST(made.change == "created");
    BOOST_TEST(changed.change == "updated");
    BOOST_TEST(changed.id == made.id);
    const Json event = lastEvent();
    BOOST_TEST(event["id"] == "991");
    BOOST_TEST(dumpJson(event["changed"]) == R"(["stage","sum"])");
    BOOST_TEST(dumpJson(event["previous"]) == R"({"stage":"offer","sum":5})");
    BOOST_TEST(dumpJson((*records.find(kDefaultOrg, made.id))["fields"]) == R"({"stage":"won"})");
}

BOOST_FIXTURE_TEST_CASE(a_record_that_is_put_as_it_is_tells_nothing, Fixture) {
    put(kDeal);
    const auto again = put(kDeal);

    BOOST_TEST(again.change == "unchanged");
    BOOST_TEST(eventTypes().size() == 1U);
    BOOST_TEST(records.list(kDefaultOrg, {"hubspot"}, {}).items.size() == 1U);
    BOOST_TEST(records.list(kDefaultOrg, {"other"}, {}).items.empty());
}

BOOST_AUTO_TEST_CASE(what_is_wrong_with_a_record_is_named) {
    BOOST_TEST(readCrmUpsert({{"object", "deal"}}).error().message == "external_id: must be 1 to 256 bytes");
    BOOST_TEST(readCrmUpsert({{"external_id", "1"}}).error().message == "object: is missing");
    BOOST_TEST(readCrmUpsert({{"object", "deal"}, {"external_id", "1"}, {"stage", "x"}}).error().message ==
               "stage: is no member of a record");
}

}  // namespace signalbox
