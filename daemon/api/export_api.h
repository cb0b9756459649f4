// GET /api/v1/conversations/{id}/export: a conversation to take away, oldest message first.
#pragma once

#include "daemon/api/router.h"
#include "hub/inbox/inbox_queries.h"

namespace signalbox::api {

// `spool_folder` takes the export while it is made and sent: its size is not bounded by memory.
void addExportRoutes(Router& router, Store& store, const Accounts& accounts, const std::string& spool_folder);

}  // namespace signalbox::api
