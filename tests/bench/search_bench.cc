// Search over synthetic messages in SQLite. usage: bench_search FOLDER [MESSAGES]; prints what indexing did a
// second, how long a message that came takes to be found, and how long queries take for an agent (first page
// of 50, the median and the longest of 20). 5,000,000 messages take a quarter of an hour and 8 GB.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "hub/access/roles.h"
#include "hub/accounts/accounts.h"
#include "hub/log/event_log.h"
#include "hub/search/indexer.h"
#include "hub/search/search.h"

using namespace signalbox;

namespace {

// Words as in a language: the k-th most frequent one comes 1/k as often.
class Words {
public:
    Words() {
        double total = 0;
        for (int k = 1; k <= kCount; ++k) sums_.push_back(total += 1.0 / k);
    }
    std::string text(std::size_t words) {
        std::string out;
        for (std::size_t i = 0; i < words; ++i) out += "w" + std::to_string(next()) + ' ';
        return out;
    }

private:
    static constexpr int kCount = 50'000;
    int next() {
        std::uniform_real_distribution<double> any(0, sums_.back());
        return static_cast<int>(std::lower_bound(sums_.begin(), sums_.end(), any(random_)) - sums_.begin()) +
               1;
    }
    std::mt19937_64 random_{7};
    std::vector<double> sums_;
};

void fill(Store& store, Id account, std::int64_t messages) {
    Words words;
    constexpr std::int64_t kConversations = 5'000, kBatch = 2'000;
    (void)store.writeAndWait([&](Tx& tx) {
        for (std::int64_t c = 1; c <= kConversations; ++c) {
            tx.exec("INSERT INTO people (id, org, display_name, created_at) VALUES ($1, 1, $2, 0)",
                    {c, "Person " + std::to_string(c)});
            tx.exec(
                "INSERT INTO conversations (id, org, account, channel, thread_key, person, peer_kind, "
                "peer_value,"
                " subject, status, is_open, last_seq, last_message_at, created_at) VALUES"
                " ($1, 1, $2, 'whatsapp', $3, $1, 'phone', $3, '', $4, 0, 0, 0, 0)",
                {c, account, std::to_string(c), std::string_view(c % 100 == 0 ? "pending" : "open")});
        }
    });
    for (std::int64_t at = 0; at < messages; at += kBatch) {
        std::vector<std::string> texts;
        for (std::int64_t i = 0; i < kBatch; ++i) texts.push_back(words.text(12));
        (void)store.writeAndWait([&](Tx& tx) {
            for (std::int64_t i = 0; i < kBatch; ++i) {
                const std::int64_t id = (at + i + 10'000) << 12;
                tx.exec(
                    "INSERT INTO messages (id, org, account, conversation, seq, person, direction, author, "
                    "type, text,"
                    " content, in_reply_to, status, error, created_at) VALUES"
                    " ($1, 1, $2, $3, $4, $3, 'in', 'contact', 'text', $5, '{}', '', 'received', '', $1)",
                    {id, account, 1 + (at + i) % kConversations, (at + i) / kConversations + 1,
                     texts[static_cast<std::size_t>(i)]});
            }
        });
    }
}

// An agent, whose rooms are asked for with each search.
const Visibility& agentsView() {
    static const Visibility view = [] {
        Caller caller;
        caller.org = 1;
        caller.user = 77;
        for (const RoleRef& role : builtInRoles())
            if (role->name == "agent") caller.role = role;
        return Visibility(caller);
    }();
    return view;
}

// A message that is committed now: until a step of the indexer has made it findable.
void timeArrival(Store& store, EventLog& log, search::Indexer& indexer, Id account, std::int64_t messages) {
    std::vector<double> ms;
    for (int i = 0; i < 50; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        (void)store.writeAndWait([&](Tx& tx) {
            const std::int64_t id = (messages + 20'000 + i) << 12;
            tx.exec(
                "INSERT INTO messages (id, org, account, conversation, seq, person, direction, author, type, "
                "text,"
                " content, in_reply_to, status, error, created_at) VALUES"
                " ($1, 1, $2, 1, $3, 1, 'in', 'contact', 'text', 'w1 w77 arrival', '{}', '', 'received', '', "
                "$1)",
                {id, account, 1'000'000 + i});
            log.append(tx, {1, "message.received", account, 1,
                            dumpJson({{"message", {{"id", idText(kMessageId, id)}}}})});
        });
        while (indexer.step()) {
        }
        ms.push_back(
            std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
    }
    std::sort(ms.begin(), ms.end());
    std::printf("RESULT arrival_ms=%.2f longest_ms=%.2f\n", ms[25], ms.back());
}

void time(const search::Search& search, const char* name, const std::string& text, search::Filters filters,
          search::Order order = search::Order::Newest) {
    const auto query =
        search::parseQuery(text, filters, [](search::Filters&, std::string_view, std::string_view) -> Status {
            return Error{ErrorKind::Invalid, "no fields"};
        });
    std::vector<double> ms;
    std::size_t found = 0;
    for (int i = 0; i < 20; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        found = search.find(agentsView(), {*query, order, 50, ""})->items.size();
        ms.push_back(
            std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
    }
    std::sort(ms.begin(), ms.end());
    std::printf("%-28s %3zu found  median %7.2f ms  longest %7.2f ms\n", name, found, ms[10], ms.back());
    std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) return std::fprintf(stderr, "usage: bench_search FOLDER [MESSAGES]\n"), 64;
    const std::int64_t messages = argc > 2 ? std::atoll(argv[2]) : 300'000;
    SystemClock clock;
    Ids ids(clock, 1);
    StoreOptions options;
    options.url = std::string("sqlite://") + argv[1] + "/search.db";
    auto store = openStore(options);
    if (!store) return std::fprintf(stderr, "%s\n", store.error().message.c_str()), 1;
    {
        (void)ensureOrganization(**store, clock, "bench");
        Accounts accounts;
        (void)accounts.replace(**store, ids, clock,
                               {{0, 1, "wa", "whatsapp_cloud", "whatsapp", "DE", false}});
        EventLog log(**store, clock);
        search::Indexer indexer(**store, clock, log);
        fill(**store, accounts.byName("wa")->id, messages);
        const auto begin = std::chrono::steady_clock::now();
        const auto count = indexer.rebuild();
        const double s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        std::printf("indexed %zu rows, %.0f a second\n", count, static_cast<double>(count) / s);
        std::fflush(stdout);
        timeArrival(**store, log, indexer, accounts.byName("wa")->id, messages);
        const search::Search search(**store, accounts);
        search::Filters none, pending, person;
        pending.status = "pending";
        person.person = 17;
        time(search, "a rare word", "w40000", none);
        time(search, "a common word", "w1", none);
        time(search, "two common words", "w1 w2", none);
        time(search, "common and rare", "w1 w30000", none);
        time(search, "a phrase of common words", "\"w1 w2\"", none);
        time(search, "a beginning", "w12*", none);
        time(search, "without a word", "w1 -w2", none);
        time(search, "one of two", "w30000 OR w20000", none);
        time(search, "a person's", "w1", person);
        time(search, "of few conversations", "w1", pending);
        time(search, "everything", "", none);
        time(search, "best first, common", "w1 w2", none, search::Order::Best);
        (*store)->close();
    }
}
