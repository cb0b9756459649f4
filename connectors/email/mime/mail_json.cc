#include "connectors/email/mime/parse_mail.h"

namespace signalbox::mime {
namespace {

Json addresses(const std::vector<MailAddress>& list) {
    Json out = Json::array();
    for (const MailAddress& one : list) out.push_back({{"name", one.name}, {"address", one.address}});
    return out;
}

Json orNull(const std::string& text) {
    return text.empty() ? Json(nullptr) : Json(text);
}

Json partJson(const MailPart& part) {
    Json out = {{"mime", part.mime},
                {"charset", orNull(part.charset)},
                {"encoding", orNull(part.encoding)},
                {"disposition", orNull(part.disposition)},
                {"name", orNull(part.name)},
                {"size", part.size},
                {"content_id", orNull(part.content_id)},
                {"parts", Json::array()}};
    for (const MailPart& child : part.parts) out["parts"].push_back(partJson(child));
    return out;
}

Json bounceJson(const MailBounce& bounce) {
    Json recipients = Json::array();
    for (const BounceRecipient& one : bounce.recipients) {
        recipients.push_back({{"address", one.address},
                              {"action", one.action},
                              {"status", one.status},
                              {"code", one.code},
                              {"reason", one.reason},
                              {"hard", one.hard},
                              {"diagnostic", one.diagnostic}});
    }
    return {{"recipients", std::move(recipients)},
            {"original_message_id", orNull(bounce.original_message_id)}};
}

}  // namespace

Json mailToJson(const Mail& mail) {
    Json attachments = Json::array();
    for (const MailAttachment& one : mail.attachments) {
        attachments.push_back({{"name", one.name},
                               {"mime", one.mime},
                               {"size", one.content.size()},
                               {"sha256", one.sha256},
                               {"content_id", orNull(one.content_id)},
                               {"disposition", one.disposition}});
    }
    // The fields say what the headers say; what was taken from elsewhere stands apart.
    Json assumed = Json::object();
    if (mail.is_from_assumed) assumed["from"] = addresses(mail.from);
    if (mail.is_date_assumed) assumed["date"] = mail.date;
    return {{"message_id", mail.message_id},
            {"is_message_id_made", !mail.has_message_id},
            {"in_reply_to", orNull(mail.in_reply_to)},
            {"references", mail.references},
            {"from", mail.is_from_assumed ? Json::array() : addresses(mail.from)},
            {"to", addresses(mail.to)},
            {"cc", addresses(mail.cc)},
            {"bcc", addresses(mail.bcc)},
            {"reply_to", addresses(mail.reply_to)},
            {"date", mail.is_date_assumed ? Json(nullptr) : orNull(mail.date)},
            {"assumed", std::move(assumed)},
            {"subject", mail.subject},
            {"text", mail.text},
            {"html", mail.html},
            {"stripped_text", mail.stripped_text},
            {"attachments", std::move(attachments)},
            {"auto_kind", toString(mail.auto_kind)},
            {"may_auto_reply", mail.may_auto_reply},
            {"bounce", mail.bounce ? bounceJson(*mail.bounce) : Json(nullptr)},
            {"about_message_id", orNull(mail.about_message_id)},
            {"crypto", orNull(mail.crypto)},
            {"calendar", orNull(mail.calendar)},
            {"parts", Json::array({partJson(mail.parts)})},
            {"warnings", mail.warnings}};
}

}  // namespace signalbox::mime
