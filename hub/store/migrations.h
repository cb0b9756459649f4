// Brings a database to the schema this program knows: numbered files, each in one transaction together with
// its record in schema_migrations. Runs once, before the writer starts.
#pragma once

#include <span>

#include "hub/store/connection.h"
#include "scripts/dev/embedded.h"

namespace signalbox::store {

// `files` are named NNNN_words.sql, in order. Refuses (Conflict) a database that knows a migration this
// program does not, and one whose applied migration has another text than ours. Throws StoreError.
Status migrate(Connection& connection, std::span<const embedded::TextFile> files);

}  // namespace signalbox::store
