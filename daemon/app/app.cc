#include "daemon/app/app.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/log.h"
#include "connectors/email/mime/html_sanitize.h"
#include "connectors/email/mime/html_text.h"
#include "daemon/api/account_api.h"
#include "daemon/api/aliases.h"
#include "daemon/api/answer_api.h"
#include "daemon/api/approvals_api.h"
#include "daemon/api/calendar_api.h"
#include "daemon/api/conversation_api.h"
#include "daemon/api/credential_api.h"
#include "daemon/api/crm_api.h"
#include "daemon/api/docs_api.h"
#include "daemon/api/events_api.h"
#include "daemon/api/export_api.h"
#include "daemon/api/inbox_api.h"
#include "daemon/api/mail_api.h"
#include "daemon/api/message_api.h"
#include "daemon/api/notice_api.h"
#include "daemon/api/oauth_api.h"
#include "daemon/api/object_api.h"
#include "daemon/api/oidc_api.h"
#include "daemon/api/original_api.h"
#include "daemon/api/outbox_api.h"
#include "daemon/api/posted_events_api.h"
#include "daemon/api/presence_api.h"
#include "daemon/api/profile_api.h"
#include "daemon/api/quarantine_api.h"
#include "daemon/api/run_api.h"
#include "daemon/api/schedule_api.h"
#include "daemon/api/search_api.h"
#include "daemon/api/team_api.h"
#include "daemon/api/template_api.h"
#include "daemon/api/thumbnails_api.h"
#include "daemon/api/unsubscribe_api.h"
#include "daemon/api/uploads_api.h"
#include "daemon/api/webhook_api.h"
#include "daemon/api/work_api.h"
#include "daemon/api/workflow_api.h"
#include "daemon/app/calendar_actions.h"
#include "daemon/app/desk_actions.h"
#include "daemon/app/file_actions.h"
#include "daemon/app/kept_tokens.h"
#include "daemon/app/notice_actions.h"
#include "daemon/app/person_actions.h"
#include "daemon/app/webhook_actions.h"
#include "daemon/app/work_actions.h"
#include "hub/accounts/built_in.h"
#include "hub/ingest/housekeeping.h"
#include "hub/store/node_number.h"
#include "workflow/engine/run_care.h"
#include "workflow/engine/run_responses.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

HttpResponse tooBusy() {
    auto response = problem(503, "too_busy", "too many requests are waiting; come again");
    response.headers.add("retry-after", "1");
    return response;
}

}  // namespace

App::App(AppOptions options) : options_(std::move(options)), started_at_(clock_.now()), ids_(clock_, 0) {}

App::~App() {
    stop();
}

Result<std::unique_ptr<App>> App::create(AppOptions options) {
    std::unique_ptr<App> app(new App(std::move(options)));
    if (auto built = app->build(); !built) return built.error();
    return app;
}

