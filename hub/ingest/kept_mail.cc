#include "hub/ingest/kept_mail.h"

namespace signalbox {

std::optional<KeptMail> loadKeptMail(Store& store, Id org, Id request) {
    std::optional<KeptMail> kept;
    store.read([&](Reader& reader) {
        const Rows rows =
            reader.query("SELECT body, blob FROM raw_requests WHERE id = $1 AND org = $2 AND method = 'MAIL'",
                         {request, org});
        if (!rows.empty()) kept = KeptMail{rows[0].text(0), rows[0].text(1)};
    });
    return kept;
}

}  // namespace signalbox
