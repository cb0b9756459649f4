// Fetches the pictures and files that Twilio keeps for us. Any thread.
#pragma once

#include "connectors/sdk/connector.h"
#include "connectors/twilio/config.h"

namespace signalbox::twilio {

// The first request goes to Twilio's API and carries our credentials; it redirects to a storage host, which
// must not see them.
class TwilioMedia : public MediaSource {
public:
    TwilioMedia(const TwilioConfig& config, HttpClient& http) : config_(config), http_(http) {}
    Result<Media> fetch(const Attachment& attachment, const std::stop_token& stop) override;

private:
    Result<HttpResponse> get(const Url& url, const std::stop_token& stop);

    const TwilioConfig& config_;
    HttpClient& http_;
};

}  // namespace signalbox::twilio