Status App::build() {
    std::error_code failure;
    std::filesystem::create_directories(options_.data, failure);
    if (failure) {
        return Error{ErrorKind::Unavailable, "data folder " + options_.data + ": " + failure.message()};
    }
    auto store = openStore(options_.store);
    if (!store) return store.error();
    store_ = std::move(*store);
    const auto node = claimNodeNumber(*store_);
    if (!node) return node.error();
    ids_.setNode(*node);
    if (auto made = ensureOrganization(*store_, clock_, options_.organization); !made) return made;
    const std::filesystem::path data = options_.data;
    auto access = AccessParts::build({*store_, ids_, clock_, data,
                                      options_.vault_key_file.empty()
                                          ? data / "vault.key"
                                          : std::filesystem::path(options_.vault_key_file)});
    if (!access) return access.error();
    access_ = std::move(*access);
    router_ = &access_->router();
    log_ = std::make_unique<EventLog>(*store_, clock_);
    posted_events_ = std::make_unique<PostedEvents>(*store_, clock_, *log_);
    people_ = std::make_unique<People>(*store_, ids_, clock_);
    inbox_ = std::make_unique<Inbox>(*store_, ids_, clock_, *log_, *people_);
    if (auto built = buildFiles(); !built) return built;
    work_ = std::make_unique<WorkItems>(*store_, ids_, clock_, *log_);
    crm_records_ = std::make_unique<CrmRecords>(*store_, clock_, *log_);
    notices_ = std::make_unique<Notices>(ids_, clock_, *log_);
    escalations_ = std::make_unique<Escalations>(*store_, clock_, *log_, *notices_);
    calendars_ = std::make_unique<Calendars>(*store_, ids_, clock_);
    auto mails = Mails::open(*store_, *people_, clock_);
    if (!mails) return mails.error();
    mails_ = std::move(*mails);
    outbox_ =
        std::make_unique<Outbox>(*store_, ids_, clock_, accounts_, *log_, *inbox_, *files_, mails_.get());
    outbox_->cleanHtmlWith([](std::string_view html) -> Outbox::CleanHtml {
        std::string sent = mime::htmlToSend(html);
        std::string shown = mime::sanitizeHtml(sent).html, text = mime::htmlToText(sent);
        return {std::move(sent), std::move(shown), std::move(text)};
    });
    webhooks_ = std::make_unique<Webhooks>(
        Webhooks::Parts{*store_, ids_, clock_, access_->vault(), *log_, *notices_});
    outbox_->watchWith(*webhooks_);
    webhook_feed_ = std::make_unique<WebhookFeed>(
        WebhookFeed::Parts{*store_, clock_, accounts_, *log_, *outbox_, *webhooks_});
    buildInbox();
    pages_ = std::make_unique<PageIngest>(*store_, ids_, clock_, *log_, *inbox_, *files_, *mails_);
    search_indexer_ = std::make_unique<search::Indexer>(*store_, clock_, *log_);
    search_ = std::make_unique<search::Search>(*store_, accounts_);
    ingest_ = std::make_unique<Ingest>(*store_, ids_, clock_, *log_, *people_, *inbox_, *outbox_);
    dispatcher_ = std::make_unique<Dispatcher>(
        *store_, *outbox_, *files_, clock_, [this](Id account) { return connectors_.byId(account); },
        DeliveryOptions{.keep_finished = options_.outbox_retention});

    poll_leases_ = std::make_unique<PollLeases>(*store_, clock_);
    polls_ =
        std::make_unique<Polls>(PollRunner::Parts{*store_, *pages_, *files_, clock_, *poll_leases_, *log_});

    AddressPolicy chosen_by_admin = options_.egress;
    chosen_by_admin.allow_any = true;  // base_url of a configured account: whatever its admin wrote
    chosen_by_admin.any_port = true;
    account_http_ = makeHttpClient(chosen_by_admin);
    stored_account_http_ = makeHttpClient(options_.egress);
    stored_accounts_ = std::make_unique<StoredAccounts>(
        StoredAccounts::Parts{*store_, ids_, clock_, access_->vault(), accounts_, *stored_account_http_,
                              options_.egress, config::installedSchemas(),
                              [this](Id org, const std::string& name) { return keysOf(org, name); },
                              outbox_.get()},
        [this] { return connectAgain(); });
    credentials_ = std::make_unique<CredentialStore>(*store_, ids_, clock_, access_->vault());
    credential_tokens_ =
        std::make_unique<CredentialTokens>(*credentials_, *stored_account_http_, clock_, webhooks_.get());
    account_tokens_ = std::make_unique<AccountTokens>(*store_, access_->vault(), clock_);
    if (auto connected = connectAccounts(options_.accounts); !connected) return connected;
    (void)stored_accounts_->follow();

    workflow::LuaRunnerOptions lua_options;
    lua_options.workers = options_.lua_workers;
    auto lua = workflow::makeLuaRunner(lua_options);
    if (!lua) return lua.error();
    lua_ = std::move(*lua);
    workflows_ = std::make_unique<workflow::WorkflowStore>(*store_, ids_, clock_, lua_.get(),
                                                           workflow::ScriptLibrary{}, log_.get());
    workflows_->lookUpWith([this](Id org, std::string_view kind, const std::string& name) {
        return hasReference(org, kind, name);
    });
    effects_ = std::make_unique<WorkflowEffects>(*outbox_, accounts_);
    claims_ = std::make_unique<workflow::Claims>(*store_);
    approvals_ =
        std::make_unique<workflow::Approvals>(*store_, ids_, clock_, *log_, *effects_, options_.public_url);
    addActions();
    waiters_ = std::make_unique<ResponseWaiters>(clock_, store_->isExclusive());
    workflow::EngineOptions engine_options;
    engine_options.workers = options_.workflow_workers;
    engine_options.env = options_.env;
    engine_options.redactor = workflow::Redactor(options_.secrets);
    file_rows_ = std::make_unique<workflow::FileRows>(*file_records_, *blobs_, serverOptions().spool_folder);
    engine_ = std::make_unique<workflow::Engine>(
        workflow::EngineParts{*store_, clock_, ids_, *log_, *workflows_, *effects_, lua_.get(),
                              waiters_.get(), &actions_, file_rows_.get(), &accounts_},
        std::move(engine_options));

    scheduler_ = std::make_unique<workflow::Scheduler>(*store_, clock_, *log_, *workflows_);

    door_ = std::make_unique<HookDoor>(connectors_, *ingest_, *waiters_, clock_);
    trigger_door_ = std::make_unique<TriggerDoor>(TriggerDoor::Parts{
        *store_, clock_, *log_, accounts_, *ingest_, *waiters_, *engine_, *credentials_, access_->vault(),
        *stored_account_http_, config::installedSchemas(), [this] { return connectAgain(); }});
    presence_ = std::make_unique<Presence>(clock_);
    feed_ = std::make_unique<Feed>(Feed::Parts{*log_, accounts_, *router_, *store_, *presence_,
                                               [this](Id org) { return tellsClients(org); }});
    addRoutes();
    requests_ = std::make_unique<WorkerPool>("requests", options_.request_workers, options_.queued_requests);

    auto server = http::Server::bind(serverOptions(),
                                     [this](HttpRequest&& request, http::Responder responder) {
                                         handle(std::move(request), std::move(responder));
                                     },
                                     {feed_->route()});
    if (!server) return server.error();
    server_ = std::move(*server);
    return Done{};
}

