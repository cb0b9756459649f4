#include "connectors/sdk/connector.h"

#include "connectors/whatsapp_cloud/config.h"
#include "connectors/whatsapp_cloud/graph.h"
#include "connectors/whatsapp_cloud/media.h"
#include "connectors/whatsapp_cloud/normalize.h"
#include "connectors/whatsapp_cloud/render.h"
#include "connectors/whatsapp_cloud/verify.h"

namespace signalbox::whatsapp_cloud {

extern const char* const kSchema;
const ConnectorType& type();

namespace {

class WhatsappCloud : public Connector, public Receiver, public Sender, public MediaSource {
public:
    WhatsappCloud(WhatsappConfig config, const ConnectorContext& context)
        : config_(std::move(config)),
          verifier_(config_.app_secrets, config_.verify_token),
          graph_(config_, context.http),
          clock_(context.clock) {}

    Receiver* receiver() override { return this; }
    Sender* sender() override { return this; }
    MediaSource* media() override { return this; }

    Status check(const std::stop_token& stop) override {
        const auto number = graph_.read(
            config_.phone_number_id + "?fields=display_phone_number,verified_name,quality_rating", stop);
        if (!number) return number.error();
        if (textAt(*number, "id").empty())
            return Error{
                ErrorKind::Unavailable, "whatsapp check: the answer names no phone number", {}, "bad_answer"};
        return Done{};
    }

    Result<Received> receive(const HttpRequest& request, TimePoint) const override {
        Received received;
        if (request.method == "GET") {
            auto reply = verifier_.shakeHands(request);
            if (!reply) return reply.error();
            received.reply = std::move(*reply);
            return received;
        }
        if (auto signed_by_meta = verifier_.checkSignature(request); !signed_by_meta)
            return signed_by_meta.error();
        auto callback = parseJson(request.body);
        if (!callback) {
            received.quarantine_reason = callback.error().message;
            return received;
        }
        auto normalized = normalize(std::move(*callback), config_.phone_number_id);
        received.envelopes = std::move(normalized.envelopes);
        for (std::size_t i = 0; i < received.envelopes.size(); ++i)
            if (received.envelopes[i].content.contains("phone_number_id")) received.of_others.push_back(i);
        received.quarantine_reason = std::move(normalized.quarantine_reason);
        return received;
    }

    Result<Receipt> send(const OutboundMessage& message, const std::stop_token& stop) override {
        const auto request = render(message, config_, clock_.now());
        if (!request) return request.error();
        return graph_.send(*request, stop);
    }

    Result<Media> fetch(const Attachment& attachment, const std::stop_token& stop) override {
        return fetchMedia(graph_, attachment, stop);
    }

private:
    const WhatsappConfig config_;
    const Verifier verifier_;
    const Graph graph_;
    const Clock& clock_;
};

Result<std::unique_ptr<Connector>> create(const ConnectorContext& context) {
    auto config = readConfig(context.config);
    if (!config) return withContext("whatsapp_cloud", config.error());
    return std::unique_ptr<Connector>(std::make_unique<WhatsappCloud>(std::move(*config), context));
}

}  // namespace

const ConnectorType& type() {
    static const ConnectorType kType{"whatsapp_cloud", "whatsapp", kSchema, false, create};
    return kType;
}

}  // namespace signalbox::whatsapp_cloud
