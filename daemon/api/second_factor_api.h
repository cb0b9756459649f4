// /api/v1/me/totp: one's second factor.
#pragma once

#include "daemon/api/router.h"
#include "hub/access/login_guard.h"
#include "hub/access/totp.h"

namespace signalbox::api {

struct SecondFactorParts {
    Store& store;
    Totp& totp;
    LoginGuard& guard;
    Sessions& sessions;
};
void addSecondFactorRoutes(Router& router, const SecondFactorParts& parts);

}  // namespace signalbox::api
