#include "hub/work/work_items.h"

#include <boost/test/unit_test.hpp>

#include "tests/support/outbox_fixture.h"

namespace signalbox {
namespace {

struct Fixture : OutboxFixture {
    const WorkKind& kind(const char* name) { return *findWorkKind(name); }
    WorkForm form(const char* kind_name, const Json& json) {
        auto form = readWorkForm(kind(kind_name), json);
        BOOST_REQUIRE_MESSAGE(form.ok(), (form ? std::string() : form.error().message));
        return *form;
    }
    Id save(const char* kind_name, const Json& json) {
        auto made = work.prepare(kDefaultOrg, kind(kind_name), form(kind_name, json), "test");
        BOOST_REQUIRE_MESSAGE(made.ok(), (made ? std::string() : made.error().message));
        Id id = 0;
        write([&](Tx& tx) { id = work.save(tx, *made); });
        return id;
    }
    Status change(const char* kind_name, Id id, const Json& json, std::optional<std::int64_t> revision = {}) {
        Status changed = Done{};
        write([&](Tx& tx) {
            changed =
                work.change(tx, kDefaultOrg, kind(kind_name), id, form(kind_name, json), revision, "test");
        });
        return changed;
    }
    Json item(const char* kind_name, Id id) {
        return work.find(kDefaultOrg, kind(kind_name), id).value_or(Json());
    }

    WorkItems work{*store, ids, clock, log};
};

std::string faultOf(const char* kind, const Json& json) {
    const auto form = readWorkForm(*findWorkKind(kind), json);
    return form ? "" : form.error().message;
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(a_ticket_is_numbered_linked_and_told, Fixture) {
    accept({textFrom("+4917012345678", "it is broken", "w.1")});
    const Json message = messages()[0];

    const Id first = save("ticket", {{"title", "broken"}, {"conversation_id", message["conversation_id"]}});
    const Id second = save("ticket", {{"title", "also"}});

    BOOST_TEST(item("ticket", first)["number"] == 1);
    BOOST_TEST(item("ticket", second)["number"] == 2);
    BOOST_TEST(item("ticket", first)["status"] == "open");
    BOOST_TEST(item("ticket", first)["person_id"] == message["person_id"]);
    BOOST_REQUIRE(events("ticket.created").size() == 2U);
    BOOST_TEST(events("ticket.created")[0]["ticket"]["title"] == "broken");
}

BOOST_FIXTURE_TEST_CASE(a_source_reference_is_there_once_however_often_it_is_saved, Fixture) {
    const Id first = save("lead", {{"title", "Ann"}, {"source", "form"}, {"source_reference", "f-1"}});
    const Id again = save("lead", {{"stage", "offer"}, {"source", "form"}, {"source_reference", "f-1"}});
    const Id other = save("lead", {{"title", "Bo"}, {"source", "ad"}, {"source_reference", "f-1"}});

    BOOST_TEST(again == first);
    BOOST_TEST(other != first);
    BOOST_TEST(item("lead", first)["title"] == "Ann");
    BOOST_REQUIRE(events("lead.stage_changed").size() == 1U);
    BOOST_TEST(events("lead.stage_changed")[0]["from_stage"] == "new");
    BOOST_TEST(events("lead.stage_changed")[0]["lead"]["stage"] == "offer");
    BOOST_TEST(events("lead.created").size() == 2U);
}

BOOST_FIXTURE_TEST_CASE(a_change_that_comes_late_is_refused_and_one_that_changes_nothing_is_not_told,
                        Fixture) {
    const Id id = save("task", {{"title", "call back"}});

    BOOST_TEST(change("task", id, {{"status", "done"}}, 1).ok());
    const auto late = change("task", id, {{"title", "other"}}, 1);
    BOOST_TEST(change("task", id, {{"status", "done"}}).ok());

    BOOST_TEST(late.error().code == "changed_meanwhile");
    BOOST_TEST(item("task", id)["title"] == "call back");
    BOOST_TEST(item("task", id)["revision"] == 2);
    BOOST_TEST(!item("task", id)["closed_at"].is_null());
    BOOST_TEST(events("task.status_changed").size() == 1U);
    BOOST_TEST(events("task.updated").empty());
    BOOST_TEST(change("task", id, {{"status", "open"}}).ok());
    BOOST_TEST(item("task", id)["closed_at"].is_null());
}

BOOST_FIXTURE_TEST_CASE(fields_are_merged_and_null_takes_one_away, Fixture) {
    const Id id = save("call", {{"title", "call"}, {"fields", {{"from", "+491"}, {"queue", "sales"}}}});

    BOOST_TEST(
        change("call", id, {{"status", "ended"}, {"fields", {{"queue", nullptr}, {"duration_s", 12}}}}).ok());

    BOOST_TEST(item("call", id)["fields"] == (Json{{"from", "+491"}, {"duration_s", 12}}));
    BOOST_TEST(events("call.started").size() == 1U);
    BOOST_REQUIRE(events("call.ended").size() == 1U);
    BOOST_TEST(events("call.ended")[0]["call"]["duration_s"] == 12);
}

BOOST_FIXTURE_TEST_CASE(links_lead_into_the_same_organization_only, Fixture) {
    const auto made =
        work.prepare(kDefaultOrg, kind("ticket"),
                     form("ticket", {{"title", "x"}, {"person_id", idText(kPersonId, 12345)}}), "test");
    const auto untitled = work.prepare(kDefaultOrg, kind("ticket"), {}, "test");
    const Id id = save("ticket", {{"title", "mine"}});

    BOOST_TEST(made.error().message == "person_id: no such person");
    BOOST_TEST(untitled.error().message == "title: a ticket needs one");
    BOOST_TEST(!work.find(kDefaultOrg + 1, kind("ticket"), id));
    BOOST_TEST(!work.find(kDefaultOrg, kind("task"), id));
}

BOOST_AUTO_TEST_CASE(a_fault_names_its_member) {
    BOOST_TEST(faultOf("ticket", {{"status", "gone"}}) == "status: one of open, pending, resolved, closed");
    BOOST_TEST(faultOf("task", {{"priority", 1}}) == "priority: must be text");
    BOOST_TEST(faultOf("task", {{"due_at", "tomorrow"}}) ==
               "due_at: must be a time such as 2026-11-26T09:00:00Z, or null");
    BOOST_TEST(faultOf("ticket", {{"assignee_id", "msg_0000000000001"}}) ==
               "assignee_id: must be an id (usr_…) or null");
    BOOST_TEST(faultOf("ticket", {{"stage", "x"}}) == "stage: is not a member of a ticket");
    BOOST_TEST(faultOf("lead", {{"stage", ""}}) == "stage: must not be empty");
}

}  // namespace signalbox
