// The hub with its outbox and file store, and accounts whose providers do (idem) and do not (wa, sms) honour
// our key.
#pragma once

#include "hub/files/files.h"
#include "hub/outbox/outbox.h"
#include "hub/outbox/outbox_queries.h"
#include "tests/support/hub_fixture.h"

namespace signalbox {

struct OutboxFixture : HubFixture {
    explicit OutboxFixture(const std::string& url = "") : HubFixture(url) {
        Account wa{0, kDefaultOrg, "wa", "whatsapp_cloud", "whatsapp", "DE", false};
        Account sms{0, kDefaultOrg, "sms", "twilio", "sms", "US", false};
        Account idem{0, kDefaultOrg, "idem", "fake", "chat", "", true};
        Account http{0, kDefaultOrg, "http", "http", "http", "", false};
        if (!accounts.replace(*store, ids, clock, {wa, sms, idem, http}))
            throw std::runtime_error("accounts");
        if (!blobs.open()) throw std::runtime_error("blobs");
    }
    ~OutboxFixture() { store->close(); }

    PreparedRequest prepare(const Json& request, const RequestSource& source = {kDefaultOrg, "api"}) {
        auto prepared = outbox.prepare(request, source);
        if (!prepared) throw std::runtime_error(prepared.error().message);
        return *prepared;
    }
    Queued enqueue(const Json& request, const RequestSource& source = {kDefaultOrg, "api"}) {
        const PreparedRequest prepared = prepare(request, source);
        Queued queued;
        write([&](Tx& tx) { queued = outbox.enqueue(tx, prepared); });
        return queued;
    }
    void write(Writes writes) {
        if (const auto done = store->writeAndWait(std::move(writes)); !done)
            throw std::runtime_error(done.error().message);
    }
    std::vector<Lease> lease(const std::string& account, const std::string& endpoint = "send",
                             std::size_t limit = 100) {
        Outbox::Leased leased;
        write([&](Tx& tx) {
            leased =
                outbox.lease(tx, {accounts.byName(account)->id, endpoint}, limit, std::chrono::seconds{60});
        });
        return leased.rows;
    }
    bool finish(const Lease& lease, const TryResult& result) {
        bool is_accepted = false;
        write([&](Tx& tx) { is_accepted = outbox.finish(tx, lease, result); });
        return is_accepted;
    }
    Json entry(Id id) { return findOutboxEntry(*store, accounts, kDefaultOrg, id).value_or(Json()); }
    std::string stateOf(Id id) { return textAt(entry(id), "state"); }
    std::string statusOf(Id message) {
        const auto found = findMessage(*store, accounts, kDefaultOrg, message);
        return found ? textAt(*found, "status") : "";
    }
    // What the log holds; read from the database, which is ahead of the log's own readers for a moment.
    std::vector<std::pair<std::string, Json>> allEvents() {
        std::vector<std::pair<std::string, Json>> found;
        store->read([&](Reader& reader) {
            for (const Row& row : reader.query("SELECT type, payload FROM events ORDER BY log_offset"))
                found.emplace_back(row.text(0), *parseJson(row.text(1)));
        });
        return found;
    }
    std::vector<std::string> eventTypes() {
        std::vector<std::string> types;
        for (const auto& [type, payload] : allEvents()) types.push_back(type);
        return types;
    }
    std::vector<Json> events(std::string_view type) {
        std::vector<Json> payloads;
        for (auto& [name, payload] : allEvents()) {
            if (name == type) payloads.push_back(std::move(payload));
        }
        return payloads;
    }
    BlobStore blobs{dir.file("blobs")};
    Files files{blobs, log};
    Outbox outbox{*store, ids, clock, accounts, log, inbox, files};
};

inline TryResult sentAs(const std::string& external_id) {
    TryResult result;
    result.receipt.external_id = external_id;
    return result;
}

inline TryResult endedWith(TryResult::State state, Error error) {
    TryResult result;
    result.state = state;
    result.error = std::move(error);
    return result;
}

}  // namespace signalbox
