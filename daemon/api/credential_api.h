// /api/v1/credentials: secrets that workflows name. What is shown has *** for each of them.
#pragma once

#include "daemon/api/router.h"
#include "hub/credentials/credentials.h"

namespace signalbox::api {

void addCredentialRoutes(Router& router, CredentialStore& credentials);

}  // namespace signalbox::api
