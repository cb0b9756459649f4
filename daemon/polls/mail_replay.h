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
    // One of which nothing was had is fetched again. Waits for the commit. Conflict: the account does not
    // fetch mail any more, or the mail is not to be had.
    Result<Ingested> replay(const ConnectedAccount& connected, const QuarantinedRequest& kept) const;
};

}  // namespace signalbox
