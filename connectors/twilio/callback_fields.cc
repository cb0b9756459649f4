#include "connectors/twilio/callback_fields.h"

#include <algorithm>

namespace signalbox::twilio {
namespace {

constexpr std::string_view kWhatsApp = "whatsapp:";

bool isPhone(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string field(const FormFields& fields, std::string_view name) {
    return std::string(findField(fields, name).value_or(""));
}

Address readAddress(std::string_view text) {
    if (!text.starts_with(kWhatsApp)) {
        const bool is_other_channel = text.find(':') != std::string_view::npos;
        return {"sms", {is_other_channel ? "external" : "phone", std::string(text)}};
    }
    text.remove_prefix(kWhatsApp.size());
    if (!isPhone(text)) return {"whatsapp", {"wa_user_id", std::string(text)}};
    return {"whatsapp", {"phone", (text.starts_with('+') ? "" : "+") + std::string(text)}};
}

std::string messageSid(const FormFields& fields) {
    for (const char* name : {"MessageSid", "SmsMessageSid", "SmsSid"}) {
        if (auto sid = field(fields, name); !sid.empty()) return sid;
    }
    return {};
}

}  // namespace signalbox::twilio
