// GET /api/v1/search: messages, people and files by their words.
#pragma once

#include "daemon/api/router.h"
#include "hub/search/search.h"

namespace signalbox::api {

void addSearchRoutes(Router& router, const search::Search& search, const Accounts& accounts);

}  // namespace signalbox::api
