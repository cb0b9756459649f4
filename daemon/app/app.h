// The composition root: it alone builds the parts, in the order of their dependencies; starts accepting last;
// stops in reverse. A start that fails half-way unwinds and says why.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/json.h"
#include "base/worker_pool.h"
#include "connectors/sdk/http_client.h"
#include "daemon/api/files_api.h"
#include "daemon/api/inbox_parts.h"
#include "daemon/api/system_api.h"
#include "daemon/app/access_parts.h"
#include "daemon/app/connector_set.h"
#include "daemon/app/credential_source.h"
#include "daemon/app/file_care.h"
#include "daemon/app/stored_accounts.h"
#include "daemon/app/stream_care.h"
#include "daemon/app/workflow_actions.h"
#include "daemon/app/workflow_effects.h"
#include "daemon/auth/oidc.h"
#include "daemon/config/config.h"
#include "daemon/delivery/dispatcher.h"
#include "daemon/hooks/hook_door.h"
#include "daemon/hooks/response_waiters.h"
#include "daemon/hooks/trigger_door.h"
#include "daemon/http/server.h"
#include "daemon/inbox_clock/inbox_clock.h"
#include "daemon/polls/polls.h"
#include "daemon/realtime/feed.h"
#include "daemon/thumbnails/picture_maker.h"
#include "hub/accounts/account_tokens.h"
#include "hub/answers/automatic.h"
#include "hub/calendars/calendars.h"
#include "hub/files/file_records.h"
#include "hub/files/files.h"
#include "hub/files/scanner.h"
#include "hub/files/thumbnails.h"
#include "hub/files/uploads.h"
#include "hub/inbox/merging.h"
#include "hub/log/posted_events.h"
#include "hub/notices/escalations.h"
#include "hub/people/profiles.h"
#include "hub/search/indexer.h"
#include "hub/search/search.h"
#include "hub/webhooks/webhook_feed.h"
#include "hub/work/crm_records.h"
#include "hub/work/work_items.h"
#include "workflow/engine/approvals.h"
#include "workflow/engine/claims.h"
#include "workflow/engine/engine.h"
#include "workflow/engine/file_rows.h"
#include "workflow/lua/lua_runner.h"
#include "workflow/schedule/scheduler.h"

namespace signalbox {

struct AccountOptions {
    std::string name, type, region;
    Json config;                    // the connector's keys: checked, defaults filled in, secrets resolved
    std::string organization = {};  // whose it is; empty: AppOptions::organization
};

struct AppOptions {
    StoreOptions store;
    std::string data;            // folder for files
    OidcOptions oidc;            // an empty issuer: none
    std::string vault_key_file;  // empty: vault.key in `data`
    std::string organization = "default";
    std::string public_url;  // how the outside reaches the daemon, for links; empty: as it listens
    http::ServerOptions server;
    std::vector<AccountOptions> accounts;
    AddressPolicy egress;
    std::size_t request_workers = 32;
    std::size_t queued_requests = 1'024;
    unsigned workflow_workers = 2;
    unsigned lua_workers = 2;
    std::chrono::milliseconds drain{20'000};
    Json env = Json::object();  // what workflows read as env.NAME
    std::chrono::hours outbox_retention{24 * 30};
    StreamRetention stream_retention;
    config::FilesConfig files;
    std::vector<Secret> secrets;  // never shown in run histories
    std::string version;
};

class App {
public:
    // Opens the database, builds everything, binds the port. Accepts nothing yet.
    static Result<std::unique_ptr<App>> create(AppOptions options);
    ~App();

    Status start();
    const std::vector<api::Route>& routes() const { return router_->routes(); }
    std::uint16_t port() const { return server_->port(); }
    // Accounts, certificates and log level anew; what needs a restart is named in the error.
    Status reload(const std::vector<AccountOptions>& accounts);
    // Stops accepting at once, finishes what is under way within the drain time, closes the database.
    void stop();
    // The database could not make sure of its writes: the process ends, and must end with an error.
    bool isBroken() const { return is_broken_; }

private:
    explicit App(AppOptions options);
    Status build();
    Result<Id> organizationOf(const AccountOptions& account) const;
    // Those of the configuration and those of the API.
    Status connectAccounts(const std::vector<AccountOptions>& accounts);
    // What stands in the configuration file about an account.
    std::optional<Json> keysOf(Id org, const std::string& name);
    Status connectAgain();
    void addActions();
    bool hasReference(Id org, std::string_view kind, const std::string& name) const;
    void addRoutes();
    void buildInbox();
    bool tellsClients(Id org) const;
    void handle(HttpRequest&& request, http::Responder responder);
    void handleOnWorker(HttpRequest&& request, const http::Responder& responder);
    void followAccounts();
    void answerForOthers();
    void housekeep(const std::stop_token& stop);
    void forgetRuns(const std::stop_token& stop);
    Result<std::unique_ptr<ObjectStore>> makeObjects();
    Status buildBlobs();
    Status buildFiles();
    std::string publicUrl() const;
    api::FileParts fileParts() const;
    http::ServerOptions serverOptions() const;

