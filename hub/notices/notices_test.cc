#include "hub/notices/escalations.h"

#include <boost/test/unit_test.hpp>

#include "tests/support/hub_fixture.h"

namespace signalbox {
namespace {

struct Fixture : HubFixture {
    Fixture() {
        write([&](Tx& tx) {
            for (const auto& [id, email, state] :
                 {std::tuple<Id, const char*, const char*>{11, "ann@x.test", "active"},
                  {12, "bob@x.test", "active"},
                  {13, "old@x.test", "disabled"}})
                tx.exec(
                    "INSERT INTO users (id, org, email, name, role, state, password, created_at, changed_at)"
                    " VALUES ($1, 1, $2, '', 'agent', $3, '', 0, 0)",
                    {id, std::string_view(email), std::string_view(state)});
            tx.exec("INSERT INTO teams (id, org, name, created_at) VALUES ($1, 1, 'on-call', 0)", {Id{21}});
            for (const Id user : {11, 12, 13})
                tx.exec("INSERT INTO team_members (team, user_id, org) VALUES (21, $1, 1)", {user});
        });
    }
    void write(const Writes& writes) { BOOST_REQUIRE(store->writeAndWait(writes).ok()); }
    Result<std::vector<Recipient>> find(const std::vector<std::string>& texts) {
        Result<std::vector<Recipient>> found{std::vector<Recipient>{}};
        store->read([&](Reader& reader) { found = findRecipients(reader, kDefaultOrg, texts); });
        return found;
    }
    Json unread(Id user) { return listNotices(*store, user, true, {}).items; }

    Notices notices{ids, clock, log};
    Escalations escalations{*store, clock, log, notices};
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(a_team_means_its_active_members_each_once, Fixture) {
    const auto found = find({"on-call", "ANN@x.test", idText(kUserId, 12)});

    BOOST_REQUIRE(found.ok());
    BOOST_TEST(found->size() == 2U);
    BOOST_TEST(find({"old@x.test"}).error().message.starts_with("to: \"old@x.test\" is no active user"));
    BOOST_TEST(!find({"nobody"}).ok());
}

BOOST_FIXTURE_TEST_CASE(a_notice_is_each_users_own_and_an_event_that_says_little, Fixture) {
    write([&](Tx& tx) {
        notices.add(tx, {kDefaultOrg, "New lead", "secret text", "", "workflow:w"}, *find({"on-call"}));
    });
    const Id first = *parseId(kNoticeId, textAt(unread(11)[0], "id"));
    bool is_foreign = true;
    write([&](Tx& tx) { is_foreign = notices.markRead(tx, 12, first); });
    write([&](Tx& tx) { (void)notices.markRead(tx, 11, first); });

    BOOST_TEST(!is_foreign);
    BOOST_TEST(unread(11).empty());
    BOOST_TEST(unread(12).size() == 1U);
    BOOST_TEST(listNotices(*store, 11, false, {}).items.size() == 1U);
    settle();
    const auto events = log.after(0, 10);
    BOOST_REQUIRE(events.size() == 2U);
    BOOST_TEST(events[0]->payload.find("secret text") == std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(who_takes_an_escalation_first_has_it_and_nobody_else_is_told, Fixture) {
    const NewEscalation made{ids.next(),
                             7,
                             "alarm",
                             "e",
                             "",
                             R"([{"to":"ann@x.test"},{"to":"on-call"}])",
                             {kDefaultOrg, "Down", "", "", "workflow:alarm"}};
    write([&](Tx& tx) { escalations.begin(tx, made, *find({"ann@x.test"})); });
    const Actor bob{kDefaultOrg, 12, 12, "user:bob"};
    Status first = Done{}, second = Done{};
    write([&](Tx& tx) { first = escalations.acknowledge(tx, bob, made.id); });
    write([&](Tx& tx) { second = escalations.acknowledge(tx, bob, made.id); });
    const auto now = escalations.of(7, "e", "");
    write([&](Tx& tx) { escalations.moveOn(tx, *now, 1, *find({"on-call"})); });

    BOOST_TEST(first.ok());
    BOOST_TEST(second.error().code == "escalation_over");
    BOOST_TEST(now->state == "acknowledged");
    BOOST_TEST(unread(11).empty());
    BOOST_TEST(unread(12).empty());
    BOOST_TEST(textAt(*escalations.find(kDefaultOrg, made.id), "taken_by") == "user:bob");
}

BOOST_FIXTURE_TEST_CASE(a_step_is_told_once_whatever_is_repeated, Fixture) {
    const NewEscalation made{ids.next(),
                             7,
                             "alarm",
                             "e",
                             "loop[0]",
                             R"([{"to":"ann@x.test"},{"to":"bob@x.test"}])",
                             {kDefaultOrg, "Down", "", "", "workflow:alarm"}};
    write([&](Tx& tx) { escalations.begin(tx, made, *find({"ann@x.test"})); });
    const auto before = escalations.of(7, "e", "loop[0]");
    for (int i = 0; i < 2; ++i)
        write([&](Tx& tx) { escalations.moveOn(tx, *before, 1, *find({"bob@x.test"})); });
    write([&](Tx& tx) { escalations.close(tx, made.id); });

    BOOST_TEST(unread(12).size() == 1U);
    BOOST_TEST(escalations.list(kDefaultOrg, "over", {}).items.size() == 1U);
    BOOST_TEST(!escalations.of(8, "e", "loop[0]").has_value());
}

}  // namespace signalbox
