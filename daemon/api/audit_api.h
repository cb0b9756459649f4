// /api/v1/audit and /api/v1/vault/rotate: who did what, and the key that credentials are sealed with.
#pragma once

#include <filesystem>

#include "daemon/api/router.h"
#include "hub/audit/audit.h"
#include "hub/vault/vault.h"

namespace signalbox::api {

void addAuditRoutes(Router& router, Store& store, Audit& audit, std::filesystem::path anchors);
void addVaultRoutes(Router& router, Vault& vault);

}  // namespace signalbox::api
