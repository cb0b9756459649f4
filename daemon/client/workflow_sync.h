// Workflows between the daemon and folders of files, as several commands use it. One thread.
#pragma once

#include <filesystem>
#include <string>

#include "daemon/client/session.h"
#include "daemon/client/workflow_folder.h"

namespace signalbox::client {

// The draft as files, and back. The path is a folder when it is one, or ends with a slash.
bool meansFolder(const std::string& path);
Result<Exit> pullFolder(Session& session, const std::string& name, const std::filesystem::path& folder);
Result<Exit> pushFolder(Session& session, const std::string& name, const std::filesystem::path& folder);
// The name that a folder's workflow has.
std::string workflowName(const std::filesystem::path& folder);

// A table of lint's findings, "" when there are none.
std::string findingsText(Session& session, const Json& findings);

}  // namespace signalbox::client
