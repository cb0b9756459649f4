// ${env:NAME} and ${file:PATH} in the texts of a configuration. Reads the environment and files; called while
// loading, by one thread.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/secret.h"
#include "daemon/config/problem.h"
#include "daemon/config/yaml_document.h"

namespace signalbox::config {

struct References {
    std::set<std::string> read;    // paths that held a reference
    std::set<std::string> unread;  // paths where one could not be read; the text is left as it was
    std::vector<Secret> secrets;   // what the references stood for
};

// Replaces them in every text of the document. Relative paths start in `folder`.
References resolveReferences(YamlDocument& document, const std::filesystem::path& folder,
                             std::vector<Problem>& problems);

}  // namespace signalbox::config
