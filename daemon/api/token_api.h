// /api/v1/tokens.
#pragma once

#include "daemon/api/router.h"

namespace signalbox::api {

void addTokenRoutes(Router& router, Tokens& tokens, const Roles& roles);

}  // namespace signalbox::api
