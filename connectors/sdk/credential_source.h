// Credentials that requests name: the connector that sends one asks for what it adds, and never keeps it. The
// daemon implements it, bound to the account's organization. Any thread.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/http_message.h"
#include "base/result.h"
#include "base/secret.h"
#include "connectors/sdk/url.h"

namespace signalbox {

class CredentialSource {
public:
    virtual ~CredentialSource() = default;
    // The address that a credential of type «url» stands for; nothing for the others.
    virtual Result<std::optional<Secret>> address(const std::string& name) = 0;
    // Adds it to a request to `url` (request.target is that URL). Gives what must not be seen in the answer.
    // Errors: NotFound (credential_not_found), Rejected (credential_host: it is not for that server),
    // Unavailable and Throttled (the server that gives tokens is away).
    virtual Result<std::vector<Secret>> authorize(const std::string& name, const Url& url,
                                                  HttpRequest& request, const std::stop_token& stop) = 0;
    // The keys of a credential of type «signing», the present one first; Rejected when it has hosts and `url`
    // is none of them.
    virtual Result<std::vector<Secret>> signingKeys(const std::string& name, const Url& url) = 0;
    // The server answered 401. True: a token that was kept is dropped, another try gets a new one.
    virtual bool refused(const std::string& name) = 0;
};

// A second face of a Connector, which the daemon asks for by a cast.
class UsesCredentials {
public:
    virtual ~UsesCredentials() = default;
    // Once, before anything is sent.
    virtual void takeCredentialsFrom(std::shared_ptr<CredentialSource> source) = 0;
};

}  // namespace signalbox
