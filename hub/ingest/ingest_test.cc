#include "hub/ingest/ingest.h"

#include <boost/test/unit_test.hpp>
#include <thread>

#include "hub/ingest/quarantine.h"
#include "hub/ingest/text.h"
#include "tests/support/hub_fixture.h"

namespace signalbox {
namespace {

Envelope about(EnvelopeKind kind, const std::string& target, const std::string& text,
               const std::string& key) {
    Envelope envelope;
    envelope.kind = kind;
    envelope.target = target;
    envelope.text = text;
    envelope.dedup_key = envelope.external_id = key;
    envelope.from = {{{"phone", "+491701"}}, "Ada"};
    return envelope;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_text_becomes_a_message_a_person_a_conversation_and_an_event) {
    HubFixture hub;

    const Ingested result = hub.accept({textFrom("+4917012345678", "hello", "wamid.1")});

    BOOST_TEST(result.new_envelopes == 1);
    BOOST_TEST(result.first_offset == 1);
    const Json messages = hub.messages();
    BOOST_REQUIRE(messages.size() == 1);
    BOOST_TEST(messages[0]["text"] == "hello");
    BOOST_TEST(messages[0]["status"] == "received");
    BOOST_TEST(messages[0]["direction"] == "in");
    BOOST_TEST(messages[0]["account"] == "wa");
    BOOST_TEST(messages[0]["external_id"] == "wamid.1");
    const auto records = hub.log.after(0, 10);
    BOOST_REQUIRE(records.size() == 1);
    const auto payload = parseJson(records[0]->payload);
    BOOST_REQUIRE(payload.ok());
    BOOST_TEST((*payload)["first_contact"] == true);
    BOOST_TEST((*payload)["message"]["text"] == "hello");
    BOOST_TEST((*payload)["message"]["from"]["phone"] == "+4917012345678");
}

BOOST_AUTO_TEST_CASE(the_same_callback_again_changes_nothing_and_keeps_no_second_raw_request) {
    HubFixture hub;
    hub.accept({textFrom("+4917012345678", "hello", "wamid.1")});

    const Ingested again = hub.accept({textFrom("+4917012345678", "hello", "wamid.1")});

    BOOST_TEST(again.new_envelopes == 0);
    BOOST_TEST(again.duplicates == 1);
    BOOST_TEST(again.request == 0);
    BOOST_TEST(hub.messages().size() == 1);
    BOOST_TEST(hub.eventTypes().size() == 1);
}

BOOST_AUTO_TEST_CASE(equal_bodies_without_an_id_are_one_happening_for_a_day) {
    HubFixture hub;
    const auto beat = [&](const std::string& key) {
        return hub.accept({about(EnvelopeKind::Event, "", "alive", key)}).new_envelopes;
    };
    BOOST_TEST(beat("body:a") == 1);
    hub.clock.advance(std::chrono::hours(23));
    BOOST_TEST(beat("body:a") == 0);
    hub.clock.advance(std::chrono::hours(2));
    BOOST_TEST(beat("body:a") == 1);
    BOOST_TEST(beat("body:a") == 0);

    BOOST_TEST(beat("id:a") == 1);
    hub.clock.advance(std::chrono::hours(48));
    BOOST_TEST(beat("id:a") == 0);  // what has an id is the same for ever
}

BOOST_AUTO_TEST_CASE(the_same_message_from_eight_threads_at_once_is_stored_once) {
    HubFixture hub;
    std::vector<std::thread> threads;

    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] {
            for (int n = 0; n < 20; ++n)
                hub.accept({textFrom("+4917012345678", "hi", "wamid." + std::to_string(n))});
        });
    }
    for (auto& thread : threads) thread.join();

    BOOST_TEST(hub.messages().size() == 20);
    BOOST_TEST(hub.eventTypes().size() == 20);
    BOOST_TEST(listConversations(*hub.store, hub.accounts, kDefaultOrg, {}, {}).items.size() == 1);
}

