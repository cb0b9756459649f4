// Finds the servers of an address: well-known providers by domain and by mail exchanger, then the provider's
// own autoconfig file (Thunderbird's format, config-v1.1.xml), then Mozilla's directory of them. Only https
// and only public addresses unless `http` allows more; what a file says is a proposal for a person, nothing
// connects to it here.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "connectors/email/providers.h"
#include "connectors/sdk/http_client.h"

namespace signalbox::email {

struct Discovered {
    Provider provider;
    std::string username;  // as the server wants it, filled in for the address
    std::string source;    // provider, mx, autoconfig
};

struct DiscoverParts {
    HttpClient& http;  // with a policy that denies private addresses
    // Names of the mail exchangers of a domain, best first; the system's resolver when empty.
    std::function<std::vector<std::string>(const std::string& domain)> exchangers = {};
    // Where autoconfig files lie for a domain, in the order to ask; the usual places when empty.
    std::vector<std::string> places = {};  // with {domain} and {address}
};

// NotFound when nobody knows. Invalid: no address.
Result<Discovered> discover(const std::string& address, const DiscoverParts& parts,
                            const std::stop_token& stop);
// The best IMAP and SMTP server of a config-v1.1.xml; those without encryption are not taken. Pure.
Result<Discovered> readAutoconfig(const std::string& file, const std::string& address);
// What GET /api/v1/mail/discover and `signalbox mail discover` tell; `config` is what an account takes.
Json toJson(const Discovered& found, const std::string& address);

}  // namespace signalbox::email
