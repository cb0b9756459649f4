#include "connectors/whatsapp_cloud/normalize.h"

#include "connectors/whatsapp_cloud/elements.h"

namespace signalbox::whatsapp_cloud {
namespace {

class Walk {
public:
    explicit Walk(const std::string& phone_number_id) : phone_number_id_(phone_number_id) {}

    Normalized run(Json& callback) {
        if (textAt(callback, "object") != "whatsapp_business_account")
            doubt("object", "is not whatsapp_business_account");
        if (elementsOf(callback, "entry").empty()) doubt("entry", "is missing or empty");
        for (Json& entry : elementsOf(callback, "entry")) {
            if (elementsOf(entry, "changes").empty()) doubt("entry", "has no changes");
            for (Json& change : elementsOf(entry, "changes")) visitChange(entry, change);
        }
        return std::move(normalized_);
    }

private:
    void visitChange(Json& entry, Json& change) {
        const std::string field = textAt(change, "field");
        Json* value = find(change, "value");
        if (field.empty() || value == nullptr || !value->is_object())
            return doubt("change", "has no field or no value");
        if (field == "messages") return visitMessages(*value, Direction::Inbound, "messages");
        if (field == "smb_message_echoes")
            return visitMessages(*value, Direction::Outbound, "message_echoes");
        for (Envelope& notice :
             noticesFrom(field, textAt(entry, "id"), memberAt(entry, "time"), std::move(*value)))
            normalized_.envelopes.push_back(std::move(notice));
    }

    void visitMessages(Json& value, Direction direction, const char* list) {
        const std::string number = textAt(memberAt(value, "metadata"), "phone_number_id");
        const Surroundings around{memberAt(value, "contacts"), memberAt(value, "errors"),
                                  number == phone_number_id_ ? std::string() : number, direction};
        const auto messages = elementsOf(value, list);
        const auto statuses = elementsOf(value, "statuses");
        const bool has_errors = around.errors.is_array() && !around.errors.empty();
        bool are_errors_told = false;
        for (Json& message : messages) {
            auto envelope = messageFrom(message, around);
            if (!envelope) {
                doubt(list, envelope.error().message);
                continue;
            }
            are_errors_told = are_errors_told || envelope->type == "unsupported";
            normalized_.envelopes.push_back(std::move(*envelope));
        }
        for (Json& status : statuses) {
            auto envelope = statusFrom(status, around);
            if (!envelope) doubt("statuses", envelope.error().message);
            if (envelope && *envelope) normalized_.envelopes.push_back(std::move(**envelope));
        }
        if (has_errors && !are_errors_told) normalized_.envelopes.push_back(errorNotice(around));
        if (messages.empty() && statuses.empty() && !has_errors)
            doubt("value", "holds neither messages nor statuses nor errors");
    }

    // The first few reasons are enough to find the place in the raw body.
    void doubt(const char* place, const std::string& reason) {
        constexpr std::size_t kLongest = 500;
        std::string& all = normalized_.quarantine_reason;
        if (all.size() > kLongest) return;
        all += (all.empty() ? "" : "; ") + std::string(place) + ' ' + reason;
    }

    const std::string& phone_number_id_;
    Normalized normalized_;
};

}  // namespace

Normalized normalize(Json callback, const std::string& phone_number_id) {
    return Walk(phone_number_id).run(callback);
}

}  // namespace signalbox::whatsapp_cloud
