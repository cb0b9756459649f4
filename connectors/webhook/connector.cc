#include "connectors/sdk/connector.h"

#include "connectors/webhook/config.h"
#include "connectors/webhook/normalize.h"
#include "connectors/webhook/verify.h"

namespace signalbox::webhook {

extern const char* const kSchema;

namespace {

class Webhook : public Connector, public Receiver {
public:
    explicit Webhook(WebhookConfig config) : config_(std::move(config)) {}

    // There is nobody to ask: the sender calls us.
    Status check(const std::stop_token&) override { return Done{}; }
    Receiver* receiver() override { return this; }

    Result<Received> receive(const HttpRequest& request, TimePoint now) const override {
        const auto proof = verify(config_.verifier, request, now);
        if (!proof) return proof.error();
        return normalize(request, *proof, config_);
    }

private:
    const WebhookConfig config_;
};

Result<std::unique_ptr<Connector>> create(const ConnectorContext& context) {
    auto config = readConfig(context.config);
    if (!config) return config.error();
    return std::unique_ptr<Connector>(std::make_unique<Webhook>(std::move(*config)));
}

}  // namespace

const ConnectorType& type() {
    static const ConnectorType type = {"webhook", "webhook", kSchema, false, create};
    return type;
}

}  // namespace signalbox::webhook
