#include "workflow/engine/approvals.h"

#include "base/crypto.h"
#include "workflow/engine/event_waits.h"
#include "workflow/engine/run_rows.h"

namespace signalbox::workflow {
namespace {

constexpr std::string_view kPlaceholder = "{approval_url}";

std::string waitKey(Id approval) {
    return EventKey{"approval.decided", "approval_id", idText(kApprovalId, approval)}.text();
}

std::string hashOf(std::string_view token) {
    return toHex(hash(HashAlgorithm::Sha256, token));
}

// Every text inside, with the link in its place.
void fillIn(Json& value, const std::string& url) {
    if (value.is_string()) {
        auto& text = value.get_ref<std::string&>();
        for (auto at = text.find(kPlaceholder); at != std::string::npos;
             at = text.find(kPlaceholder, at + url.size()))
            text.replace(at, kPlaceholder.size(), url);
    }
    if (value.is_structured())
        for (auto& member : value) fillIn(member, url);
}

Json timeOrNull(const Row& row, std::size_t column) {
    return row.isNull(column) ? Json() : Json(toRfc3339(fromMicros(row.integer(column))));
}

constexpr std::string_view kShow =
    "SELECT id, run, workflow, node, title, details, created_at, expires_at, decision, comment, decided_by, "
    "decided_at, org"
    " FROM approvals";

Json toJson(Reader& reader, const Row& row) {
    const Id id = row.integer(0);
    std::string status = row.text(8);
    if (status.empty()) status = findWaits(reader, row.integer(12), waitKey(id)).empty() ? "over" : "pending";
    return {{"id", idText(kApprovalId, id)},
            {"run_id", idText(kRunId, row.integer(1))},
            {"workflow", row.text(2)},
            {"node", row.text(3)},
            {"title", row.text(4)},
            {"details", row.text(5)},
            {"created_at", timeOrNull(row, 6)},
            {"expires_at", timeOrNull(row, 7)},
            {"status", status},
            {"comment", row.text(9)},
            {"decided_by", row.text(10)},
            {"decided_at", timeOrNull(row, 11)}};
}

}  // namespace

Approvals::Approvals(Store& store, Ids& ids, const Clock& clock, EventLog& log, Effects& effects,
                     std::string public_url)
    : store_(store),
      ids_(ids),
      clock_(clock),
      log_(log),
      effects_(effects),
      public_url_(std::move(public_url)) {}

Result<PreparedAction> Approvals::create(const ActionRequest& action) {
    struct Ask {
        Id id = 0, org = 0, run = 0;
        std::string workflow, node, title, details, token_hash;
        TimePoint created_at{};
        std::optional<TimePoint> expires_at;
        std::function<void(Tx&)> notify;
    };
    Ask ask{ids_.next(),
            action.org,
            action.run,
            action.workflow,
            action.node,
            textAt(action.request, "title"),
            textAt(action.request, "details"),
            "",
            action.now,
            {},
            {}};
    const std::string token = toBase64Url(randomBytes(32));
    ask.token_hash = hashOf(token);
    ask.expires_at = parseRfc3339(textAt(action.request, "expires_at"));
    Json notify = memberAt(action.request, "notify");
    if (notify.is_object()) {
        fillIn(notify, public_url_ + "/approvals/" + token);
        auto prepared = effects_.prepare({action.org, action.run, action.conversation, action.workflow,
                                          action.node, action.idempotency_key, "", notify});
        if (!prepared) return withContext("notify", prepared.error());
        ask.notify = std::move(*prepared);
    }
    PreparedAction out;
    out.output = {{"id", idText(kApprovalId, ask.id)}};
    // Shared: a write may be repeated, and copies of the function must not copy the message.
    out.apply = [shared = std::make_shared<const Ask>(std::move(ask))](Tx& tx) {
        const Value expires = shared->expires_at ? Value(toMicros(*shared->expires_at)) : Value(nullptr);
        tx.exec(
            "INSERT INTO approvals (id, org, run, workflow, node, title, details, token_hash, created_at, "
            "expires_at,"
            " decision, comment, decided_by, decided_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, "
            "'', '', '', NULL)",
            {shared->id, shared->org, shared->run, shared->workflow, shared->node, shared->title,
             shared->details, shared->token_hash, toMicros(shared->created_at), expires});
        if (shared->notify) shared->notify(tx);
    };
    return out;
}

Json Approvals::list(Id org, const std::string& status, Id before, std::size_t limit) const {
    Json items = Json::array();
    Id last = before;
    bool is_full = false;
    store_.read([&](Reader& reader) {
        while (!is_full) {
            const Rows rows = reader.query(
                std::string(kShow) + " WHERE org = $1 AND ($2 = 0 OR id < $2) ORDER BY id DESC LIMIT 200",
                {org, last});
            for (const Row& row : rows) {
                last = row.integer(0);
                Json item = toJson(reader, row);
                if (!status.empty() && item["status"] != status) continue;
                items.push_back(std::move(item));
                if ((is_full = items.size() == limit)) break;
            }
            if (rows.size() < 200) break;
        }
    });
    return {{"items", std::move(items)}, {"next", is_full ? Json(idText(kApprovalId, last)) : Json()}};
}

std::optional<Json> Approvals::find(Id org, Id approval) const {
    std::optional<Json> out;
    store_.read([&](Reader& reader) {
        const Rows rows = reader.query(std::string(kShow) + " WHERE org = $1 AND id = $2", {org, approval});
        if (!rows.empty()) out = toJson(reader, rows[0]);
    });
    return out;
}

std::optional<Json> Approvals::findByToken(std::string_view token) const {
    std::optional<Json> out;
    store_.read([&](Reader& reader) {
        const Rows rows = reader.query(std::string(kShow) + " WHERE token_hash = $1", {hashOf(token)});
        if (!rows.empty()) out = toJson(reader, rows[0]);
    });
    return out;
}

Status Approvals::decide(Id org, Id approval, const Decision& decision) {
    return decideWhere(" WHERE org = $1 AND id = $2", decision, org, approval);
}

Status Approvals::decideByToken(std::string_view token, const Decision& decision) {
    const std::string hashed = hashOf(token);
    return decideWhere(" WHERE ($1 = 0 OR org = $1) AND token_hash = $2", decision, 0,
                       std::string_view(hashed));
}

Status Approvals::decideWhere(std::string_view condition, const Decision& decision, Id org, Value which) {
    enum class End { None, Unknown, Over, Decided } end = End::None;
    const std::string word = decision.is_approved ? "approved" : "rejected";
    const Status written = store_.writeAndWait([&](Tx& tx) {
        const Rows rows = tx.query(std::string(kShow) + std::string(condition), {org, which});
        end = End::Unknown;
        if (rows.empty()) return;
        const Id id = rows[0].integer(0), owner = rows[0].integer(12);
        end = End::Over;
        if (findWaits(tx, owner, waitKey(id)).empty()) return;
        if (tx.exec("UPDATE approvals SET decision = $2, comment = $3, decided_by = $4, decided_at = $5"
                    " WHERE id = $1 AND decision = ''",
                    {id, word, decision.comment, decision.by, toMicros(clock_.now())}) == 0)
            return;
        log_.append(tx, {owner, "approval.decided", 0, 0,
                         dumpJson({{"approval_id", idText(kApprovalId, id)},
                                   {"run_id", idText(kRunId, rows[0].integer(1))},
                                   {"decision", word},
                                   {"comment", decision.comment},
                                   {"by", decision.by}})});
        end = End::Decided;
    });
    if (!written) return withContext("decide", written.error());
    if (end == End::Unknown) return Error{ErrorKind::NotFound, "there is no such approval", {}, "not_found"};
    if (end == End::Over)
        return Error{ErrorKind::Conflict,
                     "it was decided already, or nobody waits for it any more",
                     {},
                     "approval_over"};
    return Done{};
}

}  // namespace signalbox::workflow
