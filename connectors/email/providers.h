// Hosts and OAuth endpoints of the mail providers that many people use. Sources: the providers' pages named
// in README.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "connectors/email/config.h"

namespace signalbox::email {

struct Provider {
    std::string name;  // google, microsoft, zoho, or the name of a host
    Server imap, smtp;
    bool saves_sent = false;
    bool wants_oauth = false;  // passwords are refused, or need an app password
};

// By the domain of an address («gmail.com»), or nothing.
std::optional<Provider> findProvider(std::string_view domain);
// By the host that serves the mail («imap.gmail.com», or an MX name below google.com), or nothing.
std::optional<Provider> findProviderOfHost(std::string_view host);

// Endpoints and scope of google, microsoft and zoho; what `config` sets itself stays.
void fillEndpoints(OAuthConfig& config, const std::string& tenant, const std::string& region);

}  // namespace signalbox::email