BOOST_AUTO_TEST_CASE(statuses_only_move_up_whatever_their_order) {
    HubFixture hub;
    Envelope echo = textFrom("+4917012345678", "our words", "wamid.out");
    echo.direction = Direction::Outbound;
    hub.accept({echo});

    hub.accept({statusOf("wamid.out", DeliveryState::Read, "2026-01-05T09:00:03Z")});
    hub.accept({statusOf("wamid.out", DeliveryState::Delivered, "2026-01-05T09:00:02Z")});
    hub.accept({statusOf("wamid.out", DeliveryState::Failed, "2026-01-05T09:00:04Z")});

    BOOST_TEST(hub.messages()[0]["status"] == "read");
    const auto id = parseId(kMessageId, hub.messages()[0]["id"].get<std::string>());
    const auto message = findMessage(*hub.store, hub.accounts, kDefaultOrg, *id);
    BOOST_TEST((*message)["history"].size() == 3);
    BOOST_TEST((*message)["deliveries"][0]["state"] == "read");
}

BOOST_AUTO_TEST_CASE(a_status_that_comes_before_its_message_waits_for_it) {
    HubFixture hub;
    hub.accept({statusOf("wamid.late", DeliveryState::Delivered, "2026-01-05T09:00:02Z")});
    BOOST_TEST(hub.eventTypes().empty());

    Envelope echo = textFrom("+4917012345678", "our words", "wamid.late");
    echo.direction = Direction::Outbound;
    hub.accept({echo});

    BOOST_TEST(hub.messages()[0]["status"] == "delivered");
}

BOOST_AUTO_TEST_CASE(reactions_edits_and_deletes_change_their_target_and_add_no_line) {
    HubFixture hub;
    hub.accept({textFrom("+4917012345678", "helo", "wamid.1")});

    hub.accept({about(EnvelopeKind::Reaction, "wamid.1", "👍", "r1")});
    hub.accept({about(EnvelopeKind::Edit, "wamid.1", "hello", "e1")});
    BOOST_TEST(hub.messages().size() == 1);
    BOOST_TEST(hub.messages()[0]["text"] == "hello");
    BOOST_TEST(hub.messages()[0]["reactions"][0]["emoji"] == "👍");

    hub.accept({about(EnvelopeKind::Reaction, "wamid.1", "", "r2")});
    hub.accept({about(EnvelopeKind::Delete, "wamid.1", "", "d1")});
    BOOST_TEST(hub.messages()[0]["reactions"].empty());
    BOOST_TEST(hub.messages()[0].contains("deleted_at"));
}

BOOST_AUTO_TEST_CASE(one_person_is_known_by_phone_and_user_id_once_a_message_carries_both) {
    HubFixture hub;
    Envelope by_phone = textFrom("+4917012345678", "one", "wamid.1");
    Envelope by_user_id = textFrom("US.1234", "two", "wamid.2");
    by_user_id.from.identities = {{"wa_user_id", "US.1234"}};
    Envelope by_both = textFrom("+4917012345678", "three", "wamid.3");
    by_both.from.identities.push_back({"wa_user_id", "US.1234"});

    hub.accept({by_phone});
    hub.accept({by_user_id});
    BOOST_TEST(listPeople(*hub.store, kDefaultOrg, "", {}).items.size() == 2);
    hub.accept({by_both});

    const Json people = listPeople(*hub.store, kDefaultOrg, "", {}).items;
    BOOST_REQUIRE(people.size() == 1);
    BOOST_TEST(people[0]["identities"].size() == 2);
    for (const Json& message : hub.messages()) BOOST_TEST(message["person_id"] == people[0]["id"]);
}

BOOST_AUTO_TEST_CASE(a_mexican_number_with_and_without_the_1_is_one_person) {
    HubFixture hub;

    hub.accept({textFrom("+5215512345678", "uno", "wamid.1")});
    hub.accept({textFrom("+525512345678", "dos", "wamid.2")});

    BOOST_TEST(listPeople(*hub.store, kDefaultOrg, "", {}).items.size() == 1);
    BOOST_TEST(listConversations(*hub.store, hub.accounts, kDefaultOrg, {}, {}).items.size() == 1);
}

