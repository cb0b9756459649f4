// /api/v1/uploads: large files in pieces, in the manner of tus 1.0 (tus.io/protocols/resumable-upload): a
// piece that was answered is kept whatever happens, and HEAD says where to go on.
#pragma once

#include "daemon/api/files_api.h"
#include "hub/files/uploads.h"

namespace signalbox::api {

void addUploadRoutes(Router& router, const FileParts& parts, Uploads& uploads);

}  // namespace signalbox::api
