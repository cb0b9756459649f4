// Files that providers keep for us are fetched by jobs of their own, so that a message never waits for its
// picture.
#pragma once

#include "base/ids.h"
#include "hub/accounts/accounts.h"
#include "hub/model/envelope.h"
#include "hub/store/store.h"

namespace signalbox {

// Implemented by the outbox; inside Writes.
class MediaJobs {
public:
    virtual ~MediaJobs() = default;
    // The attachment's row is there already, in state «wanted».
    virtual void wanted(Tx& tx, const Account& account, Id message, std::int64_t ordinal,
                        const Attachment& attachment) = 0;
};

}  // namespace signalbox