// What the check of a workflow asks: whether the organization has what a node names.
bool App::hasReference(Id org, std::string_view kind, const std::string& name) const {
    if (kind == "account") {
        const auto account = accounts_.byName(org, name);
        return account && !account->isPrivate();
    }
    if (kind == "credential") return credentials_->has(org, name);
    if (kind == "webhook subscription") return webhooks_->has(org, parseId(kWebhookId, name).value_or(0));
    if (kind == "calendar") return calendars_->shown(org, name).has_value();
    const auto all = accounts_.all();
    return std::any_of(all.begin(), all.end(), [&](const AccountRef& account) {
        return account->org == org && account->channel == name;
    });
}

// What workflows can change in the hub, one line for each kind: actions_.add("conversation.assign", …).
void App::addActions() {
    addWorkActions(actions_, *work_);
    addCalendarActions(actions_, *calendars_);
    addFileActions(actions_, *store_, fileParts());
    addCrmActions(actions_, *store_, ids_, *crm_records_);
    addNoticeActions(actions_, {*store_, ids_, *notices_, *escalations_, *effects_});
    addPersonActions(actions_, {*store_, ids_, *profiles_});
    actions_.add("approval.create", [this](const auto& action) { return approvals_->create(action); });
    addDeskActions(actions_, {*store_, ids_, *desk_, *lines_});
    addWebhookActions(actions_, *log_);
    actions_.add("claim.take", [this](const auto& action) { return claims_->take(action); });
    actions_.add("claim.check", [this](const auto& action) { return claims_->check(action); });
    actions_.add("slot.take", [this](const auto& action) { return claims_->takeSlot(action); });
    actions_.add("slot.check", [this](const auto& action) { return claims_->checkSlot(action); });
}

void App::buildInbox() {
    profiles_ = std::make_unique<Profiles>(ids_, clock_, *log_, *people_);
    desk_ = std::make_unique<Desk>(ids_, clock_, *log_, *inbox_);
    merging_ = std::make_unique<Merging>(clock_, *log_, *inbox_);
    lines_ = std::make_unique<Lines>(ids_, clock_, *log_, *inbox_, accounts_);
    message_care_ = std::make_unique<MessageCare>(ids_, clock_, *log_);
    automatic_answers_ = std::make_unique<AutomaticAnswers>(
        AutomaticAnswers::Parts{*store_, clock_, accounts_, *log_, *outbox_,
                                [this](Id org, const std::string& name, TimePoint at) -> std::optional<bool> {
                                    const auto calendar = calendars_->find(org, name);
                                    return calendar ? std::optional(calendar->at(at).is_open) : std::nullopt;
                                }});
    scheduled_ = std::make_unique<Scheduled>(*store_, clock_, *log_, *outbox_);
    inbox_clock_ = std::make_unique<InboxClock>(*store_, clock_, *desk_, *scheduled_);
    inbox_parts_ = std::make_unique<api::InboxParts>(api::InboxParts{*store_, accounts_, ids_, clock_, *log_,
                                                                     *inbox_, *people_, *outbox_, *desk_,
                                                                     *lines_, *message_care_});
}