    // figures.cc
    std::vector<std::string> reasonsNotReady() const;
    std::vector<api::Figure> figures();
    Json status();

    const AppOptions options_;
    SystemClock clock_;
    const TimePoint started_at_;
    Ids ids_;
    std::unique_ptr<Store> store_;
    Accounts accounts_;
    std::unique_ptr<EventLog> log_;
    std::unique_ptr<PostedEvents> posted_events_;
    std::unique_ptr<People> people_;
    std::unique_ptr<Inbox> inbox_;
    std::unique_ptr<Desk> desk_;
    std::unique_ptr<Merging> merging_;
    std::unique_ptr<Profiles> profiles_;
    std::unique_ptr<Lines> lines_;
    std::unique_ptr<MessageCare> message_care_;
    std::unique_ptr<AutomaticAnswers> automatic_answers_;
    std::unique_ptr<Scheduled> scheduled_;
    std::unique_ptr<InboxClock> inbox_clock_;
    std::unique_ptr<api::InboxParts> inbox_parts_;
    std::unique_ptr<HttpClient> storage_http_;
    std::unique_ptr<BlobKeys> blob_keys_;
    std::unique_ptr<BlobStore> blobs_;
    std::unique_ptr<BlobCollector> collector_;
    std::unique_ptr<Files> files_;
    std::unique_ptr<WorkItems> work_;
    std::unique_ptr<CrmRecords> crm_records_;
    std::unique_ptr<Notices> notices_;
    std::unique_ptr<Escalations> escalations_;
    std::unique_ptr<Calendars> calendars_;
    std::unique_ptr<FileRecords> file_records_;
    std::unique_ptr<FileScanner> scanner_;
    std::unique_ptr<Uploads> uploads_;
    std::unique_ptr<Thumbnails> thumbnails_;
    std::unique_ptr<PictureMaker> picture_maker_;
    std::unique_ptr<FileCare> file_care_;
    std::unique_ptr<StreamCare> stream_care_;
    std::unique_ptr<Mails> mails_;
    std::unique_ptr<Webhooks> webhooks_;
    std::unique_ptr<Outbox> outbox_;
    std::unique_ptr<WebhookFeed> webhook_feed_;
    std::unique_ptr<search::Indexer> search_indexer_;
    std::unique_ptr<search::Search> search_;
    std::unique_ptr<Ingest> ingest_;
    std::unique_ptr<PageIngest> pages_;
    std::unique_ptr<HttpClient> account_http_;
    std::unique_ptr<HttpClient> stored_account_http_;
    std::unique_ptr<CredentialStore> credentials_;
    std::unique_ptr<CredentialTokens> credential_tokens_;
    std::unique_ptr<StoredAccounts> stored_accounts_;
    std::unique_ptr<Oidc> oidc_;
    std::mutex connecting_;  // guards configured_ and the order of connectAccounts
    std::vector<AccountOptions> configured_;
    std::mutex named_;  // guards named_accounts_, also while connecting_ is held
    std::vector<AccountOptions> named_accounts_;
    std::unique_ptr<AccountTokens> account_tokens_;
    std::unique_ptr<HttpClient> mail_http_;  // for names that people type in
    ConnectorSet connectors_;
    std::unique_ptr<Dispatcher> dispatcher_;
    std::unique_ptr<PollLeases> poll_leases_;
    std::unique_ptr<Polls> polls_;
    std::unique_ptr<workflow::LuaRunner> lua_;
    std::unique_ptr<workflow::WorkflowStore> workflows_;
    std::unique_ptr<WorkflowEffects> effects_;
    std::unique_ptr<workflow::Claims> claims_;
    std::unique_ptr<workflow::Approvals> approvals_;
    WorkflowActions actions_;
    std::unique_ptr<ResponseWaiters> waiters_;
    std::unique_ptr<workflow::FileRows> file_rows_;
    std::unique_ptr<workflow::Engine> engine_;
    std::unique_ptr<workflow::Scheduler> scheduler_;
    std::unique_ptr<AccessParts> access_;
    std::unique_ptr<api::OwnMailer> own_mailer_;  // the router calls it
    api::Router* router_ = nullptr;               // of access_
    std::unique_ptr<HookDoor> door_;
    std::unique_ptr<TriggerDoor> trigger_door_;
    std::unique_ptr<Presence> presence_;
    std::unique_ptr<Feed> feed_;
    std::unique_ptr<WorkerPool> requests_;
    std::unique_ptr<http::Server> server_;
    std::jthread housekeeper_;
    std::atomic<bool> is_started_{false}, is_stopping_{false}, is_stopped_{false}, is_broken_{false};
};

}  // namespace signalbox
