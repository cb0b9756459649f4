#include "connectors/sdk/connector.h"

#include <cstdlib>

#include "connectors/email/config.h"
#include "connectors/email/imap_poller.h"
#include "connectors/email/login_advice.h"
#include "connectors/email/mail_sender.h"
#include "connectors/email/normalize.h"
#include "connectors/email/oauth_source.h"

namespace signalbox::email {

extern const char* const kSchema;

namespace {

constexpr std::size_t kMostNames = 500;  // bytes of the folders that an error names

// Whoever runs the machine may name any server; through the API only those that egress.allow_networks
// opens, or public ones.
SocketOptions socketOptions(const AccountConfig& config, const ConnectorContext& context) {
    SocketOptions options;
    if (context.is_from_api)
        options.policy = context.egress;
    else
        options.policy.allow_any = true;
    options.policy.any_port = true;
    options.timeout = config.timeout;
    options.ca_file = config.ca_file;
    return options;
}

std::unique_ptr<OAuthSource> oauthFor(const AccountConfig& config, const ConnectorContext& context) {
    if (config.oauth.provider.empty()) return nullptr;
    return std::make_unique<OAuthSource>(context.account, config, context.http, context.clock);
}

std::unique_ptr<CredentialSource> passwordFor(const AccountConfig& config) {
    return std::make_unique<PasswordSource>(config.username, config.password);
}

class Mailbox : public Connector, public Sender, public Poller, public Consent {
public:
    Mailbox(AccountConfig config, const ConnectorContext& context)
        : config_(std::move(config)),
          oauth_(oauthFor(config_, context)),
          password_(passwordFor(config_)),
          credentials_(oauth_ ? static_cast<CredentialSource*>(oauth_.get()) : password_.get()),
          socket_options_(socketOptions(config_, context)),
          receiving_(config_, socket_options_, *credentials_, context.clock,
                     [this](const std::string& place, std::string raw, bool is_sent) {
                         return normalize(place, std::move(raw), config_.address, is_sent);
                     }),
          sending_(config_, socket_options_, *credentials_, context.clock) {}

    Status check(const std::stop_token& stop) override;
    Poller* poller() override { return config_.imap.host.empty() ? nullptr : this; }
    Sender* sender() override { return this; }
    bool wantsFiles() const override { return true; }
    // Exchange Online takes no fourth connection of a mailbox (432 4.3.2, «concurrent connections limit»).
    std::size_t atOnce() const override { return kKeptSessions; }

    bool isConfigured() const override { return oauth_ != nullptr; }
    void keepTokensIn(std::shared_ptr<TokenStore> store) override {
        if (oauth_) oauth_->keepTokensIn(std::move(store));
    }
    std::string authorizeUrl(const ConsentRequest& request) const override {
        return oauth_->authorizeUrl(request);
    }
    Status accept(const std::string& code, const std::string& code_verifier, const std::string& redirect_uri,
                  const std::stop_token& stop) override {
        return oauth_->accept(code, code_verifier, redirect_uri, stop);
    }

    Result<Receipt> send(const OutboundMessage& message, const std::stop_token& stop) override {
        return sending_.send(message, stop);
    }
    Result<Page> poll(const std::string& cursor, const std::stop_token& stop) override {
        return receiving_.poll(cursor, stop);
    }
    void notStored() override { receiving_.notStored(); }
    std::chrono::seconds pause() const override { return receiving_.pause(); }
    Result<PolledItem> fetchAgain(const std::string& place, const std::stop_token& stop) const override {
        return receiving_.fetchAgain(place, stop);
    }
    PolledItem read(const std::string& place, std::string raw) const override;

private:
    Result<std::unique_ptr<ImapSession>> openImap(const std::stop_token& stop);
    Status checkReceiving(const std::stop_token& stop);
    Status checkFolders(ImapSession& session) const;

    const AccountConfig config_;
    const std::unique_ptr<OAuthSource> oauth_;  // null: a password is used
    const std::unique_ptr<CredentialSource> password_;
    CredentialSource* const credentials_;
    const SocketOptions socket_options_;
    ImapPoller receiving_;
    MailSender sending_;
};

// `place` is «folder uidvalidity/uid», as the poller wrote it.
PolledItem Mailbox::read(const std::string& place, std::string raw) const {
    const auto blank = place.rfind(' '), slash = place.rfind('/');
    const std::string folder = place.substr(0, blank);
    const bool is_sent = folder == config_.sent_folder || folder == "Sent";
    PolledItem item = normalize(place, std::move(raw), config_.address, is_sent);
    if (blank == std::string::npos || slash == std::string::npos || slash < blank) return item;
    item.location = MailLocation{folder, std::atoll(place.c_str() + blank + 1),
                                 std::atoll(place.c_str() + slash + 1), false};
    return item;
}

Result<std::unique_ptr<ImapSession>> Mailbox::openImap(const std::stop_token& stop) {
    const auto credentials = credentials_->credentials(stop);
    if (!credentials) return credentials.error();
    return ImapSession::open(config_.imap, socket_options_, *credentials, stop);
}

Status Mailbox::checkFolders(ImapSession& session) const {
    if (auto selected = session.select("INBOX"); !selected)
        return withAdvice(selected.error(), Protocol::Imap, config_.imap, nullptr);
    const auto there = session.folders();
    if (!there) return withAdvice(there.error(), Protocol::Imap, config_.imap, nullptr);
    for (const std::string& wanted : config_.folders) {
        std::string names;
        bool is_there = wanted == "INBOX";
        for (const ImapFolder& folder : *there) {
            is_there = is_there || folder.name == wanted;
            if (names.size() < kMostNames) names += (names.empty() ? "" : ", ") + folder.name;
        }
        if (!is_there)
            return Error{ErrorKind::Invalid,
                         "folders: the mailbox has no folder " + wanted + "; there are: " + names,
                         {},
                         "folder"};
    }
    return Done{};
}

Status Mailbox::checkReceiving(const std::stop_token& stop) {
    if (config_.imap.host.empty()) return Done{};
    auto session = openImap(stop);
    // A token may end before its time; a new one tells whether the consent still stands.
    if (!session && session.error().kind == ErrorKind::Unauthorized && oauth_) {
        oauth_->refused();
        session = openImap(stop);
    }
    return session ? checkFolders(**session) : Status(session.error());
}

// Both directions; the error says which one does not work, or what each says.
Status Mailbox::check(const std::stop_token& stop) {
    const auto receives = checkReceiving(stop);
    const auto sends = sending_.check(stop);
    if (receives) return sends;
    if (sends) return receives;
    Error both = receives.error();
    both.message += "; and " + sends.error().message;
    return both;
}

Result<std::unique_ptr<Connector>> create(const ConnectorContext& context) {
    auto config = readConfig(context.config);
    if (!config) return config.error();
    if (context.is_from_api && !config->ca_file.empty())
        return Error{ErrorKind::Invalid,
                     "account " + context.account +
                         ": ca_file: names a file of the server; only its configuration file may",
                     {},
                     "config"};
    return std::unique_ptr<Connector>(std::make_unique<Mailbox>(std::move(*config), context));
}

}  // namespace

const ConnectorType& type() {
    static const ConnectorType type = {"email", "email", kSchema, true, create};
    return type;
}

}  // namespace signalbox::email
