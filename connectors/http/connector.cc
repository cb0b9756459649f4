#include "connectors/sdk/connector.h"

#include "connectors/http/config.h"
#include "connectors/http/normalize.h"
#include "connectors/http/render.h"
#include "connectors/sdk/credential_source.h"
#include "connectors/sdk/webhook_signature.h"

namespace signalbox::http {

extern const char* const kSchema;

namespace {

using namespace http_account;

constexpr std::size_t kMaxItems = 100'000, kMaxPagedBytes = 10 * 1024 * 1024;
constexpr std::chrono::seconds kMaxPagedTime{300};

class HttpAccount : public Connector, public Sender, public UsesCredentials {
public:
    HttpAccount(AccountConfig config, HttpClient& http, const Clock& clock)
        : config_(std::move(config)),
          base_client_(http),
          guarded_client_(makeHttpClient(config_.policy)),
          clock_(clock) {}

    Status check(const std::stop_token& stop) override;
    Sender* sender() override { return this; }
    Result<Receipt> send(const OutboundMessage& message, const std::stop_token& stop) override;
    void takeCredentialsFrom(std::shared_ptr<CredentialSource> source) override {
        source_ = std::move(source);
    }

private:
    Status resolveAddress(OutboundMessage& message) const;
    Status addCredentials(Prepared& prepared, const OutboundMessage& message,
                          const std::stop_token& stop) const;
    Result<HttpResponse> ask(const Prepared& prepared, const std::stop_token& stop) const;
    Result<HttpResponse> askAuthorized(Prepared& prepared, const OutboundMessage& message,
                                       const std::stop_token& stop) const;
    Result<Receipt> sendPages(Prepared prepared, const OutboundMessage& message,
                              const std::stop_token& stop) const;

