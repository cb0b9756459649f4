// /api/v1/crm/records: records of other systems by their own ids (hub/work).
#pragma once

#include "daemon/api/router.h"
#include "hub/work/crm_records.h"

namespace signalbox::api {

void addCrmRoutes(Router& router, Store& store, Ids& ids, CrmRecords& records);

}  // namespace signalbox::api
