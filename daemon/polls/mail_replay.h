// A mail that was kept in quarantine, read and stored once more after what was wrong has been mended.
#pragma once

#include "daemon/app/connector_set.h"
#include "hub/ingest/page_ingest.h"
#include "hub/ingest/quarantine.h"

namespace signalbox {

struct MailReplay {
    PageIngest& pages;
    const BlobStore& blobs;

    static bool isMail(const QuarantinedRequest& kept) { return kept.request.method == "MAIL"; }
    // Waits for the commit. Conflict: the account does not fetch mail any more.
    Result<Ingested> replay(const ConnectedAccount& connected, const QuarantinedRequest& kept) const;
};

}  // namespace signalbox