// Asked for each word that somebody types: whether customers are told of it.
bool App::tellsClients(Id org) const {
    InboxSettings settings;
    store_->read([&](Reader& reader) { settings = readInboxSettings(reader, org); });
    return settings.tells_clients_of_typing;
}

void App::addRoutes() {
    api::addInboxRoutes(*router_, *store_, accounts_);
    const auto ring = [this] { inbox_clock_->ring(); };
    api::addConversationRoutes(*router_, *inbox_parts_, ring);
    api::addMessageRoutes(*router_, *inbox_parts_);
    api::addTemplateRoutes(*router_, *inbox_parts_);
    api::addAnswerRoutes(*router_, *inbox_parts_, *automatic_answers_);
    api::addTeamRoutes(*router_, *inbox_parts_);
    api::addObjectRoutes(*router_, *inbox_parts_);
    api::addMergeRoutes(*router_, *inbox_parts_, *merging_);
    api::addPresenceRoutes(*router_, *inbox_parts_, *presence_);
    api::addProfileRoutes(*router_, *inbox_parts_, *profiles_);
    api::addScheduledRoutes(*router_, *inbox_parts_, *scheduled_, ring);
    api::addOutboxRoutes(*router_, *store_, clock_, accounts_, *outbox_);
    api::addFileRoutes(*router_, fileParts(), *store_);
    api::addUploadRoutes(*router_, fileParts(), *uploads_);
    api::addThumbnailRoutes(*router_, {fileParts(), *thumbnails_, *picture_maker_}, *store_);
    api::addWorkflowRoutes(*router_, *workflows_);
    api::addRunRoutes(*router_, *store_, *engine_);
    api::addScheduleRoutes(*router_, *store_);
    api::addQuarantineRoutes(*router_,
                             {*store_, accounts_, connectors_, *door_, *trigger_door_, {*pages_, *blobs_}});
    api::addApprovalRoutes(*router_, *approvals_);
    api::addUnsubscribeRoutes(*router_, {*store_, ids_, clock_, *log_, accounts_, mails_->token()});
    api::addWorkRoutes(*router_, *store_, *work_);
    api::addCrmRoutes(*router_, *store_, ids_, *crm_records_);
    api::addNoticeRoutes(*router_, *store_, *notices_, *escalations_);
    api::addCredentialRoutes(*router_, *credentials_);
    api::addWebhookRoutes(*router_,
                          {*store_, ids_, clock_, accounts_, *outbox_, *webhooks_, options_.egress});
    api::addCalendarRoutes(*router_, *calendars_, clock_);
    own_mailer_ = std::make_unique<api::OwnMailer>(*store_, accounts_, *outbox_, clock_);
    access_->addRoutes(*own_mailer_);
    oidc_ = std::make_unique<Oidc>(options_.oidc, *account_http_, clock_);  // the admin chose where it is
    api::addOidcRoutes(*router_, {*store_, clock_, access_->sessions(), *oidc_});
    api::addAccountRoutes(*router_, {*store_, accounts_, connectors_, *stored_accounts_});
    api::addSearchRoutes(*router_, *search_, accounts_);
    api::addDocsRoutes(*router_);
    api::addExportRoutes(*router_, *store_, accounts_, serverOptions().spool_folder);
    api::addOriginalRoutes(*router_, *store_, accounts_, *blobs_);
    api::addEventRoutes(*router_, *store_, *log_, accounts_);
    api::addPostedEventRoutes(*router_, *store_, accounts_, *posted_events_);
    api::addOAuthRoutes(*router_,
                        {clock_, *store_, accounts_, connectors_, *outbox_, *polls_, options_.public_url});
    mail_http_ = makeHttpClient(options_.egress);
    api::addMailRoutes(*router_, {*store_, ids_, clock_, accounts_, *mail_http_});
    api::addSystemRoutes(*router_, {clock_, started_at_, *store_, accounts_, connectors_, *outbox_, *polls_,
                                    [this] { return figures(); }, [this] { return status(); },
                                    [this] { return reasonsNotReady(); }});
    api::addAliases(*router_, *inbox_parts_);
}

Result<Id> App::organizationOf(const AccountOptions& account) const {
    if (account.organization.empty() || account.organization == options_.organization) return kDefaultOrg;
    std::optional<Id> org;
    store_->read([&](Reader& reader) { org = findOrganization(reader, account.organization); });
    if (org) return *org;
    return Error{ErrorKind::Invalid, "account " + account.name + ": no organization is called «" +
                                         account.organization +
                                         "»; make it: signalboxd org create --config FILE NAME"};
}

