#include "hub/outbox/sent_copy.h"

#include "hub/outbox/outbox.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

constexpr auto kLifetime = 7 * 24h;
// A server that is restarted is nobody's business.
constexpr std::string_view kTrouble =
    "SELECT COUNT(*), MIN(created_at), MAX(error) FROM outbox WHERE account = $1 AND endpoint = 'mailbox'"
    " AND turn = 2 AND state = 'pending' AND kind = 'copy' AND attempts + deferrals >= 3";

}  // namespace

std::string copyRequest(const Lease& lease, const Receipt& receipt) {
    if (!receipt.wants_copy) return "";
    auto request = parseJson(lease.request);
    if (!request || !request->is_object()) return "";
    if (!lease.in_reply_to.empty()) (*request)["in_reply_to"] = lease.in_reply_to;
    (*request)["type"] = "save_copy";
    (*request)["content"]["form"] = receipt.form;
    return dumpJson(*request);
}

void Outbox::wantCopy(Tx& tx, const Found& row, const std::string& request) {
    const auto account = accounts_.byId(row.account);
    if (request.empty() || !account) return;
    PreparedRequest job;
    job.account = account;
    job.kind = OutboxKind::Copy;
    job.endpoint = kMailboxEndpoint;
    job.idempotency_key = job.lane = "copy-" + idText(kOutboxId, row.id);
    job.request = request;
    job.created_at = clock_.now();
    job.expires_at = job.created_at + kLifetime;
    insert(tx, job, {ids_.next()}, 0);
}

std::optional<CopyTrouble> readCopyTrouble(Reader& reader, Id account) {
    const Rows rows = reader.query(kTrouble, {account});
    if (rows.empty() || rows[0].integer(0) == 0) return std::nullopt;
    const auto error = parseJson(rows[0].text(2));
    return CopyTrouble{rows[0].integer(0), fromMicros(rows[0].integer(1)),
                       error ? textAt(*error, "message") : ""};
}

}  // namespace signalbox
