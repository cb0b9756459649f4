// GET /api/v1/messages/{id}/original: a mail as it came, byte for byte.
#pragma once

#include "daemon/api/router.h"
#include "hub/files/blob_store.h"
#include "hub/inbox/inbox_queries.h"

namespace signalbox::api {

void addOriginalRoutes(Router& router, Store& store, const Accounts& accounts, const BlobStore& blobs);

}  // namespace signalbox::api
