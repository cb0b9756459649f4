// Rows of workflows and versions as the store's files share them.
#pragma once

#include <optional>
#include <string>

#include "hub/store/store.h"
#include "workflow/engine/workflow_store.h"

namespace signalbox::workflow {

inline constexpr std::string_view kExportFormat = "signalbox.workflow/1";

struct FoundWorkflow {
    WorkflowSummary summary;
    std::string draft;
    Id org = 0;
};
struct StoredVersion {
    WorkflowIdentity identity;
    std::string graph, scripts, sha256;
};

bool isWorkflowName(const std::string& name);
Error badName();
Error noWorkflow(const std::string& name);
Error noVersion(const std::string& name, std::int64_t version);

// Nothing for one that was deleted.
std::optional<FoundWorkflow> findWorkflow(Store& store, Id org, const std::string& name);
std::optional<StoredVersion> readVersion(Reader& reader, Id workflow, std::int64_t version);
Result<WorkflowRef> compileStored(const StoredVersion& stored);

}  // namespace signalbox::workflow
