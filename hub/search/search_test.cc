#include "hub/search/search.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <set>

#include "hub/search/indexer.h"
#include "tests/support/hub_fixture.h"
#include "tests/support/test_database.h"

namespace signalbox::search {
namespace {

std::string urlFor(DatabaseKind kind) {
    return kind == DatabaseKind::Sqlite ? "" : PostgresServer::instance().createDatabase();
}

struct SearchFixture : HubFixture {
    explicit SearchFixture(DatabaseKind kind = DatabaseKind::Sqlite) : HubFixture(urlFor(kind)) {}

    void say(const std::string& phone, const std::string& text) {
        clock.advance(std::chrono::seconds(1));
        accept({textFrom(phone, text, "wamid." + std::to_string(++count))});
    }
    void index() {
        while (indexer.step()) {
        }
    }
    void forgetCursor() {
        (void)store->writeAndWait([&](Tx& tx) { saveCursor(tx, "search", 0, clock.now()); });
    }
    SearchPage page(SearchRequest request) { return *search.find(kDefaultOrg, request); }
    SearchRequest ask(const std::string& text, Filters filters = {}) {
        if (filters.kind.empty()) filters.kind = "message";
        return {*parseQuery(text, filters,
                            [](Filters&, std::string_view, std::string_view) -> Status {
                                return Error{ErrorKind::Invalid, "no fields here"};
                            }),
                Order::Newest, 50, ""};
    }
    // The texts found, joined.
    void change(std::string_view sql) {
        (void)store->writeAndWait([&](Tx& tx) { tx.exec(sql, {}); });
    }
    std::string found(const SearchRequest& request, const Visibility& view = kDefaultOrg) {
        std::string out;
        const auto result = search.find(view, request);
        for (const Json& item : result->items) {
            std::string text;
            for (const Json& piece : item["highlight"]) text += textAt(piece, "text");
            out += (out.empty() ? "" : " | ") + text;
        }
        return out;
    }
    std::string found(const std::string& text) { return found(ask(text)); }

