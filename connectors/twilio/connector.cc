#include "connectors/sdk/connector.h"

#include "connectors/twilio/config.h"
#include "connectors/twilio/media.h"
#include "connectors/twilio/normalize.h"
#include "connectors/twilio/render.h"
#include "connectors/twilio/signature.h"

namespace signalbox::twilio {

extern const char* const kSchema;

namespace {

class Twilio : public Connector, public Receiver, public Sender {
public:
    Twilio(TwilioConfig config, HttpClient& http, const Clock& clock)
        : config_(std::move(config)), http_(http), clock_(clock), media_(config_, http) {}

    Status check(const std::stop_token& stop) override;
    Receiver* receiver() override { return this; }
    Sender* sender() override { return this; }
    MediaSource* media() override { return &media_; }

    Result<Received> receive(const HttpRequest& request, TimePoint now) const override;
    Result<Receipt> send(const OutboundMessage& message, const std::stop_token& stop) override;

private:
    HttpOptions options() const {
        HttpOptions options;
        options.read_timeout = options.total_timeout = config_.request_timeout;
        return options;
    }

    const TwilioConfig config_;
    HttpClient& http_;
    const Clock& clock_;
    TwilioMedia media_;
};

Status Twilio::check(const std::stop_token& stop) {
    constexpr const char* kCheck = "twilio read account";
    HttpRequest request{"GET", accountUrl(config_) + ".json"};
    request.headers = {{"authorization", basicAuthorization(config_)}, {"accept", "application/json"}};
    auto response = http_.send(request, options(), stop);
    if (!response) return withContext(kCheck, response.error());
    if (response->status != 200) return readError(kCheck, *response);
    const auto body = parseJson(response->body);
    if (!body) return withContext(kCheck, Error{ErrorKind::Unavailable, "the answer is no JSON", {}, ""});
    const std::string state = textAt(*body, "status", "active");
    if (state == "active") return Done{};
    return withContext(kCheck, Error{ErrorKind::Forbidden, "the account is " + state, {}, "20005"});
}

Result<Received> Twilio::receive(const HttpRequest& request, TimePoint) const {
    const auto callback = readCallback(request);
    if (!callback) return withContext("twilio callback", callback.error());
    if (auto signed_by_twilio = verify(config_, request, *callback); !signed_by_twilio)
        return signed_by_twilio.error();
    return normalize(*callback, request, config_.channel);
}

Result<Receipt> Twilio::send(const OutboundMessage& message, const std::stop_token& stop) {
    const auto request =
        message.type == "call" ? renderCall(message, config_) : render(message, config_, clock_.now());
    if (!request) return request.error();
    const auto response = http_.send(*request, options(), stop);
    if (!response) return withContext("twilio send message", response.error());
    return readReceipt(*response);
}

Result<std::unique_ptr<Connector>> create(const ConnectorContext& context) {
    auto config = readConfig(context.config);
    if (!config) return config.error();
    return std::unique_ptr<Connector>(
        std::make_unique<Twilio>(std::move(*config), context.http, context.clock));
}

}  // namespace

const ConnectorType& type() {
    static const ConnectorType type = {"twilio", "sms", kSchema, false, create};
    return type;
}

}  // namespace signalbox::twilio
