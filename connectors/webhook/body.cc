#include "connectors/webhook/body.h"

#include <algorithm>

#include "base/crypto.h"

namespace signalbox::webhook {
namespace {

constexpr std::ptrdiff_t kMaxFields = 10'000;

bool isJsonType(const std::string& type) {
    return type == "application/json" || type == "text/json" || type.ends_with("+json");
}

// nlohmann knows UTF-8; asking it costs no second decoder.
bool isUtf8(const std::string& text) {
    try {
        Json(text).dump();
        return true;
    } catch (const Json::type_error&) {
        return false;
    }
}

Result<Body> readForm(const std::string& text) {
    if (std::count(text.begin(), text.end(), '&') > kMaxFields)
        return Error{
            ErrorKind::Invalid, "more than " + std::to_string(kMaxFields) + " form fields", {}, "form_limit"};
    const FormFields fields = parseForm(text);
    // GitHub's form mode, and others after it: the JSON travels in one field.
    if (fields.size() == 1 && fields[0].first == "payload") {
        auto payload = parseJson(fields[0].second);
        if (!payload) return withContext("form field payload", payload.error());
        return Body{std::move(*payload)};
    }
    return Body{fieldsJson(fields)};
}

}  // namespace

Json fieldsJson(const FormFields& fields) {
    Json out = Json::object();
    for (const auto& [name, value] : fields) {
        Json& member = out[name];
        if (member.is_null()) {
            member = value;
            continue;
        }
        if (!member.is_array()) member = Json::array({std::move(member)});
        member.push_back(value);
    }
    return out;
}

Result<Body> readBody(const HttpRequest& request) {
    if (request.body.empty()) return Body{};
    const std::string type = mediaType(request.headers.get("content-type"));
    if (isJsonType(type)) {
        auto value = parseJson(request.body);
        if (!value) return value.error();
        return Body{std::move(*value)};
    }
    if (type == "application/x-www-form-urlencoded") return readForm(request.body);
    if (isUtf8(request.body)) return Body{request.body};
    return Body{toBase64(request.body), true};
}

}  // namespace signalbox::webhook
