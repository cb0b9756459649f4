#include "connectors/email/mail_form.h"

namespace signalbox::email {

MailForm formOf(const Json& kept, const AccountConfig& config, TimePoint now) {
    MailForm form{config, now};
    if (!kept.is_object()) return form;
    form.at = fromMicros(numberAt(kept, "at"));
    form.config.address = textAt(kept, "address", config.address);
    form.config.name = textAt(kept, "sender_name");
    form.config.signature = textAt(kept, "signature");
    form.config.signature_html = textAt(kept, "signature_html");
    form.config.list_unsubscribe = textAt(kept, "list_unsubscribe");
    form.config.has_reply_token = flagAt(kept, "is_reply_tracked");
    form.config.has_body_mark = flagAt(kept, "is_body_marked");
    form.addresses = flagAt(kept, "is_ascii") ? Addresses::Shown : Addresses::Written;
    return form;
}

Json toJson(const MailForm& form) {
    return {{"at", toMicros(form.at)},
            {"address", form.config.address},
            {"sender_name", form.config.name},
            {"signature", form.config.signature},
            {"signature_html", form.config.signature_html},
            {"list_unsubscribe", form.config.list_unsubscribe},
            {"is_reply_tracked", form.config.has_reply_token},
            {"is_body_marked", form.config.has_body_mark},
            {"is_ascii", form.addresses == Addresses::Shown}};
}

Result<ComposedMail> compose(const OutboundMessage& message, const MailForm& form) {
    return compose(message, form.config, form.at, form.addresses);
}

}  // namespace signalbox::email
