// What somebody who may only look on leaves alone, and what is refused and so does not happen, from outside.
#include <boost/test/unit_test.hpp>

#include "tests/support/people_of_gateway.h"

namespace signalbox {
namespace {

const std::string kAccounts = "  - {name: wa, type: whatsapp_cloud, app_secret: " + kAppSecret +
                              ", verify_token: " + kVerifyToken +
                              ", phone_number_id: '1001', access_token: t, base_url: 'http://127.0.0.1:9'}\n";

// Two conversations that are not read yet.
struct Talks : Gateway {
    Talks() : Gateway(kAccounts) {
        makeUser(*this, "default", "eye@x.example", "viewer");
        start();
        HttpCall http(port(), token());
        for (const char* from : {"4917011111111", "4917022222222"})
            BOOST_REQUIRE_EQUAL(
                http.send(whatsappText("wa", from, std::string("wamid.") + from, from))->status, 200);
        BOOST_REQUIRE(eventually([&] { return http.json("/api/v1/messages")["items"].size() == 2; }));
        const Json messages = http.json("/api/v1/messages");
        for (const Json& message : messages["items"]) ids.push_back(textAt(message, "conversation_id"));
    }
    Json one(std::size_t index) {
        return HttpCall(port(), token()).json("/api/v1/conversations/" + ids[index]);
    }

    std::vector<std::string> ids;
};

}  // namespace

BOOST_AUTO_TEST_CASE(who_may_not_send_tells_no_sender_that_he_has_read) {
    Talks talks;
    HttpCall viewer(talks.port(), signIn(talks, "default", "eye@x.example"));
    HttpCall admin(talks.port(), talks.token());
    const std::string read = "/api/v1/conversations/" + talks.ids[0] + "/read";

    const auto refused = viewer.post(read, {{"tell_sender", true}});

    BOOST_TEST(refused.status == 403);
    BOOST_TEST(textAt(*parseJson(refused.body), "code") == "right_missing");
    BOOST_TEST(refused.body.find("messages:send") != std::string::npos);
    BOOST_TEST(viewer.post(read, Json::object()).status == 200);
    BOOST_TEST(admin.post(read, {{"tell_sender", true}}).status == 200);
}

BOOST_AUTO_TEST_CASE(nobody_has_read_what_is_still_to_come) {
    Talks talks;
    HttpCall http(talks.port(), talks.token());
    const std::string read = "/api/v1/conversations/" + talks.ids[0] + "/read";

    const auto marked = http.post(read, {{"unread", true}, {"seq", 1'000'000}});

    BOOST_REQUIRE_EQUAL(marked.status, 200);
    BOOST_TEST(parseJson(marked.body)->at("read_seq") == 1);
    BOOST_REQUIRE_EQUAL(http.send(whatsappText("wa", "4917022222222", "wamid.9", "more"))->status, 200);
    BOOST_REQUIRE_EQUAL(http.send(whatsappText("wa", "4917011111111", "wamid.8", "more"))->status, 200);
    BOOST_TEST(talks.eventually([&] { return talks.one(0)["unread_count"] == 1; }));
}

BOOST_AUTO_TEST_CASE(a_change_of_many_that_is_refused_for_one_leaves_that_one_as_it_was) {
    Talks talks;
    HttpCall http(talks.port(), talks.token());
    const std::string nobody = "usr_0000000000001";

    const Json none = *parseJson(http.post("/api/v1/conversations/bulk",
                                           {{"ids", talks.ids}, {"status", "resolved"}, {"user_id", nobody}})
                                     .body);

    BOOST_TEST(none["changed"] == 0);
    BOOST_TEST(none["results"][0]["ok"] == false);
    for (const std::size_t index : {0U, 1U}) {
        BOOST_TEST(talks.one(index)["status"] == "open");
        BOOST_TEST(talks.one(index)["revision"] == 1);
    }
    // One that is gone does not hold up the others.
    const Json some = *parseJson(
        http.post("/api/v1/conversations/bulk",
                  {{"ids", {"cnv_0000000000001", talks.ids[1]}}, {"status", "resolved"}, {"tags", {"done"}}})
            .body);
    BOOST_TEST(some["changed"] == 1);
    BOOST_TEST(some["results"][0]["error"]["code"] == "not_found");
    BOOST_TEST(some["results"][1]["ok"] == true);
    BOOST_TEST(talks.one(0)["status"] == "open");
    BOOST_TEST(talks.one(1)["status"] == "resolved");
    // The log tells of nothing that did not come about.
    std::size_t told = 0;
    const Json events = http.json("/api/v1/events?limit=200");
    for (const Json& event : events["items"])
        if (textAt(event, "type") == "conversation.status_changed") ++told;
    BOOST_TEST(told == 1U);
}

}  // namespace signalbox
