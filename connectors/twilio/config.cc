#include "connectors/twilio/config.h"

#include "base/crypto.h"
#include "connectors/sdk/config_reader.h"

namespace signalbox::twilio {
namespace {

Error invalid(std::string message) {
    return {ErrorKind::Invalid, std::move(message), {}, "config"};
}

Result<std::string> statusCallback(const Json& setting, const std::string& public_url) {
    if (setting.is_boolean()) return setting.get<bool>() ? public_url : std::string();
    std::string text = setting.is_string() ? setting.get<std::string>() : "";
    if (!parseUrl(text)) return invalid("status_callback: neither true, false nor an http(s) URL");
    return text;
}

// Twilio refuses such a StatusCallback with every message, long after the mistake was made.
Status checkCallbackHost(const std::string& status_callback) {
    const auto url = parseUrl(status_callback);
    if (!url || url->host.find('_') == std::string::npos) return Done{};
    return invalid("status_callback: Twilio does not call hosts with an underscore (" + url->host +
                   "); give the host another name or set status_callback to false");
}

}  // namespace

Result<TwilioConfig> readConfig(const Json& config) {
    ConfigReader read(config);
    TwilioConfig out;
    out.account_sid = read.text("account_sid");
    out.auth_token = read.secret("auth_token");
    out.signing_tokens.push_back(out.auth_token);
    if (Secret other = read.secret("auth_token_secondary"); !other.empty())
        out.signing_tokens.push_back(std::move(other));
    out.from = read.text("from");
    out.channel = out.from.starts_with("whatsapp:") ? "whatsapp" : "sms";
    out.request_timeout = read.seconds("request_timeout_s");
    const std::string public_url = read.text("public_url"), base_url = read.text("base_url");
    if (auto complete = read.status(); !complete) return complete.error();
    if (out.auth_token.empty()) return invalid("auth_token: empty; take it from the Twilio console");

    auto url = parsePublicUrl(public_url);
    if (!url) return withContext("public_url", url.error());
    out.public_url = std::move(*url);
    auto base = parseUrl(base_url);
    if (!base) return withContext("base_url", base.error());
    out.base_url = std::move(*base);
    auto callback = statusCallback(memberAt(config, "status_callback"), public_url);
    if (!callback) return callback.error();
    out.status_callback = std::move(*callback);
    if (auto good = checkCallbackHost(out.status_callback); !good) return good.error();
    return out;
}

std::string accountUrl(const TwilioConfig& config) {
    return config.base_url.origin() + "/2010-04-01/Accounts/" + config.account_sid;
}

std::string basicAuthorization(const TwilioConfig& config) {
    return "Basic " + toBase64(config.account_sid + ':' + config.auth_token.reveal());
}

}  // namespace signalbox::twilio
