// What a mail has beside its text before it is written: our own Message-ID, the thread it answers in, its
// subject.
#include "hub/mail/suppressions.h"
#include "hub/model/mail_subject.h"
#include "hub/outbox/outbox.h"
#include "hub/outbox/request_form.h"
#include "hub/outbox/unsubscribe.h"

namespace signalbox {
namespace {

Error fault(std::string message) {
    return {ErrorKind::Invalid, std::move(message), {}, "invalid_request"};
}

void addParties(MailFacts& facts, const Json& addresses, const char* role) {
    for (const Json& item : addresses) {
        const std::string address = item.is_string() ? item.get<std::string>() : textAt(item, "address");
        const Identity identity = normalize(Identity{"email", address}, "");
        facts.parties.push_back({role, identity.value, textAt(item, "name")});
    }
}

bool isMachine(const RequestSource& source) {
    return source.author.starts_with("workflow") || source.author.starts_with("bot:");
}

}  // namespace

Status Outbox::mayReach(const MailFacts& facts, Id org) const {
    std::optional<Suppression> found;
    store_.read([&](Reader& reader) {
        for (const MailParty& party : facts.parties) {
            if (!found) found = findSuppression(reader, org, party.address);
        }
    });
    if (!found) return Done{};
    return Error{ErrorKind::Rejected,
                 "to: machines do not write to this address (" + found->reason +
                     "); see GET /api/v1/mail/suppressions, DELETE takes it off",
                 {},
                 "address_suppressed"};
}

// Whom a private mailbox's user let into a conversation answers there, and brings nobody else in.
Status Outbox::mayJoin(const MailFacts& facts, Id conversation) const {
    std::string stranger;
    store_.read([&](Reader& reader) {
        for (const MailParty& party : facts.parties) {
            const bool is_known =
                party.role == "to" ||
                !reader
                     .query("SELECT 1 FROM mail_parties WHERE conversation = $1 AND address = $2",
                            {conversation, std::string_view(party.address)})
                     .empty();
            if (!is_known) stranger = party.role;
        }
    });
    if (stranger.empty()) return Done{};
    return Error{ErrorKind::Forbidden,
                 stranger + ": only the user of this private mailbox brings others into its conversations",
                 {},
                 "account_private"};
}

Status Outbox::prepareMail(PreparedRequest& prepared, RequestForm& form, const RequestSource& source,
                           Id message) const {
    if (mails_ == nullptr) return fault("account: this daemon sends no mail");
    ReplyHeaders reply;
    if (prepared.conversation) reply = mails_->replyHeaders(source.org, *prepared.conversation);
    if (!reply.to.empty()) prepared.to = {"email", reply.to};
    if (textAt(form.content, "subject").empty()) {
        if (reply.subject.empty() && !prepared.conversation) return fault("subject: is missing");
        form.content["subject"] = reply.subject;
    }
    MailFacts facts;
    facts.subject = textAt(form.content, "subject");
    facts.subject_base = foldedBase(facts.subject);
    facts.message_id = mails_->token().messageId(message, prepared.account->address);
    facts.ancestors = reply.references;
    addParties(facts, Json::array({prepared.to.value}), "to");
    for (const char* role : {"cc", "bcc"}) addParties(facts, memberAt(form.content, role), role);
    if (prepared.account->isPrivate() && prepared.account->private_to != source.user)
        if (auto may = mayJoin(facts, *prepared.conversation); !may) return may;
    form.content["message_id"] = facts.message_id;
    // An answer to one certain mail names that one; the chain is the conversation's.
    const std::string parent = form.in_reply_to.empty() ? reply.in_reply_to : form.in_reply_to;
    if (!parent.empty()) form.content["in_reply_to"] = parent;
    if (!reply.references.empty()) form.content["references"] = reply.references;
    // Whether a machine wrote it is not for the request to say.
    form.content.erase("auto_submitted");
    form.content.erase("list_unsubscribe");
    if (isMachine(source)) {
        if (auto may = mayReach(facts, source.org); !may) return may;
        form.content["auto_submitted"] = parent.empty() ? "auto-generated" : "auto-replied";
        form.content["list_unsubscribe"] =
            unsubscribeWays(mails_->token().makeUnsubscribe(message), prepared.account->address,
                            files_.publicUrl(), facts.parties.size() == 1);
    }
    prepared.subject = facts.subject;
    prepared.mail = std::move(facts);
    return Done{};
}

}  // namespace signalbox