BOOST_AUTO_TEST_CASE(national_numbers_are_read_with_the_accounts_country) {
    BOOST_TEST(*normalizePhone("0170 1234567", "DE") == "+491701234567");
    BOOST_TEST(*normalizePhone("(415) 555-2671", "US") == "+14155552671");
    BOOST_TEST(*normalizePhone("+49 170 1234567", "") == "+491701234567");
    BOOST_TEST(!normalizePhone("call me", "DE"));
    BOOST_TEST(!normalizePhone("", ""));
}

BOOST_AUTO_TEST_CASE(what_was_not_understood_is_kept_listed_and_leaves_quarantine_when_replayed) {
    HubFixture hub;
    const Ingested kept = hub.accept({}, "wa", "entry[0]: no changes");
    BOOST_REQUIRE(listQuarantined(*hub.store, {kDefaultOrg}, 10).size() == 1);
    const auto loaded = loadQuarantined(*hub.store, kDefaultOrg, kept.request);
    BOOST_TEST(loaded->request.body == "{}");
    BOOST_TEST(loaded->request.headers.get("content-type") == "application/json");
    const Id account = hub.accounts.byName("wa")->id;
    constexpr Id kAda = 71;
    BOOST_TEST(listQuarantined(*hub.store, {kDefaultOrg, 0, account}, 10).size() == 1);
    BOOST_TEST(listQuarantined(*hub.store, {kDefaultOrg, 0, account + 1}, 10).empty());
    BOOST_TEST(listQuarantined(*hub.store, {kDefaultOrg, 0, 0, kAda}, 10).empty());
    (void)hub.store->writeAndWait([&](Tx& tx) {
        tx.exec("UPDATE accounts SET owner = $1 WHERE id = $2", {kAda, account});
    });
    BOOST_TEST(listQuarantined(*hub.store, {kDefaultOrg, 0, 0, kAda}, 10).size() == 1);
    BOOST_TEST(listQuarantined(*hub.store, {kDefaultOrg, 0, 0, kAda + 1}, 10).empty());

    std::promise<void> done;
    hub.ingest.acceptAgain(hub.accounts.byName("wa"), kept.request,
                           {textFrom("+4917012345678", "hi", "wamid.1")}, "",
                           [&](const Result<Ingested>&) { done.set_value(); });
    done.get_future().get();

    BOOST_TEST(listQuarantined(*hub.store, {kDefaultOrg}, 10).empty());
    BOOST_TEST(hub.messages().size() == 1);
}

BOOST_AUTO_TEST_CASE(a_request_without_an_id_leaves_quarantine_once_however_often_it_is_replayed) {
    HubFixture hub;
    const Ingested kept = hub.accept({}, "wa", "body: no JSON");
    Envelope event;
    event.kind = EnvelopeKind::Event;
    event.event_type = "webhook.received";
    std::vector<std::promise<Ingested>> replays(3);

    for (auto& replay : replays)
        hub.ingest.acceptAgain(hub.accounts.byName("wa"), kept.request, {event}, "",
                               [&](const Result<Ingested>& result) { replay.set_value(*result); });
    std::int64_t stored = 0, duplicates = 0;
    for (auto& replay : replays) {
        const Ingested result = replay.get_future().get();
        stored += result.new_envelopes;
        duplicates += result.duplicates;
    }

    BOOST_TEST(stored == 1);
    BOOST_TEST(duplicates == 2);
    const auto types = hub.eventTypes();
    BOOST_TEST(std::count(types.begin(), types.end(), "webhook.received") == 1);
}

BOOST_AUTO_TEST_CASE(what_never_was_in_quarantine_is_not_replayed) {
    HubFixture hub;
    const Ingested taken = hub.accept({textFrom("+4917012345678", "hi", "wamid.1")});

    BOOST_TEST(!loadQuarantined(*hub.store, kDefaultOrg, taken.request));
}

