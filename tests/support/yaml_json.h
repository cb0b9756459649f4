// YAML as JSON values, for test data that people write and read.
#pragma once

#include <filesystem>
#include <vector>

#include "base/json.h"

namespace signalbox {

// The documents of a file, `---` between them. Quoted scalars are strings; plain ones are null, true, false
// or numbers where they look so. Throws std::runtime_error that names file and line.
std::vector<Json> readYaml(const std::filesystem::path& file);

}  // namespace signalbox
