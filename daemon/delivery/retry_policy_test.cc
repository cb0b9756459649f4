#include "daemon/delivery/retry_policy.h"

#include <boost/test/unit_test.hpp>

namespace signalbox {
namespace {

using namespace std::chrono_literals;
using State = TryResult::State;

constexpr std::uint64_t kNoJitter = 200;  // of 0…400: exactly the table's wait

const TimePoint kNow = *parseRfc3339("2026-01-05T09:00:00Z");
const Account kPlain{1, kDefaultOrg, "wa", "whatsapp_cloud", "whatsapp", "", false};
const Account kIdempotent{2, kDefaultOrg, "idem", "fake", "chat", "", true};

Lease leaseOf(OutboxKind kind, int attempts = 0, int deferrals = 0) {
    Lease lease;
    lease.kind = kind;
    lease.endpoint = kind == OutboxKind::Media ? "media" : kind == OutboxKind::Http ? "http x" : "send";
    lease.attempts = attempts;
    lease.deferrals = deferrals;
    lease.expires_at = kNow + 4h;
    lease.request = R"({"content":{"method":"POST"}})";
    return lease;
}

TryResult after(const Lease& lease, Error error, const Account& account = kPlain) {
    return decide(lease, account, std::move(error), kNow, kNoJitter);
}

Error failure(ErrorKind kind, std::optional<std::chrono::seconds> retry_after = {}) {
    return {kind, "failed", retry_after, "x"};
}

long waitOf(const TryResult& result) {
    return std::chrono::duration_cast<std::chrono::seconds>(result.next_at - kNow).count();
}

}  // namespace

BOOST_AUTO_TEST_CASE(messages_wait_longer_after_each_failed_try_and_then_are_dead) {
    std::vector<long> waits;
    for (int attempts = 0; attempts < 7; ++attempts) {
        const auto result = after(leaseOf(OutboxKind::Message, attempts), failure(ErrorKind::Unavailable));
        BOOST_TEST((result.state == State::Retry));
        waits.push_back(waitOf(result));
    }

    const auto last = after(leaseOf(OutboxKind::Message, 7), failure(ErrorKind::Unavailable));

    BOOST_TEST(waits == (std::vector<long>{2, 10, 30, 120, 600, 1800, 3600}));
    BOOST_TEST((last.state == State::Dead));
    BOOST_TEST(last.error.message == "failed (gave up after 8 tries)");
}

BOOST_AUTO_TEST_CASE(a_mail_is_tried_as_long_as_its_time_lasts) {
    const Account mailbox{3, kDefaultOrg, "sales", "email", "email", "", true};
    Lease lease = leaseOf(OutboxKind::Message, 30);
    lease.expires_at = kNow + std::chrono::hours(3);

    const auto again = after(lease, failure(ErrorKind::Unavailable), mailbox);
    lease.expires_at = kNow + std::chrono::minutes(10);
    const auto over = after(lease, failure(ErrorKind::Unavailable), mailbox);

    BOOST_TEST((again.state == State::Retry));
    BOOST_TEST(waitOf(again) == 3600);
    BOOST_TEST((over.state == State::Dead));
}

BOOST_AUTO_TEST_CASE(being_told_to_wait_uses_up_no_try) {
    const auto throttled = after(leaseOf(OutboxKind::Message, 7), failure(ErrorKind::Throttled));
    const auto told_when = after(leaseOf(OutboxKind::Message, 7), failure(ErrorKind::Unavailable, 90s));

    BOOST_TEST((throttled.state == State::Retry));
    BOOST_TEST(!throttled.is_counted);
    BOOST_TEST((told_when.state == State::Retry));
    BOOST_TEST(!told_when.is_counted);
}

BOOST_AUTO_TEST_CASE(repeated_throttling_waits_longer_each_time_though_no_try_counts) {
    BOOST_TEST(waitOf(after(leaseOf(OutboxKind::Message, 0, 0), failure(ErrorKind::Throttled))) == 2);
    BOOST_TEST(waitOf(after(leaseOf(OutboxKind::Message, 0, 3), failure(ErrorKind::Throttled))) == 120);
}

BOOST_AUTO_TEST_CASE(the_providers_word_wins_over_the_table_when_it_is_longer) {
    BOOST_TEST(waitOf(after(leaseOf(OutboxKind::Message), failure(ErrorKind::Throttled, 45s))) == 45);
    BOOST_TEST(waitOf(after(leaseOf(OutboxKind::Message, 3), failure(ErrorKind::Throttled, 1s))) == 120);
}

BOOST_AUTO_TEST_CASE(a_next_try_beyond_the_life_time_is_not_waited_for) {
    const auto result = after(leaseOf(OutboxKind::Message), failure(ErrorKind::Throttled, 5h));

    BOOST_TEST((result.state == State::Dead));
    BOOST_TEST(result.error.code == "x");
}

BOOST_AUTO_TEST_CASE(an_unanswered_send_is_repeated_only_where_that_is_safe) {
    const Error silent = failure(ErrorKind::Uncertain);
    Lease get = leaseOf(OutboxKind::Http);
    get.request = R"({"content":{"method":"GET"}})";

    BOOST_TEST((after(leaseOf(OutboxKind::Message), silent).state == State::Uncertain));
    BOOST_TEST((after(leaseOf(OutboxKind::Http), silent).state == State::Uncertain));
    BOOST_TEST((after(leaseOf(OutboxKind::Message), silent, kIdempotent).state == State::Retry));
    BOOST_TEST((after(get, silent).state == State::Retry));
    BOOST_TEST((after(leaseOf(OutboxKind::Mark), silent).state == State::Retry));
    BOOST_TEST((after(leaseOf(OutboxKind::Media), silent).state == State::Retry));
}

BOOST_AUTO_TEST_CASE(a_request_that_says_how_often_is_tried_so_often_within_seconds) {
    const auto lease = [](int attempts) {
        Lease made = leaseOf(OutboxKind::Http, attempts);
        made.request = R"({"content":{"method":"GET","tries":3}})";
        return made;
    };

    BOOST_TEST(waitOf(after(lease(0), failure(ErrorKind::Unavailable))) == 1);
    BOOST_TEST(waitOf(after(lease(1), failure(ErrorKind::Throttled, 4s))) == 4);
    BOOST_TEST((after(lease(2), failure(ErrorKind::Unavailable)).state == State::Dead));
    BOOST_TEST((after(lease(2), failure(ErrorKind::Throttled, 4s)).state == State::Dead));
    // A GET without an answer did nothing, so whoever asked may ask again.
    const auto silent = after(lease(2), failure(ErrorKind::Uncertain));
    BOOST_TEST((silent.state == State::Dead));
    BOOST_TEST((silent.error.kind == ErrorKind::Unavailable));
}

BOOST_AUTO_TEST_CASE(when_the_last_repetition_is_unanswered_too_the_outcome_stays_uncertain) {
    const auto result = after(leaseOf(OutboxKind::Message, 7), failure(ErrorKind::Uncertain), kIdempotent);

    BOOST_TEST((result.state == State::Uncertain));
}

BOOST_AUTO_TEST_CASE(credential_faults_block_the_account_but_not_for_one_request_or_file) {
    const auto state = [](OutboxKind kind, ErrorKind error) {
        return after(leaseOf(kind), failure(error)).state;
    };

    BOOST_TEST((state(OutboxKind::Message, ErrorKind::Unauthorized) == State::Blocked));
    BOOST_TEST((state(OutboxKind::Mark, ErrorKind::Forbidden) == State::Blocked));
    BOOST_TEST((state(OutboxKind::Http, ErrorKind::Unauthorized) == State::Dead));
    BOOST_TEST((state(OutboxKind::Media, ErrorKind::Unauthorized) == State::Retry));
    BOOST_TEST((state(OutboxKind::Media, ErrorKind::Forbidden) == State::Dead));
}

BOOST_AUTO_TEST_CASE(what_the_provider_refuses_for_good_is_dead_at_once) {
    for (const auto kind :
         {ErrorKind::Invalid, ErrorKind::Rejected, ErrorKind::NotFound, ErrorKind::Conflict}) {
        BOOST_TEST((after(leaseOf(OutboxKind::Message), failure(kind)).state == State::Dead));
    }
}

BOOST_AUTO_TEST_CASE(a_file_is_asked_for_until_its_week_is_over) {
    Lease lease = leaseOf(OutboxKind::Media, 40);
    lease.expires_at = kNow + 48h;

    BOOST_TEST(waitOf(after(lease, failure(ErrorKind::Unavailable))) == 72'000);
}

BOOST_AUTO_TEST_CASE(a_refusal_is_an_answer_and_throttling_says_nothing_about_health) {
    BOOST_TEST((verdictOf(failure(ErrorKind::Rejected)) == Verdict::Answered));
    BOOST_TEST((verdictOf(failure(ErrorKind::Unauthorized)) == Verdict::Answered));
    BOOST_TEST((verdictOf(failure(ErrorKind::Throttled)) == Verdict::Neither));
    BOOST_TEST((verdictOf(failure(ErrorKind::Unavailable, 10s)) == Verdict::Neither));
    BOOST_TEST((verdictOf(failure(ErrorKind::Unavailable)) == Verdict::NotAnswered));
    BOOST_TEST((verdictOf(failure(ErrorKind::Uncertain)) == Verdict::NotAnswered));
    const auto lookedUp = [](std::string_view code) {
        return verdictOf({ErrorKind::Uncertain, "looked up", {}, std::string(code)});
    };
    BOOST_TEST((lookedUp(kNotInSent) == Verdict::Neither));
    BOOST_TEST((lookedUp(kSentNotAsked) == Verdict::Neither));
}

}  // namespace signalbox