BOOST_AUTO_TEST_CASE(files_are_fetched_by_jobs_of_their_own) {
    HubFixture hub;
    Envelope image = textFrom("+4917012345678", "look", "wamid.1");
    image.type = "image";
    image.attachments.push_back({"image", "media-1", "", "image/jpeg", "", "look", "", false});

    hub.accept({image});

    BOOST_TEST(hub.media.wanted_media == std::vector<std::string>{"media-1"});
    BOOST_TEST(hub.messages()[0]["attachments"][0]["state"] == "wanted");
}

BOOST_AUTO_TEST_CASE(text_of_foreign_origin_becomes_valid_utf8_without_control_characters) {
    BOOST_TEST(cleanText("a\r\nb\rc\td") == "a\nb\nc\td");
    BOOST_TEST(cleanText(std::string("x\0y", 3)) == "x\xEF\xBF\xBDy");
    BOOST_TEST(cleanText("\xC3\x28") == "\xEF\xBF\xBD(");
    BOOST_TEST(cleanText("\xED\xA0\x80") == "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
    BOOST_TEST(cleanText("grüße 👍") == "grüße 👍");
}

BOOST_AUTO_TEST_CASE(a_consumer_that_starts_late_reads_the_log_from_the_database_without_a_gap) {
    HubFixture hub;
    for (int i = 0; i < 50; ++i) hub.accept({textFrom("+4917012345678", "n", "wamid." + std::to_string(i))});

    EventLog late(*hub.store, hub.clock, 4);

    BOOST_TEST(late.head() == 50);
    std::int64_t expected = 0;
    for (std::int64_t at = 0; at < 50;) {
        const auto records = late.after(at, 7);
        BOOST_REQUIRE(!records.empty());
        for (const auto& record : records) BOOST_TEST(record->offset == ++expected);
        at = records.back()->offset;
    }
    hub.store->close();  // before `late`, which hears of commits, is gone
}

BOOST_AUTO_TEST_CASE(records_that_are_too_large_for_the_memory_are_read_from_the_database) {
    HubFixture hub;
    const std::string large = dumpJson({{"text", std::string(2'000'000, 'x')}});
    for (int i = 0; i < 20; ++i) {
        const auto written = hub.store->writeAndWait([&](Tx& tx) {
            hub.log.append(tx, {kDefaultOrg, "test.event", 0, 0, large});
        });
        BOOST_REQUIRE(written.ok());
    }

    std::int64_t seen = 0;
    for (auto records = hub.log.after(0, 3); !records.empty(); records = hub.log.after(seen, 3)) {
        for (const auto& record : records) {
            BOOST_TEST(record->offset == ++seen);
            BOOST_TEST(record->payload.size() == large.size());
        }
    }
    BOOST_TEST(seen == 20);
}

BOOST_AUTO_TEST_CASE(a_refused_write_beside_good_ones_leaves_no_hole_in_the_log) {
    HubFixture hub;
    std::vector<std::future<void>> waiting;
    for (int i = 0; i < 40; ++i) {
        auto done = std::make_shared<std::promise<void>>();
        waiting.push_back(done->get_future());
        const bool is_bad = i % 3 == 0;
        hub.store->write(
            [&hub, is_bad](Tx& tx) {
                hub.log.append(tx, {kDefaultOrg, "test.event", 0, 0, "{}"});
                if (is_bad) throw StoreError(StoreError::Kind::Constraint, "refused on purpose");
            },
            [done](const Status&) { done->set_value(); });
    }
    for (auto& one : waiting) one.get();
    hub.settle();

    std::int64_t expected = 0;
    for (const auto& record : hub.log.after(0, 1'000)) BOOST_TEST(record->offset == ++expected);
    BOOST_TEST(expected == 26);
    BOOST_TEST(hub.log.head() == 26);
}

}  // namespace signalbox
