#include "connectors/sdk/connector.h"

#include "connectors/http/config.h"
#include "connectors/http/normalize.h"
#include "connectors/http/render.h"

namespace signalbox::http {

extern const char* const kSchema;

namespace {

using namespace http_account;

class HttpAccount : public Connector, public Sender {
public:
    HttpAccount(AccountConfig config, HttpClient& http, const Clock& clock)
        : config_(std::move(config)),
          base_client_(http),
          guarded_client_(makeHttpClient(config_.policy)),
          clock_(clock) {}

    Status check(const std::stop_token& stop) override;
    Sender* sender() override { return this; }
    Result<Receipt> send(const OutboundMessage& message, const std::stop_token& stop) override;

private:
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

Result<Receipt> HttpAccount::send(const OutboundMessage& message, const std::stop_token& stop) {
    const auto prepared = render(message, config_);
    if (!prepared) return prepared.error();
    HttpOptions options;
    options.read_timeout = options.total_timeout = prepared->timeout;
    const TimePoint started = clock_.now();
    HttpClient& client = prepared->is_at_base ? base_client_ : *guarded_client_;
    const auto response = client.send(prepared->request, options, stop);
    if (!response) return readFailure(response.error(), *prepared);
    const auto duration = std::chrono::duration_cast<std::chrono::milliseconds>(clock_.now() - started);
    return readAnswer(*response, *prepared, config_, duration);
}

// What the daemon opens to all workflows, beside what the account opens.
void allowAlso(AddressPolicy& policy, const AddressPolicy& egress) {
    policy.allow_any = policy.allow_any || egress.allow_any;
    policy.any_port = policy.any_port || egress.any_port;
    policy.allowed_networks.insert(policy.allowed_networks.end(), egress.allowed_networks.begin(),
                                   egress.allowed_networks.end());
}

Result<std::unique_ptr<Connector>> create(const ConnectorContext& context) {
    auto config = readConfig(context.config);
    if (!config) return withContext("account " + context.account, config.error());
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
