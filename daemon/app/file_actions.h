// What the node http_request does with a body that is to be a file.
#pragma once

#include "daemon/api/files_api.h"
#include "daemon/app/workflow_actions.h"

namespace signalbox {

// "file.keep" {name, body, is_base64, with}: gives `with` and file {id, name, mime, size, sha256}. The file
// is stored before the walk's commit; a walk that is repeated finds it by its content and name.
void addFileActions(WorkflowActions& actions, Store& store, const api::FileParts& parts);

}  // namespace signalbox
