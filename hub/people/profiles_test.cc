#include "hub/people/profiles.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/support/outbox_fixture.h"

namespace signalbox {
namespace {

struct ProfileFixture : OutboxFixture {
    explicit ProfileFixture(DatabaseKind kind = DatabaseKind::Sqlite)
        : OutboxFixture(kind == DatabaseKind::Sqlite ? "" : PostgresServer::instance().createDatabase()) {}

    std::int64_t count(const char* sql, Id person) {
        std::int64_t found = 0;
        store->read([&](Reader& reader) { found = reader.query(sql, {person}).at(0).integer(0); });
        return found;
    }
    // Writes one message and gives the person who wrote it.
    Id writer(const std::string& phone, const std::string& external_id) {
        accept({textFrom(phone, "hello", external_id)});
        return *parseId(kPersonId, textAt(messages()[0], "person_id"));
    }
    template <class Change>
    std::string change(Change make) {
        Status outcome = Done{};
        write([&](Tx& tx) { outcome = make(tx); });
        return outcome ? "done" : outcome.error().code;
    }
    std::size_t messagesOf(Id person) {
        MessageFilter filter;
        filter.person = person;
        return listMessages(*store, accounts, kDefaultOrg, filter, {}).items.size();
    }
    const Actor by{kDefaultOrg, 5, 5, "user:ada"};
    Profiles profiles{ids, clock, log, people};
};

void checkWhatHangsOnAPerson(DatabaseKind database) {
    ProfileFixture hub(database);
    const Id first = hub.writer("+4917012345678", "wamid.1"),
             second = hub.writer("+4917087654321", "wamid.2");
    const Id talk = *parseId(kConversationId, textAt(hub.messages()[0], "conversation_id"));
    hub.write([&](Tx& tx) {
        tx.exec(
            "INSERT INTO work_items (id, org, kind, number, title, text, status, priority, person, source,"
            " fields, revision, created_by, created_at, changed_at)"
            " VALUES (700, $1, 'ticket', 1, 't', '', 'open', 'normal', $2, '', '{}', 1, 'test', 1, 1)",
            {kDefaultOrg, second});
        tx.exec(
            "INSERT INTO crm_records (id, org, system, object, external_id, fields, person, revision,"
            " changed_by, created_at, changed_at) VALUES (701, $1, 's', 'o', '1', '{}', $2, 1, 'test', 1, 1)",
            {kDefaultOrg, second});
        for (const auto& [person, role] :
             {std::pair{first, "watcher"}, std::pair{second, "watcher"}, std::pair{second, "participant"}})
            tx.exec(
                "INSERT INTO members (conversation, kind, member, role, added_by, created_at)"
                " VALUES ($1, 'person', $2, $3, 'test', 1)",
                {talk, person, std::string_view(role)});
        for (const auto& [person, object] :
             {std::pair{first, "1"}, std::pair{second, "1"}, std::pair{second, "2"}})
            tx.exec(
                "INSERT INTO object_links (org, object_kind, object_id, subject_kind, subject, linked_by,"
                " created_at) VALUES ($1, 'job', $2, 'person', $3, 'test', 1)",
                {kDefaultOrg, std::string_view(object), person});
    });
    const auto hangs = [&](Id person) {
        return std::vector<std::int64_t>{
            hub.count("SELECT COUNT(*) FROM work_items WHERE person = $1", person),
            hub.count("SELECT COUNT(*) FROM crm_records WHERE person = $1", person),
            hub.count("SELECT COUNT(*) FROM members WHERE kind = 'person' AND member = $1", person),
            hub.count("SELECT COUNT(DISTINCT object_id) FROM object_links WHERE subject = $1", person)};
    };
    const std::vector<std::int64_t> before_first = hangs(first), before_second = hangs(second);

    BOOST_TEST(hub.change([&](Tx& tx) { return hub.profiles.merge(tx, hub.by, 900, first, second); }) ==
               "done");

    BOOST_TEST(hangs(first) == (std::vector<std::int64_t>{1, 1, 2, 2}));
    BOOST_TEST(hub.count("SELECT COUNT(*) FROM members WHERE kind = 'person' AND member = $1", second) == 0);
    hub.store->read([&](Reader& reader) {
        BOOST_TEST(presentPerson(reader, kDefaultOrg, second) == first);
        BOOST_TEST(presentPerson(reader, kDefaultOrg, first) == first);
        BOOST_TEST(presentPerson(reader, kDefaultOrg + 1, first) == 0);
    });
    BOOST_TEST(hub.change([&](Tx& tx) { return hub.profiles.unmerge(tx, hub.by, 900); }) == "done");
    BOOST_TEST(hangs(first) == before_first);
    BOOST_TEST(hangs(second) == before_second);
}

}  // namespace

BOOST_AUTO_TEST_CASE(two_people_become_one_and_two_again) {
    ProfileFixture hub;
    const Id first = hub.writer("+4917012345678", "wamid.1"),
             second = hub.writer("+4917087654321", "wamid.2");

    BOOST_TEST(hub.change([&](Tx& tx) { return hub.profiles.merge(tx, hub.by, 900, first, second); }) ==
               "done");
    BOOST_TEST(hub.messagesOf(first) == 2U);
    BOOST_TEST(hub.writer("+4917087654321", "wamid.3") == first);

    BOOST_TEST(hub.change([&](Tx& tx) { return hub.profiles.unmerge(tx, hub.by, 900); }) == "done");
    BOOST_TEST(hub.messagesOf(second) == 1U);
    BOOST_TEST(hub.messagesOf(first) == 2U);  // the one that came while they were one stays
    BOOST_TEST(hub.writer("+4917087654321", "wamid.4") == second);
    BOOST_TEST(hub.change([&](Tx& tx) { return hub.profiles.unmerge(tx, hub.by, 900); }) == "merge_undone");
}

BOOST_DATA_TEST_CASE(what_hangs_on_a_person_goes_with_him_and_comes_back, databases(), database) {
    checkWhatHangsOnAPerson(database);
}

BOOST_AUTO_TEST_CASE(an_identity_belongs_to_one_person) {
    ProfileFixture hub;
    const Id first = hub.writer("+4917012345678", "wamid.1"),
             second = hub.writer("+4917087654321", "wamid.2");
    const Identity mail{"email", "ada@example.com"};

    BOOST_TEST(hub.change([&](Tx& tx) { return hub.profiles.addIdentity(tx, hub.by, first, mail); }) ==
               "done");
    BOOST_TEST(hub.change([&](Tx& tx) { return hub.profiles.addIdentity(tx, hub.by, second, mail); }) ==
               "identity_taken");
    BOOST_TEST(hub.change([&](Tx& tx) { return hub.profiles.removeIdentity(tx, hub.by, first, mail); }) ==
               "done");
    BOOST_TEST(hub.change([&](Tx& tx) { return hub.profiles.addIdentity(tx, hub.by, second, mail); }) ==
               "done");
}

BOOST_AUTO_TEST_CASE(own_fields_are_set_and_taken_away_one_by_one) {
    ProfileFixture hub;
    const Id person = hub.writer("+4917012345678", "wamid.1");
    const auto set = [&](const Json& custom) {
        ProfileChange change;
        change.custom = custom;
        return hub.change([&](Tx& tx) { return hub.profiles.update(tx, hub.by, person, change); });
    };

    BOOST_TEST(set({{"size", 3}, {"city", "Bonn"}}) == "done");
    BOOST_TEST(set({{"size", nullptr}}) == "done");

    BOOST_TEST(hub.events("person.updated").back()["custom"] == (Json{{"city", "Bonn"}}));
}

}  // namespace signalbox
