// A secret that workflows name and never see, and where it may be sent. A value; pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/json.h"
#include "base/result.h"
#include "base/secret.h"

namespace signalbox {

// Where a credential may go: "api.example.org" (https), "*.example.org", with a port where it is another one,
// and "http://10.0.0.5:8080" where there is no TLS.
struct AllowedHost {
    bool is_tls = true;
    std::string host;  // lower case; ".example.org" for a wildcard
    std::optional<std::uint16_t> port;

    bool covers(bool tls, std::string_view name, std::uint16_t number) const;
};
Result<AllowedHost> parseAllowedHost(std::string_view text);

struct Credential {
    Id id = 0, org = 0;
    std::string name, type;
    std::int64_t revision = 0;
    std::vector<std::string> hosts;
    Json members = Json::object();  // by type; holds the secrets: never logged, never shown

    std::string text(std::string_view member) const { return textAt(members, member); }
    // The members that are secrets, for taking them out of what comes back.
    std::vector<Secret> secrets() const;
    // Done, or Rejected (code credential_host) with the remedy.
    Status mayGoTo(bool is_tls, std::string_view host, std::uint16_t port) const;
};

// {name, type, hosts, …members of the type}. Types and members: hub/credentials/README.md. Errors: Invalid,
// naming the member.
Result<Credential> readCredential(const Json& form);
// The same as a form, each secret as "***".
Json shownForm(const Credential& credential);
std::vector<std::string> credentialTypes();

// The keys of a signing secret, in order: the present one, then the one before. "whsec_…" is base64 behind
// its prefix (Standard Webhooks), anything else is taken as it is.
std::vector<Secret> signingKeys(const Credential& credential);

}  // namespace signalbox
