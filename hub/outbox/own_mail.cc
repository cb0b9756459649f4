#include "hub/outbox/own_mail.h"

#include "hub/outbox/outbox.h"

namespace signalbox {
namespace {

constexpr std::string_view kSave =
    "INSERT INTO own_mail_settings (org, account, invitation_url, reset_url, revision, changed_by, "
    "changed_at)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (org) DO UPDATE SET account = $2, invitation_url = $3,"
    " reset_url = $4, revision = $5, changed_by = $6, changed_at = $7";

}  // namespace

OwnMailSettings readOwnMailSettings(Reader& reader, Id org) {
    const Rows rows = reader.query(
        "SELECT account, invitation_url, reset_url, revision FROM own_mail_settings WHERE org = $1", {org});
    if (rows.empty()) return {};
    return {rows[0].text(0), rows[0].text(1), rows[0].text(2), rows[0].integer(3)};
}

Status saveOwnMailSettings(Tx& tx, const Actor& by, const OwnMailSettings& settings,
                           std::optional<std::int64_t> revision, TimePoint now) {
    const std::int64_t before = readOwnMailSettings(tx, by.org).revision;
    if (revision && *revision != before) {
        return Error{ErrorKind::Conflict,
                     "somebody changed it meanwhile: it is at revision " + std::to_string(before),
                     {},
                     "changed_meanwhile"};
    }
    tx.exec(kSave, {by.org, settings.account, settings.invitation_url, settings.reset_url, before + 1,
                    by.name, toMicros(now)});
    return Done{};
}

Result<PreparedRequest> Outbox::prepareOwn(Id org, const OwnMail& mail) const {
    PreparedRequest prepared;
    prepared.account = accounts_.byName(org, mail.account);
    // Whose mailbox it is could read the links that let others in.
    if (!prepared.account || prepared.account->owner != 0)
        return Error{ErrorKind::NotFound, "account: there is none of this name", {}, "not_found"};
    if (prepared.account->type != "email" || mails_ == nullptr)
        return Error{ErrorKind::Invalid, "account: sends no mail", {}, "invalid_request"};
    const Id id = ids_.next();
    const Json content = {{"subject", mail.subject},
                          {"html", mail.html},
                          {"message_id", mails_->token().messageId(id, prepared.account->address)},
                          {"auto_submitted", "auto-generated"},
                          {"is_private", true}};
    prepared.kind = OutboxKind::Letter;
    prepared.created_at = clock_.now();
    prepared.expires_at = prepared.created_at + mail.lifetime;
    prepared.endpoint = kSendEndpoint;
    prepared.idempotency_key = "letter-" + idText(kMessageId, id);
    prepared.lane = prepared.idempotency_key;
    prepared.request = dumpJson({{"type", "email"},
                                 {"to", {{"kind", "email"}, {"value", mail.to}}},
                                 {"text", mail.text},
                                 {"content", content}});
    return prepared;
}

}  // namespace signalbox
