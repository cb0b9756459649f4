// A customer whose person was merged into another one is still the customer: he writes to the business, not
// as it.
#include <boost/test/unit_test.hpp>

#include "tests/support/people_of_gateway.h"

namespace signalbox {
namespace {

const std::string kAccounts = "  - {name: wa, type: whatsapp_cloud, app_secret: " + kAppSecret +
                              ", verify_token: " + kVerifyToken +
                              ", phone_number_id: '1001', access_token: t, base_url: 'http://127.0.0.1:9'}\n";

}  // namespace

BOOST_AUTO_TEST_CASE(a_customer_who_was_merged_writes_as_the_customer_and_not_as_the_business) {
    Gateway gateway(kAccounts);
    const std::string customer = makeUser(gateway, "default", "customer@x.example", "customer");
    gateway.start();
    HttpCall http(gateway.port(), gateway.token());
    for (const char* from : {"4917011111111", "4917022222222"})
        BOOST_REQUIRE_EQUAL(http.send(whatsappText("wa", from, std::string("wamid.") + from, from))->status,
                            200);
    BOOST_REQUIRE(gateway.eventually([&] { return http.json("/api/v1/messages")["items"].size() == 2; }));
    const Json his = http.json("/api/v1/messages")["items"][0],
               other = http.json("/api/v1/messages")["items"][1];
    const std::string person = dumpJson(Json{{"person_id", his["person_id"]}});
    BOOST_REQUIRE_EQUAL(
        http.send({"PATCH", "/api/v1/users/" + customer, {{"content-type", "application/json"}}, person, ""})
            ->status,
        200);
    HttpCall as_customer(gateway.port(), signIn(gateway, "default", "customer@x.example"));

    const auto merged =
        http.post("/api/v1/people/" + textAt(other, "person_id") + "/merge", {{"with", his["person_id"]}});
    BOOST_REQUIRE_MESSAGE(merged.status == 200, merged.body);
    const auto said = as_customer.post(
        "/api/v1/conversations/" + textAt(his, "conversation_id") + "/messages", {{"text", "it is me"}});

    BOOST_REQUIRE_MESSAGE(said.status < 300, said.body);
    BOOST_TEST(parseJson(said.body)->at("direction") == "in");
}

}  // namespace signalbox