Status App::connectAgain() {
    std::vector<AccountOptions> configured;
    {
        std::lock_guard lock(connecting_);
        configured = configured_;
    }
    if (auto connected = connectAccounts(configured); !connected) return connected;
    if (is_started_) polls_->run(connectors_.all());
    return Done{};
}

std::optional<Json> App::keysOf(Id org, const std::string& name) {
    std::lock_guard lock(named_);
    for (const AccountOptions& account : named_accounts_) {
        if (account.name != name) continue;
        if (const auto owner = organizationOf(account); owner && *owner == org) return account.config;
    }
    return std::nullopt;
}

Status App::connectAccounts(const std::vector<AccountOptions>& accounts) {
    std::lock_guard lock(connecting_);
    {
        std::lock_guard naming(named_);
        named_accounts_ = accounts;
    }
    std::vector<Account> rows;
    std::vector<Id> orgs;
    for (const AccountOptions& account : accounts) {
        const ConnectorType* type = findConnectorType(account.type);
        if (type == nullptr)
            return Error{ErrorKind::Invalid, "account " + account.name + ": no connector " + account.type};
        const auto org = organizationOf(account);
        if (!org) return org.error();
        orgs.push_back(*org);
        rows.push_back({0, *org, account.name, account.type, type->channel, account.region,
                        type->is_send_idempotent, ownAddress(account.config)});
    }
    const auto built_in =
        config::checkAccount({{"name", "http"}, {"type", "http"}}, config::installedSchemas());
    if (!built_in) return built_in.error();
    std::vector<Id> all_orgs;
    store_->read([&](Reader& reader) { all_orgs = allOrganizations(reader); });
    for (const Id org : all_orgs) {
        rows.push_back({0, org, std::string(kBuiltInHttp), "http", "http", "", false});
        rows.push_back({0, org, std::string(kBuiltInWebhook), "webhook", "webhook", "", false});
    }
    const auto stored = stored_accounts_->load();
    for (const auto& one : stored) rows.push_back(one.account);
    if (auto replaced = accounts_.replace(*store_, ids_, clock_, std::move(rows)); !replaced) return replaced;
    std::vector<ConnectorSet::Entry> entries;
    for (std::size_t i = 0; i < accounts.size(); ++i)
        entries.push_back({accounts_.byName(orgs[i], accounts[i].name), accounts[i].config});
    Json built_in_config = *built_in;
    for (const char* key : {"name", "type", "region"}) built_in_config.erase(key);
    for (const Id org : all_orgs)
        entries.push_back({accounts_.byName(org, kBuiltInHttp), built_in_config, std::string(kBuiltInHttp)});
    for (const auto& one : stored) {
        entries.push_back({accounts_.byName(one.account.org, one.account.name), one.config, one.hook,
                           stored_account_http_.get()});
    }
    configured_ = accounts;
    return connectors_.replace(
        entries, *account_http_, clock_, options_.egress, [this](const ConnectedAccount& connected) {
            if (auto* const user = dynamic_cast<UsesCredentials*>(connected.connector.get()))
                user->takeCredentialsFrom(credential_tokens_->of(connected.account->org));
            if (auto* const consent = dynamic_cast<Consent*>(connected.connector.get()))
                consent->keepTokensIn(std::make_shared<KeptTokens>(connected.account, *account_tokens_));
        });
}

Status App::start() {
    if (auto started = access_->start(); !started) return started;
    if (auto started = dispatcher_->start(); !started) return started;
    inbox_clock_->start();
    automatic_answers_->start();
    webhook_feed_->start();
    engine_->start();
    scheduler_->start();
    feed_->start();
    search_indexer_->start();
    file_care_->start();
    stream_care_ = std::make_unique<StreamCare>(*store_, clock_, options_.stream_retention);
    stream_care_->start();
    housekeeper_ = std::jthread([this](const std::stop_token& stop) { housekeep(stop); });
    polls_->run(connectors_.all());
    is_started_ = true;
    server_->start();
    return Done{};
}

Status App::reload(const std::vector<AccountOptions>& accounts) {
    if (auto connected = connectAccounts(accounts); !connected) return connected;
    polls_->run(connectors_.all());
    return server_->reloadTls();
}

