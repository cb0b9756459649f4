// `signalboxd search rebuild`: the index anew, from the rows of the database.
#pragma once

#include "daemon/app/app.h"

namespace signalbox {

// How many rows are in the index now. With SQLite no daemon may be running.
Result<std::size_t> rebuildSearch(const AppOptions& options);

}  // namespace signalbox
