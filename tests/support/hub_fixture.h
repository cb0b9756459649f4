// The hub on a database of its own, with a clock that the test moves.
#pragma once

#include <future>
#include <stdexcept>

#include "hub/accounts/accounts.h"
#include "hub/inbox/inbox.h"
#include "hub/inbox/inbox_queries.h"
#include "hub/ingest/ingest.h"
#include "hub/log/event_log.h"
#include "hub/people/people.h"
#include "hub/store/store.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_database.h"

namespace signalbox {

inline std::unique_ptr<Store> mustOpen(const std::string& url) {
    StoreOptions options;
    options.url = url;
    auto store = openStore(options);
    if (!store) throw std::runtime_error(store.error().message);
    return std::move(*store);
}

// Notes which files would be fetched.
struct RecordedMediaJobs : MediaJobs {
    void wanted(Tx&, const Account&, Id, std::int64_t, const Attachment& attachment) override {
        wanted_media.push_back(attachment.media_id);
    }
    std::vector<std::string> wanted_media;
};

struct HubFixture {
    explicit HubFixture(const std::string& url = "")
        : store(mustOpen(url.empty() ? newDatabaseUrl(dir) : url)) {
        (void)ensureOrganization(*store, clock, "test");
        Account wa{0, kDefaultOrg, "wa", "whatsapp_cloud", "whatsapp", "DE", false};
        Account sms{0, kDefaultOrg, "sms", "twilio", "sms", "US", false};
        if (const auto replaced = accounts.replace(*store, ids, clock, {wa, sms}); !replaced) {
            throw std::runtime_error(replaced.error().message);
        }
    }

    // The store's writer tells the log about its last commit: it stops first.
    ~HubFixture() { store->close(); }

    // One callback with these envelopes, waited for.
    Ingested accept(std::vector<Envelope> envelopes, const std::string& account = "wa",
                    const std::string& reason = "") {
        std::promise<Result<Ingested>> promise;
        HttpRequest request{
            "POST", "/hooks/" + account, {{"content-type", "application/json"}}, "{}", "127.0.0.1"};
        ingest.accept(accounts.byName(account), request, std::move(envelopes), reason,
                      [&](const Result<Ingested>& result) { promise.set_value(result); });
        auto result = promise.get_future().get();
        settle();
        if (!result) throw std::runtime_error(result.error().message);
        return *result;
    }
    // Consumers hear of a commit after its callers do: another commit later, they have.
    void settle() {
        (void)store->writeAndWait([](Tx&) {});
    }
    Json messages() { return listMessages(*store, accounts, kDefaultOrg, {}, {}).items; }
    std::vector<std::string> eventTypes() {
        settle();
        std::vector<std::string> types;
        for (const auto& record : log.after(0, 10'000)) types.push_back(record->type);
        return types;
    }

    TempDir dir;
    FakeClock clock;
    Ids ids{clock, 1};
    std::unique_ptr<Store> store;
    Accounts accounts;
    EventLog log{*store, clock};
    People people{*store, ids, clock};
    Inbox inbox{*store, ids, clock, log, people};
    RecordedMediaJobs media;
    Ingest ingest{*store, ids, clock, log, people, inbox, media};
};

// A text from someone, as a connector would give it.
inline Envelope textFrom(const std::string& phone, const std::string& text, const std::string& external_id) {
    Envelope envelope;
    envelope.external_id = envelope.dedup_key = external_id;
    envelope.channel = "whatsapp";
    envelope.thread_key = phone;
    envelope.from = {{{"phone", phone}}, "Ada"};
    envelope.type = "text";
    envelope.text = text;
    return envelope;
}

inline Envelope statusOf(const std::string& target, DeliveryState state, const std::string& at,
                         const std::string& recipient = "") {
    Envelope envelope;
    envelope.kind = EnvelopeKind::Status;
    envelope.target = envelope.external_id = target;
    envelope.dedup_key = "status:" + target + ":" + toString(state) + ":" + recipient;
    envelope.status.state = state;
    envelope.status.recipient = recipient;
    envelope.provider_time = parseRfc3339(at);
    return envelope;
}

}  // namespace signalbox
