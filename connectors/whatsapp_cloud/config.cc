#include "connectors/whatsapp_cloud/config.h"

#include "connectors/sdk/config_reader.h"
#include "connectors/sdk/url.h"

namespace signalbox::whatsapp_cloud {

Result<WhatsappConfig> readConfig(const Json& config) {
    ConfigReader read(config);
    WhatsappConfig out;
    out.app_secrets.push_back(read.secret("app_secret"));
    if (Secret other = read.secret("app_secret_secondary"); !other.empty())
        out.app_secrets.push_back(std::move(other));
    out.verify_token = read.secret("verify_token");
    out.phone_number_id = read.text("phone_number_id");
    out.access_token = read.secret("access_token");
    out.base_url = read.text("base_url");
    out.api_version = read.text("api_version");
    out.request_timeout = read.seconds("request_timeout_s");
    if (auto complete = read.status(); !complete) return complete.error();
    if (auto url = parseUrl(out.base_url); !url) return withContext("base_url", url.error());
    // An empty secret would make a signature that anybody can compute.
    if (out.app_secrets.front().empty() || out.verify_token.empty())
        return Error{ErrorKind::Invalid, "app_secret and verify_token must not be empty", {}, "config"};
    return out;
}

std::string graphUrl(const WhatsappConfig& config, const std::string& path) {
    return config.base_url + '/' + config.api_version + '/' + path;
}

}  // namespace signalbox::whatsapp_cloud
