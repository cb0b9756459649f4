// Callbacks about the account, its templates, people's preferences: kept, shown, and no line of a
// conversation.
#include "connectors/whatsapp_cloud/elements.h"
#include "connectors/whatsapp_cloud/errors.h"
#include "connectors/whatsapp_cloud/identity.h"

namespace signalbox::whatsapp_cloud {
namespace {

Envelope notice(std::string type) {
    Envelope envelope;
    envelope.kind = EnvelopeKind::Notice;
    envelope.channel = kChannel;
    envelope.type = std::move(type);
    return envelope;
}

Envelope preferenceNotice(Json& preference, const Json& contacts) {
    Envelope envelope = notice("user_preferences");
    envelope.dedup_key = keyFrom("user_preferences:", preference);
    envelope.provider_time = timeFrom(memberAt(preference, "timestamp"));
    Peer peer = peerFrom(textAt(preference, "wa_id"), textAt(preference, "user_id"), contacts);
    envelope.from = std::move(peer.participant);
    envelope.thread_key = std::move(peer.thread_key);
    envelope.text = takeText(preference, "detail");
    envelope.content["preference"] = {{"category", takeText(preference, "category")},
                                      {"value", takeText(preference, "value")}};
    return envelope;
}

}  // namespace

Envelope errorNotice(const Surroundings& around) {
    Envelope envelope = notice("error");
    envelope.text = describe(around.errors[0]);
    envelope.content["errors"] = around.errors;
    if (!around.foreign_phone_number_id.empty())
        envelope.content["phone_number_id"] = around.foreign_phone_number_id;
    envelope.dedup_key = keyFrom("error:", envelope.content);
    return envelope;
}

std::vector<Envelope> noticesFrom(const std::string& field, const std::string& business_account,
                                  const Json& time, Json value) {
    std::vector<Envelope> notices;
    if (field == "user_preferences") {
        for (Json& preference : elementsOf(value, "user_preferences"))
            notices.push_back(preferenceNotice(preference, memberAt(value, "contacts")));
        if (!notices.empty()) return notices;
    }
    Envelope envelope = notice(field);
    envelope.text = textAt(value, "event");
    envelope.provider_time = timeFrom(time);
    envelope.content = {{"business_account_id", business_account}, {"value", std::move(value)}};
    envelope.dedup_key = keyFrom("notice:", {field, time, envelope.content});
    notices.push_back(std::move(envelope));
    return notices;
}

}  // namespace signalbox::whatsapp_cloud
