// Of whoever names stored content in a row of his, inside the Writes that do it.
#pragma once

#include <string>

#include "hub/store/store.h"

namespace signalbox {

// The content is named from now on: the collector's mark goes. Throws StoreError(Constraint) when its
// deletion has begun; the content must be put again then.
void unmarkBlob(Tx& tx, const std::string& sha256);

}  // namespace signalbox
