// The account's configuration as the connector uses it.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/secret.h"

namespace signalbox::whatsapp_cloud {

struct WhatsappConfig {
    std::vector<Secret> app_secrets;  // callbacks signed with any of them are accepted
    Secret verify_token;
    std::string phone_number_id;
    Secret access_token;
    std::string base_url;
    std::string api_version;
    std::chrono::seconds request_timeout{};
};

// `config` has passed config.schema.json with its defaults filled in.
Result<WhatsappConfig> readConfig(const Json& config);

// https://graph.facebook.com/v25.0/<path>
std::string graphUrl(const WhatsappConfig& config, const std::string& path);

}  // namespace signalbox::whatsapp_cloud
