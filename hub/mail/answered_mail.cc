#include "hub/mail/answered_mail.h"

#include <algorithm>
#include <set>

#include "base/own_json.h"
#include "hub/people/people.h"

namespace signalbox {
namespace {

#define MAIL                                                                                            \
    "SELECT m.message, x.conversation, m.message_id, m.subject, m.ancestors, m.auto_kind, x.direction," \
    " x.content, x.provider_at, x.created_at FROM messages x JOIN mails m ON m.message = x.id"
constexpr std::string_view kOne = MAIL " WHERE x.id = $1 AND x.org = $2";
constexpr std::string_view kById =
    MAIL " WHERE x.conversation = $1 AND x.org = $2 AND m.message_id = $3 ORDER BY x.seq DESC LIMIT 1";
constexpr std::string_view kNewest = MAIL
    " WHERE x.conversation = $1 AND x.org = $2 AND x.direction = $3 AND m.auto_kind NOT IN"
    " ('bounce', 'receipt', 'auto_reply', 'unsubscribe', 'complaint') ORDER BY x.seq DESC LIMIT 100";
#undef MAIL

struct Candidate {
    AnsweredMail mail;
    std::int64_t at = 0;
};

// A fetch of old mail brings it last; a date ahead of its arrival puts nobody in front.
std::int64_t writtenAt(const Row& row) {
    const std::int64_t arrived = row.integer(9);
    return row.isNull(8) ? arrived : std::min(arrived, row.integer(8));
}

Candidate fromRow(const Row& row) {
    AnsweredMail mail{row.integer(0), row.integer(1), row.text(2), row.text(3)};
    if (const auto ancestors = parseJson(row.text(4)); ancestors && ancestors->is_array()) {
        for (const Json& id : *ancestors) mail.references.push_back(id.get<std::string>());
    }
    mail.references.push_back(mail.message_id);
    mail.auto_kind = row.text(5);
    mail.is_ours = row.text(6) != "in";
    if (auto content = parseJson(row.text(7), kOwnJson); content && content->is_object())
        mail.content = std::move(*content);
    return {std::move(mail), writtenAt(row)};
}

std::vector<AnsweredMail> newestOf(Reader& reader, Id org, Id conversation, std::string_view direction) {
    std::vector<Candidate> found;
    for (const Row& row : reader.query(kNewest, {conversation, org, direction}))
        found.push_back(fromRow(row));
    std::stable_sort(found.begin(), found.end(),
                     [](const Candidate& a, const Candidate& b) { return a.at > b.at; });
    std::vector<AnsweredMail> mails;
    for (Candidate& one : found) mails.push_back(std::move(one.mail));
    return mails;
}

std::optional<AnsweredMail> firstOf(const Rows& rows) {
    if (rows.empty()) return std::nullopt;
    return fromRow(rows[0]).mail;
}

// «a@x», {"address", "name"}, or a list of them.
std::vector<MailParty> partiesOf(const Json& content, const char* role) {
    std::vector<MailParty> parties;
    const Json& value = memberAt(content, role);
    if (value.is_null()) return parties;
    for (const Json& item : value.is_array() ? value : Json::array({value})) {
        const std::string address = item.is_string() ? item.get<std::string>() : textAt(item, "address");
        if (address.find('@') == std::string::npos) continue;
        parties.push_back({role, normalize(Identity{"email", address}, "").value, textAt(item, "name")});
    }
    return parties;
}

bool names(const std::vector<MailParty>& parties, const std::string& address) {
    return std::any_of(parties.begin(), parties.end(),
                       [&](const MailParty& party) { return party.address == address; });
}

// Programs of lists put the list there; whoever answers means the person.
std::vector<MailParty> answersWanted(const AnsweredMail& mail) {
    auto wanted = partiesOf(mail.content, "reply_to");
    if (mail.auto_kind != "list") return wanted;
    const auto to = partiesOf(mail.content, "to"), cc = partiesOf(mail.content, "cc");
    std::erase_if(
        wanted, [&](const MailParty& party) { return names(to, party.address) || names(cc, party.address); });
    return wanted;
}

std::vector<MailParty> withoutOurs(std::vector<MailParty> parties, const IsOurs& is_ours) {
    std::erase_if(parties, [&](const MailParty& party) { return is_ours(party.address); });
    return parties;
}

std::vector<MailParty> answeredOf(const AnsweredMail& mail, const IsOurs& is_ours) {
    const auto to = partiesOf(mail.content, "to"), from = partiesOf(mail.content, "from");
    if (mail.is_ours) {
        auto others = withoutOurs(to, is_ours);
        return others.empty() ? to : others;
    }
    if (auto wanted = withoutOurs(answersWanted(mail), is_ours); !wanted.empty()) return wanted;
    return from;
}

// Somebody outside who will read an answer.
bool isPersons(const AnsweredMail& mail, const IsOurs& is_ours) {
    if (mail.auto_kind != "none" && mail.auto_kind != "list") return false;
    const auto to = answeredOf(mail, is_ours);
    // Nothing is known of whom old rows name: they are taken for what they were.
    if (to.empty()) return true;
    return !withoutOurs(to, is_ours).empty();
}

}  // namespace

std::optional<AnsweredMail> findAnsweredMail(Reader& reader, Id org, Id message) {
    return firstOf(reader.query(kOne, {message, org}));
}

std::optional<AnsweredMail> findAnsweredMail(Reader& reader, Id org, Id conversation,
                                             const std::string& message_id) {
    return firstOf(reader.query(kById, {conversation, org, message_id}));
}

std::optional<AnsweredMail> newestAnsweredMail(Reader& reader, Id org, Id conversation,
                                               const IsOurs& is_ours) {
    const auto came = newestOf(reader, org, conversation, "in");
    for (const AnsweredMail& mail : came)
        if (isPersons(mail, is_ours)) return mail;
    const auto ours = newestOf(reader, org, conversation, "out");
    if (!ours.empty()) return ours[0];
    if (!came.empty()) return came[0];
    return std::nullopt;
}

AnswerAddresses answerAddresses(const AnsweredMail& mail, const IsOurs& is_ours, bool to_all) {
    AnswerAddresses out;
    std::set<std::string> seen;
    const auto add = [&](std::vector<MailParty>& list, std::vector<MailParty> parties, const char* role) {
        for (MailParty& party : parties) {
            party.role = role;
            if (seen.insert(party.address).second) list.push_back(std::move(party));
        }
    };
    add(out.to, answeredOf(mail, is_ours), "to");
    if (!to_all) return out;
    add(out.to, withoutOurs(partiesOf(mail.content, "to"), is_ours), "to");
    add(out.cc, withoutOurs(partiesOf(mail.content, "cc"), is_ours), "cc");
    return out;
}

std::string answerSubject(const std::string& subject) {
    const bool has_re = subject.size() >= 3 && (subject[0] == 'R' || subject[0] == 'r') &&
                        (subject[1] == 'e' || subject[1] == 'E') && subject[2] == ':';
    return has_re || subject.empty() ? subject : "Re: " + subject;
}

}  // namespace signalbox
