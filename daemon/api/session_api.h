// /api/v1/sessions and /api/v1/me: signing in and out, who one is, one's own sessions and password.
#pragma once

#include "daemon/api/router.h"
#include "hub/access/sign_in.h"

namespace signalbox::api {

struct SessionParts {
    Store& store;
    Sessions& sessions;
    SignIn& sign_in;
};
void addSessionRoutes(Router& router, const SessionParts& parts);

// The answer to a sign-in: the token, or a cookie and a CSRF token when a web page asked for that.
HttpResponse signedIn(const SignedIn& done, bool as_cookie);

}  // namespace signalbox::api