    Indexer indexer{*store, clock, log};
    Search search{*store, accounts};
    int count = 0;
};

}  // namespace

BOOST_DATA_TEST_CASE(messages_are_found_by_the_query_language_newest_first, databases(), kind) {
    SearchFixture hub(kind);
    hub.say("+4917012345678", "The invoice is late");
    hub.say("+4917012345678", "Late again: invoices, café!");
    hub.say("+4917012345679", "All paid, thank you");
    hub.index();

    BOOST_TEST(hub.found("late") == "Late again: invoices, café! | The invoice is late");
    BOOST_TEST(hub.found("invoice late") == "The invoice is late");
    BOOST_TEST(hub.found("invoic* -cafe") == "The invoice is late");
    BOOST_TEST(hub.found("\"late again\" OR paid") == "All paid, thank you | Late again: invoices, café!");
    BOOST_TEST(hub.found("\"again late\"") == "");
    BOOST_TEST(hub.found("-late") == "All paid, thank you");
    BOOST_TEST(hub.found("CAFÉ") == "Late again: invoices, café!");
}

BOOST_DATA_TEST_CASE(another_organization_finds_nothing, databases(), kind) {
    SearchFixture hub(kind);
    hub.say("+4917012345678", "secret");
    hub.index();

    BOOST_TEST(hub.found(hub.ask("secret"), kDefaultOrg + 1) == "");
    BOOST_TEST(hub.found("secret") == "secret");
}

BOOST_DATA_TEST_CASE(filters_narrow_down_without_any_word, databases(), kind) {
    SearchFixture hub(kind);
    hub.say("+4917012345678", "first");
    const TimePoint between = hub.clock.now() + std::chrono::milliseconds(500);
    hub.say("+4917012345679", "second");
    hub.index();
    const auto person = parseId(kPersonId, textAt(hub.messages()[0], "person_id"));

    Filters of_person, early, open, closed, sms;
    of_person.person = *person;
    early.to = between;
    open.status = "open";
    closed.status = "closed";
    sms.channel = "sms";

    BOOST_TEST(hub.found(hub.ask("", of_person)) == "second");
    BOOST_TEST(hub.found(hub.ask("", early)) == "first");
    BOOST_TEST(hub.found(hub.ask("", open)) == "second | first");
    BOOST_TEST(hub.found(hub.ask("", closed)) == "");
    BOOST_TEST(hub.found(hub.ask("", sms)) == "");
}

BOOST_DATA_TEST_CASE(a_customer_finds_what_is_said_with_him_and_no_notes, databases(), kind) {
    SearchFixture hub(kind);
    hub.say("+4917012345678", "rain on monday");
    const auto mine = parseId(kPersonId, textAt(hub.messages()[0], "person_id"));
    hub.say("+4917012345679", "rain on tuesday");
    hub.say("+4917012345678", "rain for the team only");
    hub.change("UPDATE messages SET direction = 'internal' WHERE text LIKE '%team%'");
    hub.index();
    const auto customer =
        std::make_shared<const Role>(Role{"customer", Sees::Own, {"messages:read", "search:read"}, {}, true});
    const Visibility view(Caller{kDefaultOrg, 1, 2, *mine, customer, {}});
    const Visibility stranger(Caller{kDefaultOrg, 1, 3, 99, customer, {}});

    BOOST_TEST(hub.found(hub.ask("rain"), view) == "rain on monday");
    BOOST_TEST(hub.found(hub.ask("rain"), stranger) == "");
    BOOST_TEST(hub.found("rain") == "rain for the team only | rain on tuesday | rain on monday");
}

BOOST_DATA_TEST_CASE(what_changes_about_conversations_is_asked_of_them, databases(), kind) {
    SearchFixture hub(kind);
    hub.say("+4917012345678", "ours");
    hub.change("UPDATE conversations SET assignee = 7, priority = 'urgent'");
    hub.say("+4917012345679", "nobody's");
    hub.change("INSERT INTO tags (id, org, name, color, created_at) VALUES (5, 1, 'roof', '', 0)");
    hub.change(
        "INSERT INTO taggings (object_kind, object, tag, created_at) SELECT 'conversation', id, 5, 0"
        " FROM conversations WHERE assignee = 7");
    hub.change(
        "INSERT INTO read_marks (reader, conversation, seq, read_at) SELECT 3, id, 1, 0 FROM conversations"
        " WHERE assignee = 7");
    hub.index();
    Filters ours, free, urgent, tagged, unread;
    ours.agent = 7;
    free.agent = 0;
    urgent.priority = "urgent";
    tagged.tag = "roof";
    unread.is_unread = true;
    SearchRequest not_read = hub.ask("", unread);
    not_read.reader = 3;

    BOOST_TEST(hub.found(hub.ask("", ours)) == "ours");
    BOOST_TEST(hub.found(hub.ask("", free)) == "nobody's");
    BOOST_TEST(hub.found(hub.ask("", urgent)) == "ours");
    BOOST_TEST(hub.found(hub.ask("", tagged)) == "ours");
    BOOST_TEST(hub.found(not_read) == "nobody's");
}

BOOST_DATA_TEST_CASE(pages_follow_each_other_without_gap_or_double, databases(), kind) {
    SearchFixture hub(kind);
    for (int i = 0; i < 7; ++i) hub.say("+4917012345678", "word " + std::to_string(i));
    hub.index();

    for (const Order order : {Order::Newest, Order::Best}) {
        SearchRequest request = hub.ask("word");
        request.order = order;
        request.limit = 3;
        std::set<std::string> ids;
        std::size_t pages = 0;
        do {
            const SearchPage page = hub.page(request);
            for (const Json& item : page.items) BOOST_TEST(ids.insert(textAt(item, "id")).second);
            request.cursor = page.next;
            ++pages;
        } while (!request.cursor.empty());
        BOOST_TEST(ids.size() == 7U);
        BOOST_TEST(pages == 3U);
    }
}

BOOST_AUTO_TEST_CASE(best_first_prefers_where_the_words_are_denser) {
    SearchFixture hub;
    hub.say("+4917012345678", "invoice invoice");
    hub.say("+4917012345678", "a long story in which an invoice plays no part worth speaking of");
    hub.index();

    SearchRequest request = hub.ask("invoice");
    request.order = Order::Best;

    BOOST_TEST(hub.found(request).starts_with("invoice invoice |"));
}

BOOST_DATA_TEST_CASE(what_is_edited_or_deleted_is_found_as_it_is_now, databases(), kind) {
    SearchFixture hub(kind);
    hub.say("+4917012345678", "before");
    hub.index();
    Envelope edit = textFrom("+4917012345678", "after", "wamid.edit");
    edit.kind = EnvelopeKind::Edit;
    edit.target = "wamid.1";
    hub.accept({edit});
    hub.index();

    BOOST_TEST(hub.found("before") == "");
    BOOST_TEST(hub.found("after") == "after");

    Envelope gone = textFrom("+4917012345678", "", "wamid.gone");
    gone.kind = EnvelopeKind::Delete;
    gone.target = "wamid.1";
    hub.accept({gone});
    hub.index();

    BOOST_TEST(hub.found("after") == "");
}

BOOST_DATA_TEST_CASE(people_are_found_by_name_and_number, databases(), kind) {
    SearchFixture hub(kind);
    hub.say("+4917012345678", "hello");
    hub.index();
    Filters people;
    people.kind = "person";

    BOOST_TEST(hub.found(hub.ask("ada", people)) == "Ada");
    BOOST_TEST(hub.found(hub.ask("+49170123*", people)) == "+4917012345678");
}

BOOST_DATA_TEST_CASE(a_rebuild_finds_the_same_and_a_repeated_step_changes_nothing, databases(), kind) {
    SearchFixture hub(kind);
    hub.say("+4917012345678", "hello world");
    hub.index();

    BOOST_TEST(hub.indexer.rebuild() == 2U);  // the message and its person
    BOOST_TEST(hub.found("hello") == "hello world");

    // As after a crash before the cursor was saved.
    hub.forgetCursor();
    Indexer again(*hub.store, hub.clock, hub.log);
    while (again.step()) {
    }
    BOOST_TEST(hub.found("hello") == "hello world");
    hub.say("+4917012345678", "more");
    while (again.step()) {
    }
    BOOST_TEST(hub.found("more") == "more");
}

BOOST_AUTO_TEST_CASE(a_cursor_that_is_none_is_refused) {
    SearchFixture hub;
    SearchRequest request = hub.ask("x");
    request.cursor = "msg_0000000000000";

    BOOST_TEST(!hub.search.find(kDefaultOrg, request).ok());
}

}  // namespace signalbox::search
