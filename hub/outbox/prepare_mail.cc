// What a mail has beside its text before it is written: our own Message-ID, the mail that it answers, whom it
// goes to, its subject.
#include <memory>
#include <set>

#include "hub/mail/suppressions.h"
#include "hub/model/mail_subject.h"
#include "hub/outbox/machine_mail.h"
#include "hub/outbox/mail_fields.h"
#include "hub/outbox/outbox.h"
#include "hub/outbox/request_form.h"
#include "hub/outbox/unsubscribe.h"

namespace signalbox {
namespace {

Error fault(std::string message) {
    return {ErrorKind::Invalid, std::move(message), {}, "invalid_request"};
}

// What programs put behind the name (info+17@…) reaches the same mailbox.
std::string withoutTag(const std::string& address) {
    const auto at = address.rfind('@'), plus = address.find('+');
    if (at == std::string::npos || plus == std::string::npos || plus == 0 || plus > at) return address;
    return address.substr(0, plus) + address.substr(at);
}

IsOurs among(std::set<std::string> addresses) {
    const auto known = std::make_shared<const std::set<std::string>>(std::move(addresses));
    return [known](const std::string& address) {
        return known->contains(address) || known->contains(withoutTag(address));
    };
}

std::string withoutBrackets(std::string id) {
    if (id.size() > 2 && id.front() == '<' && id.back() == '>') return id.substr(1, id.size() - 2);
    return id;
}

std::vector<MailParty> partiesOf(const std::vector<MailParty>& parties, std::string_view role) {
    std::vector<MailParty> found;
    for (const MailParty& party : parties)
        if (party.role == role) found.push_back(party);
    return found;
}

void setPeople(RequestForm& form, const Account& account, const std::vector<MailParty>& parties) {
    if (!account.address.empty()) form.content["from"] = mailPartiesJson({{"from", account.address, ""}});
    for (const char* role : {"to", "cc", "bcc"}) {
        const auto list = partiesOf(parties, role);
        if (list.empty())
            form.content.erase(role);
        else
            form.content[role] = mailPartiesJson(list);
    }
}

// The chain of the mail that is answered, and what the request names beyond it.
void setThread(RequestForm& form, MailFacts& facts, const std::optional<AnsweredMail>& answered) {
    std::string parent = answered ? answered->message_id : "";
    if (answered) facts.ancestors = answered->references;
    if (!form.reply_to && !form.in_reply_to.empty()) {
        parent = withoutBrackets(form.in_reply_to);
        std::erase(facts.ancestors, parent);
        facts.ancestors.push_back(parent);
    }
    if (!parent.empty()) form.content["in_reply_to"] = parent;
    if (!facts.ancestors.empty()) form.content["references"] = facts.ancestors;
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

// Whom a private mailbox's user let into a conversation answers there, and brings nobody else in: only who
// takes part in it already, or is named by the mail of it that is answered.
Status Outbox::mayJoin(const PreparedRequest& prepared, const std::vector<MailParty>& parties,
                       const std::optional<AnsweredMail>& answered) const {
    std::set<std::string> known;
    if (answered && answered->conversation == *prepared.conversation) {
        const auto all = answerAddresses(*answered, among({}), true);
        for (const auto* list : {&all.to, &all.cc})
            for (const MailParty& party : *list) known.insert(party.address);
    }
    std::string stranger;
    store_.read([&](Reader& reader) {
        for (const Row& row : reader.query("SELECT address FROM mail_parties WHERE conversation = $1"
                                           " UNION SELECT peer_value FROM conversations WHERE id = $1",
                                           {*prepared.conversation}))
            known.insert(row.text(0));
    });
    for (const MailParty& party : parties)
        if (!known.contains(party.address)) stranger = party.role;
    if (stranger.empty()) return Done{};
    return Error{ErrorKind::Forbidden,
                 stranger + ": only the user of this private mailbox brings others into its conversations",
                 {},
                 "account_private"};
}

// Of everybody who works here.
IsOurs Outbox::ownAddresses(Id org) const {
    std::set<std::string> addresses;
    for (const AccountRef& account : accounts_.all())
        if (account->org == org && !account->address.empty()) addresses.insert(account->address);
    return among(std::move(addresses));
}

// Those whose mail whoever answers here reads anyway. A colleague's private mailbox is his own: to whom it
// was sent as well is sent the answer.
IsOurs Outbox::ownAddresses(const Account& account, Id user) const {
    std::set<std::string> addresses{account.address};
    for (const AccountRef& one : accounts_.all()) {
        const bool is_read = !one->isPrivate() || (user != 0 && one->private_to == user);
        if (one->org == account.org && is_read && !one->address.empty()) addresses.insert(one->address);
    }
    return among(std::move(addresses));
}

Result<std::optional<AnsweredMail>> Outbox::findAnswered(const PreparedRequest& prepared,
                                                         const RequestForm& form, Id org) const {
    std::optional<AnsweredMail> found;
    const IsOurs is_ours = ownAddresses(org);
    store_.read([&](Reader& reader) {
        if (form.reply_to) {
            found = findAnsweredMail(reader, org, *form.reply_to);
            return;
        }
        if (!prepared.conversation) return;
        if (!form.in_reply_to.empty())
            found = findAnsweredMail(reader, org, *prepared.conversation, withoutBrackets(form.in_reply_to));
        if (!found) found = newestAnsweredMail(reader, org, *prepared.conversation, is_ours);
    });
    if (form.reply_to && !found) return fault("reply_to: the message is no mail");
    return found;
}

// To, Cc and Bcc, nobody twice. Who is named in the request replaces those who are answered, except when all
// are.
Result<std::vector<MailParty>> Outbox::mailParties(const PreparedRequest& prepared, const RequestForm& form,
                                                   const std::optional<AnsweredMail>& answered,
                                                   Id user) const {
    std::vector<MailParty> parties;
    std::set<std::string> seen;
    const auto add = [&](const std::vector<MailParty>& list, const char* role) {
        for (const MailParty& party : list)
            if (seen.insert(party.address).second) parties.push_back({role, party.address, party.name});
    };
    AnswerAddresses answer;
    if (answered && prepared.conversation && (!form.hasTo() || form.is_to_all))
        answer = answerAddresses(*answered, ownAddresses(*prepared.account, user), form.is_to_all);
    add(answer.to, "to");
    if (form.hasTo()) add(form.to_all, "to");
    if (form.hasTo() || parties.empty()) {
        if (prepared.to.kind != "email")
            return fault("to: nobody in the conversation has an e-mail address; say `to`");
        add({{"to", prepared.to.value, ""}}, "to");
    }
    add(answer.cc, "cc");
    for (const char* role : {"cc", "bcc"}) {
        const auto named = readMailParties(memberAt(form.content, role), role);
        if (!named) return named.error();
        add(*named, role);
    }
    return parties;
}

Status Outbox::cleanHtml(RequestForm& form) const {
    const Json& html = memberAt(form.content, "html");
    if (html.is_null()) return Done{};
    if (!html.is_string()) return fault("content.html: must be a text");
    if (!clean_html_) return fault("html: this daemon sends no HTML");
    CleanHtml clean = clean_html_(html.get_ref<const std::string&>());
    if (form.text.empty()) form.text = clean.text;
    form.content.erase("html");
    if (clean.sent.empty() || clean.shown.empty()) {
        if (form.text.empty() && form.attachments.empty())
            return fault("html: nothing is left of it without what runs in a page");
        return Done{};
    }
    form.content["html"] = std::move(clean.sent);
    form.shown_html = std::move(clean.shown);
    return Done{};
}

Status Outbox::prepareMail(PreparedRequest& prepared, RequestForm& form, const RequestSource& source,
                           Id message) const {
    if (mails_ == nullptr) return fault("account: this daemon sends no mail");
    const auto answered = findAnswered(prepared, form, source.org);
    if (!answered) return answered.error();
    if (auto done = cleanHtml(form); !done) return done;
    auto parties = mailParties(prepared, form, *answered, source.user);
    if (!parties) return parties.error();
    const bool is_guest = prepared.account->isPrivate() && prepared.account->private_to != source.user;
    if (is_guest && form.content.contains("reply_to"))
        return Error{ErrorKind::Forbidden,
                     "content.reply_to: answers go to the user of this private mailbox",
                     {},
                     "account_private"};
    if (is_guest)
        if (auto may = mayJoin(prepared, *parties, *answered); !may) return may;
    if (textAt(form.content, "subject").empty()) {
        const std::string subject = *answered ? answerSubject((*answered)->subject) : "";
        if (subject.empty() && !prepared.conversation) return fault("subject: is missing");
        form.content["subject"] = subject;
    }
    MailFacts facts;
    facts.subject = textAt(form.content, "subject");
    facts.subject_base = foldedBase(facts.subject);
    facts.message_id = mails_->token().messageId(message, prepared.account->address);
    facts.parties = std::move(*parties);
    form.content["message_id"] = facts.message_id;
    setPeople(form, *prepared.account, facts.parties);
    setThread(form, facts, *answered);
    prepared.to = {"email", facts.parties.front().address};
    if (*answered) prepared.answers = (*answered)->message;
    // Whether a machine wrote it, and whether a copy is kept, is not for the request to say.
    for (const char* ours : {"auto_submitted", "list_unsubscribe", "is_private"}) form.content.erase(ours);
    if (isMachine(source)) {
        if (auto may = mayReach(facts, source.org); !may) return may;
        const MachineMail mail{*prepared.account, prepared.conversation, form.reply_to, facts};
        if (auto may = mayMachineWrite(store_, log_, clock_.now(), mail); !may) return may;
        form.content["auto_submitted"] =
            form.content.contains("in_reply_to") ? "auto-replied" : "auto-generated";
        form.content["list_unsubscribe"] =
            unsubscribeWays(mails_->token().makeUnsubscribe(message), prepared.account->address,
                            files_.publicUrl(), facts.parties.size() == 1);
    }
    prepared.subject = facts.subject;
    prepared.mail = std::move(facts);
    return Done{};
}

}  // namespace signalbox
