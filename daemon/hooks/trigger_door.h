// /webhooks/… and /forms/…: the doors that workflows open themselves, by trigger.webhook and trigger.form. A
// genuine call becomes an event of the log that is meant for that very trigger, then it is answered: at once,
// or by the run. Called on request workers (it reads the database); answers come from the writer thread.
// Thread-safe.
#pragma once

#include <functional>
#include <map>
#include <mutex>

#include "base/clock.h"
#include "connectors/sdk/connector.h"
#include "daemon/config/account_check.h"
#include "daemon/hooks/response_waiters.h"
#include "daemon/hooks/trigger_paths.h"
#include "hub/accounts/accounts.h"
#include "hub/credentials/credentials.h"
#include "hub/ingest/ingest.h"
#include "hub/vault/vault.h"
#include "workflow/engine/engine.h"

namespace signalbox {

class TriggerDoor {
public:
    // All outlive the object.
    struct Parts {
        Store& store;
        const Clock& clock;
        EventLog& log;
        const Accounts& accounts;
        Ingest& ingest;
        ResponseWaiters& waiters;
        const workflow::Engine& engine;
        const CredentialStore& credentials;
        const Vault& vault;
        HttpClient& http;  // webhook connectors take one and never use it
        config::ConnectorSchemas schemas;
        std::function<Status()> connect;  // builds the accounts anew, those of new organizations among them
    };
    explicit TriggerDoor(Parts parts) : parts_(std::move(parts)) {}

    static bool isMine(std::string_view path) {
        return path.starts_with("/webhooks/") || path.starts_with("/forms/");
    }
    void handle(HttpRequest request, http::Responder responder);
    // A call that was kept in quarantine, taken anew by what its path leads to now. Conflict: nothing takes
    // it any more. Waits for the commit.
    Result<Ingested> replay(Id org, Id request, const HttpRequest& kept, TimePoint received_at);

private:
    std::shared_ptr<const TriggerPaths> paths();
    void takeWebhook(const TriggerPaths::Match& match, HttpRequest request, http::Responder responder);
    Result<std::shared_ptr<Connector>> verifierOf(const TriggerPath& path);
    // Proved and read; what it became is meant for the path's node.
    static Result<Received> read(const TriggerPaths::Match& match, Receiver& receiver,
                                 const HttpRequest& request, TimePoint received_at);
    // The organization's account for such calls. Null: it cannot be made at the moment.
    AccountRef accountOf(Id org);
    void serveForm(const TriggerPathRef& path, const HttpRequest& request, const http::Responder& responder);
    void takeForm(const TriggerPathRef& path, const HttpRequest& request, const http::Responder& responder);
    void keepForm(const TriggerPathRef& path, const Json& values, const std::string& address,
                  const http::Responder& responder);
    // The page's cookie and token belong together, to this form, and to the last half day.
    std::string newToken(const TriggerPath& path, const std::string& cookie) const;
    bool isGenuine(const TriggerPath& path, const std::string& cookie, const std::string& token) const;
    // Whether one more may come, `most` a minute.
    bool mayTake(const std::string& what, double most);

    const Parts parts_;
    std::mutex mutex_;  // guards from here
    workflow::TriggerIndexRef index_;
    std::shared_ptr<const TriggerPaths> paths_;
    struct Verifier {
        std::string made_of;
        std::shared_ptr<Connector> connector;
    };
    std::map<std::pair<Id, std::string>, Verifier> verifiers_;
    struct Allowance {
        double left = 0;
        TimePoint at{};
    };
    std::map<std::string, Allowance> lately_;
};

}  // namespace signalbox