    std::shared_ptr<CredentialSource> source_;  // the daemon's, which the connectors of an organization share
    const AccountConfig config_;
    HttpClient& base_client_;  // for base_url: the daemon lets accounts reach what an admin configured
    const std::unique_ptr<HttpClient> guarded_client_;  // for URLs that a workflow wrote
    const Clock& clock_;
};

// Asks base_url, where there is one: any answer says that it is there, 401 that it does not know us.
Status HttpAccount::check(const std::stop_token& stop) {
    if (!config_.base) return Done{};
    OutboundMessage message;
    message.type = "http";
    message.content = {{"url", ""}, {"fail_on_status", false}};
    const auto receipt = send(message, stop);
    if (!receipt) return receipt.error();
    const auto status = numberAt(receipt->content, "status");
    if (status != 401 && status < 500) return Done{};
    return errorFromStatus("http GET " + config_.base->host, HttpResponse{static_cast<int>(status)});
}

Error noCredentials() {
    return {ErrorKind::Invalid, "http request: no credentials are kept here", {}, "credential_not_found"};
}

// A credential of type «url» is the address; what the request says behind it is not added.
Status HttpAccount::resolveAddress(OutboundMessage& message) const {
    const std::string name = textAt(message.content, "credential");
    if (name.empty()) return Done{};
    if (!source_) return noCredentials();
    const auto address = source_->address(name);
    if (!address) return address.error();
    if (*address) {
        if (!textAt(message.content, "url").empty())
            return Error{ErrorKind::Invalid,
                         "http request: credential and url are both an address; leave url out"};
        message.content["url"] = (*address)->reveal();
        message.content.erase("credential");
    }
    return Done{};
}

Status HttpAccount::addCredentials(Prepared& prepared, const OutboundMessage& message,
                                   const std::stop_token& stop) const {
    if (prepared.credential.empty() && prepared.signing_credential.empty()) return Done{};
    if (!source_) return noCredentials();
    const auto url = parseUrl(prepared.request.target);
    if (!url) return url.error();
    if (!prepared.credential.empty()) {
        auto secrets = source_->authorize(prepared.credential, *url, prepared.request, stop);
        if (!secrets) return secrets.error();
        prepared.secrets = std::move(*secrets);
    }
    if (prepared.signing_credential.empty()) return Done{};
    const auto keys = source_->signingKeys(prepared.signing_credential, *url);
    if (!keys) return keys.error();
    signWebhook(prepared.request, message.idempotency_key, clock_.now(), *keys);
    return Done{};
}

Result<HttpResponse> HttpAccount::ask(const Prepared& prepared, const std::stop_token& stop) const {
    HttpOptions options;
    options.read_timeout = options.total_timeout = prepared.timeout;
    HttpClient& client = prepared.is_at_base ? base_client_ : *guarded_client_;
    auto response = client.send(prepared.request, options, stop);
    if (!response) return readFailure(response.error(), prepared);
    return response;
}

// A token that was revoked before its time is got anew, once: a request that was answered 401 had no effect.
Result<HttpResponse> HttpAccount::askAuthorized(Prepared& prepared, const OutboundMessage& message,
                                                const std::stop_token& stop) const {
    const HttpRequest plain = prepared.request;
    if (auto added = addCredentials(prepared, message, stop); !added) return added.error();
    auto response = ask(prepared, stop);
    if (!response || response->status != 401 || prepared.credential.empty() ||
        !source_->refused(prepared.credential))
        return response;
    prepared.request = plain;
    if (auto added = addCredentials(prepared, message, stop); !added) return added.error();
    return ask(prepared, stop);
}

Result<Receipt> HttpAccount::send(const OutboundMessage& given, const std::stop_token& stop) {
    OutboundMessage message = given;
    if (auto resolved = resolveAddress(message); !resolved) return resolved.error();
    auto prepared = render(message, config_);
    if (!prepared) return prepared.error();
    if (prepared->pagination) return sendPages(std::move(*prepared), message, stop);
    const TimePoint started = clock_.now();
    const auto response = askAuthorized(*prepared, message, stop);
    if (!response) return response.error();
    const auto duration = std::chrono::duration_cast<std::chrono::milliseconds>(clock_.now() - started);
    return readAnswer(*response, *prepared, config_, duration);
}

// Page by page; the receipt is the last page's, with the items of all as its body. A page that fails fails
// the whole, which the outbox then asks for again.
Result<Receipt> HttpAccount::sendPages(Prepared prepared, const OutboundMessage& message,
                                       const std::stop_token& stop) const {
    const Pagination pagination = *prepared.pagination;
    const HttpRequest plain = prepared.request;
    const auto first = parseUrl(plain.target);
    if (!first) return first.error();
    const TimePoint started = clock_.now();
    std::optional<std::string> url = plain.target;
    if (pagination.mode == Pagination::Mode::Page)
        url = withParameter(*url, pagination.parameter, std::to_string(pagination.first));
    Json all = Json::array();
    std::size_t bytes = 0;
    for (std::int64_t page = 0;; ++page) {
        prepared.request = plain;
        prepared.request.target = *url;
        const auto response = askAuthorized(prepared, message, stop);
        if (!response) return response.error();
        const auto duration = std::chrono::duration_cast<std::chrono::milliseconds>(clock_.now() - started);
        auto receipt = readAnswer(*response, prepared, config_, duration);
        if (!receipt || response->status > 299) return receipt;
        const Json& body = receipt->content["body"];
        const auto items = itemsOf(pagination, body);
        if (!items) return withContext(prepared.what, items.error());
        bytes += response->body.size();
        if (bytes > kMaxPagedBytes || all.size() + items->size() > kMaxItems || duration > kMaxPagedTime)
            return Error{ErrorKind::Rejected,
                         prepared.what +
                             ": the pages are more than 10 MiB, 100000 items or five minutes; ask "
                             "for fewer with max_pages",
                         {},
                         "too_many_pages"};
        all.insert(all.end(), items->begin(), items->end());
        url = nextPage(pagination, *url, *response, body, page, items->size());
        const auto next = url ? parseUrl(*url) : first;
        if (!next) return withContext(prepared.what + ": next page", next.error());
        if (next->origin() != first->origin())
            return Error{
                ErrorKind::Rejected, prepared.what + ": the next page is on another server", {}, "next_page"};
        if (url && page + 1 < pagination.max_pages) continue;
        receipt->content["body"] = std::move(all);
        receipt->content["pages"] = page + 1;
        receipt->content["is_complete"] = !url.has_value();
        return receipt;
    }
}

// What the daemon opens to all workflows, beside what the account opens.
void allowAlso(AddressPolicy& policy, const AddressPolicy& egress) {
    policy.allow_any = policy.allow_any || egress.allow_any;
    policy.any_port = policy.any_port || egress.any_port;
    policy.allowed_networks.insert(policy.allowed_networks.end(), egress.allowed_networks.begin(),
                                   egress.allowed_networks.end());
}

// What lies behind the daemon is opened by who runs it, not by an administrator of one organization.
Error opensTooMuch(const std::string& account) {
    return {
        ErrorKind::Invalid,
        "account " + account +
            ": allow_networks, allow_any_port: an account of the API reaches what the daemon's configuration"
            " opens to all with egress (allow_networks, any_port); leave them out",
        {},
        "config"};
}

Result<std::unique_ptr<Connector>> create(const ConnectorContext& context) {
    auto config = readConfig(context.config);
    if (!config) return config.error();
    if (context.is_from_api && (config->policy.any_port || !config->policy.allowed_networks.empty()))
        return opensTooMuch(context.account);
    allowAlso(config->policy, context.egress);
    return std::unique_ptr<Connector>(
        std::make_unique<HttpAccount>(std::move(*config), context.http, context.clock));
}

}  // namespace

const ConnectorType& type() {
    static const ConnectorType type = {"http", "http", kSchema, false, create};
    return type;
}

}  // namespace signalbox::http
