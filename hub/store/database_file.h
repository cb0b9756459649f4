// The place of a SQLite database on disk, made ready before SQLite sees it.
#pragma once

#include <string>

#include "base/result.h"

namespace signalbox::store {

// The absolute path. Creates the file for its owner alone; its folder must exist and be on a local disk.
Result<std::string> prepareDatabaseFile(const std::string& path);

}  // namespace signalbox::store
