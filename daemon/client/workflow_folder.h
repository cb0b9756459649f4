// A workflow as files that diff well: workflow.json (logic: nodes and edges by id, keys sorted), layout.json
// (places, sizes and everything else that only an editor reads) and one .lua file for each script. Splitting
// and joining gives the same values again, in the order of the original. Pure but for readFolder and
// writeFolder.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "base/result.h"

namespace signalbox::client {

// Path below the folder → text. "workflow.json" or, for an export that is kept as it came, "export.json" or
// "export.yaml".
using FolderFiles = std::map<std::string, std::string>;

// What cannot be split without loss (an export in a wrapper of another product, nodes without ids of their
// own, YAML) is one file, byte for byte.
FolderFiles splitWorkflow(const std::string& text);
// Errors name the file.
Result<std::string> joinWorkflow(const FolderFiles& files);

// Only the files above; scripts that the workflow does not name are left out. Errors: usage.
Result<FolderFiles> readFolder(const std::filesystem::path& folder);
// Each file is replaced as a whole; files of an earlier state that are not there any more are removed.
Status writeFolder(const std::filesystem::path& folder, const FolderFiles& files);

// Whether the folder holds a workflow, rather than folders of them.
bool isWorkflowFolder(const std::filesystem::path& folder);

}  // namespace signalbox::client
