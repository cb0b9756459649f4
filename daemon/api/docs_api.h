// /docs: the description of the API as a page, without anything from outside.
#pragma once

#include "daemon/api/router.h"

namespace signalbox::api {

void addDocsRoutes(Router& router);

}  // namespace signalbox::api
