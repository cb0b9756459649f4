// What Twilio's API answers → receipt or error.
#include "base/json.h"
#include "connectors/sdk/http_client.h"
#include "connectors/twilio/delivery_status.h"
#include "connectors/twilio/error_codes.h"
#include "connectors/twilio/render.h"

namespace signalbox::twilio {
namespace {

constexpr const char* kSend = "twilio send message";

std::string codeOf(const Json& body, const char* key) {
    const Json& code = memberAt(body, key);
    if (code.is_number_integer()) return std::to_string(code.get<std::int64_t>());
    return code.is_string() ? code.get<std::string>() : "";
}

Error refused(const std::string& code) {
    const auto* known = findErrorCode(code);
    const auto kind = known == nullptr ? ErrorKind::Rejected : known->kind;
    return withContext(kSend, Error{kind, code + ", " + describe(code), {}, code});
}

}  // namespace

Error readError(const std::string& what, const HttpResponse& response) {
    Error error = errorFromStatus(what, response);
    const auto body = parseJson(response.body);
    const std::string code = body ? codeOf(*body, "code") : "";
    if (code.empty()) return error;
    if (const auto* known = findErrorCode(code)) error.kind = known->kind;
    error.code = code;
    error.message = what + ": " + code + ", " + describe(code);
    return error;
}

Result<Receipt> readReceipt(const HttpResponse& response) {
    if (response.status < 200 || response.status > 299) {
        Error error = readError(kSend, response);
        // Twilio drops no repetition: after a failure in the middle nobody knows whether it was sent. 503 is
        // what it answers before it begins.
        const bool is_broken_answer = response.status >= 500 && response.status != 503;
        if (is_broken_answer && error.kind == ErrorKind::Unavailable) error.kind = ErrorKind::Uncertain;
        return error;
    }
    const auto body = parseJson(response.body);
    Receipt receipt;
    if (body) receipt.external_id = textAt(*body, "sid");
    if (receipt.external_id.empty()) {
        const std::string why =
            "taken (" + std::to_string(response.status) + "), but the answer names no sid";
        return withContext(kSend, Error{ErrorKind::Uncertain, why, {}, "no_sid"});
    }
    const std::string word = textAt(*body, "status");
    const auto state = deliveryState(word).value_or(DeliveryState::Accepted);
    if (state == DeliveryState::Failed) return refused(codeOf(*body, "error_code"));
    receipt.state = state;
    receipt.content = {{"status", word}, {"num_segments", textAt(*body, "num_segments")}};
    return receipt;
}

}  // namespace signalbox::twilio