void App::stop() {
    if (is_stopped_.exchange(true)) return;
    is_stopping_ = true;
    if (server_) server_->stop(options_.drain);
    if (feed_) feed_->stop();
    if (requests_) requests_->stop();
    if (search_indexer_) search_indexer_->stop();
    if (file_care_) file_care_->stop();
    if (stream_care_) stream_care_->stop();
    housekeeper_.request_stop();
    if (housekeeper_.joinable()) housekeeper_.join();
    if (polls_) polls_->stop();
    if (dispatcher_ && is_started_) dispatcher_->stop(clock_.now() + options_.drain);
    if (scheduler_) scheduler_->stop();
    if (inbox_clock_) inbox_clock_->stop();
    if (automatic_answers_) automatic_answers_->stop();
    if (webhook_feed_) webhook_feed_->stop();
    if (engine_ && is_started_) engine_->stop();
    if (access_ && is_started_) access_->stop();
    if (store_) store_->close();
}

void App::handle(HttpRequest&& request, http::Responder responder) {
    const std::string_view path = request.path();
    if (path.starts_with("/hooks/")) {
        door_->handle(std::move(request), std::move(responder));
        return;
    }
    if (path == "/healthz") {
        responder.reply(api::health());
        return;
    }
    auto shared = std::make_shared<HttpRequest>(std::move(request));
    const bool is_taken =
        requests_->trySubmit([this, shared, responder] { handleOnWorker(std::move(*shared), responder); });
    if (!is_taken) responder.reply(tooBusy());
}

void App::handleOnWorker(HttpRequest&& request, const http::Responder& responder) {
    const std::string_view path = request.path();
    if (TriggerDoor::isMine(path)) {
        trigger_door_->handle(std::move(request), responder);
    } else if (path == "/readyz") {
        responder.reply(api::readiness(reasonsNotReady()));
    } else if (path == "/metrics") {
        responder.reply(api::metrics(figures()));
    } else {
        HttpResponse response = router_->handle(std::move(request));
        // What people wrote is in it: no browser may take it for a page.
        if (!response.headers.find("x-content-type-options"))
            response.headers.add("x-content-type-options", "nosniff");
        responder.reply(std::move(response));
    }
}

// In small writes, so that nobody waits for them.
void App::forgetRuns(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        const auto forgotten = workflow::forgetOldRuns(*store_, clock_.now());
        if (!forgotten) log::warn("runs_not_forgotten", {{"error", forgotten.error().message}});
        if (!forgotten || *forgotten < workflow::kForgetBatch) return;
    }
}

// On one database, another node may have made or changed an account.
void App::followAccounts() {
    if (store_->isExclusive()) return;
    try {
        (void)stored_accounts_->follow();
    } catch (const StoreError& failure) {
        log::warn("accounts_not_followed", {{"error", failure.message}});
    }
}

// Runs that another daemon on the database went on with may have answered callers of ours.
void App::answerForOthers() {
    if (store_->isExclusive() || waiters_->waiting() == 0) return;
    try {
        for (auto& [offset, response] : workflow::loadResponses(*store_, waiters_->offsets()))
            waiters_->respond(offset, std::move(response));
    } catch (const StoreError& failure) {
        log::warn("responses_not_read", {{"error", failure.message}});
    }
}

void App::housekeep(const std::stop_token& stop) {
    TimePoint next_cleanup = clock_.now() + 1min, next_refresh = clock_.now() + 5s;
    while (clock_.sleepUntil(clock_.now() + (store_->isExclusive() ? 100ms : 20ms), stop)) {
        answerForOthers();
        waiters_->expire();
        // After a failed fsync nobody knows what is on disk: end, and let the next start read what is there.
        if (const auto health = store_->health();
            !health && health.error().code == "store_sync_failed" && !is_broken_) {
            is_broken_ = true;
            log::error("database_not_durable", {{"error", health.error().message}});
            kill(getpid(), SIGTERM);
        }
        if (clock_.now() >= next_refresh) {
            next_refresh = clock_.now() + 5s;
            access_->refresh();
            followAccounts();
        }
        if (clock_.now() < next_cleanup) continue;
        next_cleanup = clock_.now() + 1h;
        access_->saveLastUse();
        access_->idempotency().forgetOld();
        if (const auto done = posted_events_->forgetOldKeys(); !done)
            log::warn("cleanup_failed", {{"error", done.error().message}});
        forgetRuns(stop);
        if (const auto cleaned = forgetOldParked(*store_, clock_.now()); !cleaned) {
            log::warn("cleanup_failed", {{"error", cleaned.error().message}});
        }
    }
}

}  // namespace signalbox
