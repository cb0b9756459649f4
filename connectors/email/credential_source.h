// Gives the credentials for the next login. Thread-safe.
#pragma once

#include <stop_token>

#include "base/result.h"
#include "connectors/email/credentials.h"

namespace signalbox::email {

class CredentialSource {
public:
    virtual ~CredentialSource() = default;
    // Unauthorized: a person must give consent again.
    virtual Result<Credentials> credentials(const std::stop_token& stop) = 0;
    // The server refused what `credentials` gave: a token is fetched anew the next time.
    virtual void refused() = 0;
};

class PasswordSource : public CredentialSource {
public:
    PasswordSource(std::string username, Secret password)
        : credentials_{std::move(username), std::move(password), {}} {}
    Result<Credentials> credentials(const std::stop_token&) override { return credentials_; }
    void refused() override {}

private:
    const Credentials credentials_;
};

}  // namespace signalbox::email
