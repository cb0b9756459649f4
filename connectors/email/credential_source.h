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

// `open` with the credentials; where a token is refused, once more with a new one: it may have ended before
// its time. A password is tried once, some servers lock who tries often.
template <class Open>
auto openWith(CredentialSource& source, const std::stop_token& stop, Open open)
    -> decltype(open(std::declval<const Credentials&>())) {
    auto credentials = source.credentials(stop);
    if (!credentials) return credentials.error();
    auto session = open(*credentials);
    if (session || session.error().kind != ErrorKind::Unauthorized) return session;
    source.refused();
    if (credentials->access_token.empty()) return session;
    credentials = source.credentials(stop);
    if (!credentials) return credentials.error();
    session = open(*credentials);
    if (!session && session.error().kind == ErrorKind::Unauthorized) source.refused();
    return session;
}

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
