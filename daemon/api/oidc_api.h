// /api/v1/oidc: sign-in at the configured OpenID provider.
#pragma once

#include "daemon/api/router.h"
#include "daemon/auth/oidc.h"

namespace signalbox::api {

struct OidcParts {
    Store& store;
    const Clock& clock;
    Sessions& sessions;
    Oidc& oidc;
};
void addOidcRoutes(Router& router, const OidcParts& parts);

}  // namespace signalbox::api
