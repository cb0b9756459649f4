// What a login needs: a password, or an access token of OAuth 2.
#pragma once

#include <string>

#include "base/secret.h"

namespace signalbox::email {

struct Credentials {
    std::string username;
    Secret password;
    Secret access_token;  // not empty: XOAUTH2 with it
};

}  // namespace signalbox::email
