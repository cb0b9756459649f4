// What a StoreError means to the caller of write(), and to the writer. Pure.
#pragma once

#include "hub/store/store.h"

namespace signalbox::store {

// Constraint → Conflict, a wrong statement → Invalid, everything else → Unavailable.
Error toError(const StoreError& error);

// The database as a whole cannot write: nobody else's turn would end better.
bool stopsWrites(StoreError::Kind kind);
// It stays so until someone repaired it and started the daemon again.
bool isPermanent(StoreError::Kind kind);
// What health() says while writes are refused because of `error`.
Error refusal(const StoreError& error);

// The start of a statement, for messages.
std::string shortened(std::string_view sql);

}  // namespace signalbox::store
