#include "connectors/email/normalize.h"

#include <algorithm>

#include "base/crypto.h"
#include "connectors/email/mime/parse_mail.h"

namespace signalbox::email {
namespace {

constexpr std::size_t kMaxPeopleInContent = 100;

std::string lower(std::string text) {
    for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    return text;
}

std::string sha256(std::string_view bytes) {
    return toHex(hash(HashAlgorithm::Sha256, bytes));
}

std::string_view bodyOf(std::string_view raw) {
    for (const std::string_view blank : {"\r\n\r\n", "\n\n", "\r\r"}) {
        const auto at = raw.find(blank);
        if (at != std::string_view::npos) return raw.substr(at + blank.size());
    }
    return {};
}

// Copies differ in the lines that each server puts on top, and in nothing else.
std::string contentKeyOf(const Mail& mail, std::string_view raw) {
    std::string text = mail.message_id + "\n" + mail.subject + "\n";
    if (!mail.from.empty()) text += lower(mail.from.front().address);
    text += "\n" + mail.date + "\n";
    std::string_view body = bodyOf(raw);
    while (!body.empty() && (body.back() == '\n' || body.back() == '\r')) body.remove_suffix(1);
    return sha256(text + sha256(body));
}

// What a person is called: Outlook writes 'Ada' in quotes, and many write the address once more.
std::string shownName(const MailAddress& one) {
    std::string_view name = one.name;
    if (name.size() > 2 && name.starts_with('\'') && name.ends_with('\''))
        name = name.substr(1, name.size() - 2);
    return name == one.address ? "" : std::string(name);
}

void addParties(MailFacts& facts, const std::vector<MailAddress>& addresses, const char* role) {
    for (const MailAddress& one : addresses) {
        if (!one.address.empty()) facts.parties.push_back({role, lower(one.address), shownName(one)});
    }
}

void addAncestor(MailFacts& facts, const std::string& id) {
    if (id.empty() || id == facts.message_id) return;
    std::erase(facts.ancestors, id);  // the last place counts
    facts.ancestors.push_back(id);
}

// The mail that a machine's mail is about.
std::string aboutOf(const Mail& mail) {
    return mail.bounce ? mail.bounce->original_message_id : mail.about_message_id;
}

// «<m.{13 characters}.{16 hex digits}@host>», our Message-ID as compose puts it into the HTML.
void addMarks(MailFacts& facts, std::string_view text) {
    constexpr std::size_t kToken = 32, kMaxMarks = 10;
    for (auto at = text.find("m."); at != std::string_view::npos; at = text.find("m.", at + 2)) {
        const std::string_view token = text.substr(at, kToken + 1);
        if (token.size() <= kToken || token[15] != '.' || token[kToken] != '@') continue;
        facts.marks.emplace_back(token);
        if (facts.marks.size() >= kMaxMarks) return;
    }
}

// «support@example.org» that is a group (Google Groups and others): what people write to it comes as a list's
// mail, with the group's own name on it.
bool isOwnList(const Mail& mail, const std::string& own_address) {
    std::string name = own_address;
    std::replace(name.begin(), name.end(), '@', '.');
    return mail.auto_kind == MailAutoKind::List && !name.empty() && lower(mail.list_id) == name;
}

MailFacts factsOf(const Mail& mail, std::string_view raw, const std::string& own_address) {
    MailFacts facts;
    facts.content_key = contentKeyOf(mail, raw);
    facts.message_id = mail.message_id;
    for (const std::string& id : mail.references) addAncestor(facts, id);
    addAncestor(facts, mail.in_reply_to);
    facts.subject = mail.subject;
    facts.auto_kind = toString(mail.auto_kind);
    facts.may_auto_reply = mail.may_auto_reply || isOwnList(mail, own_address);
    facts.about = aboutOf(mail);
    facts.thread_index = mail.thread_index;
    addMarks(facts, mail.text);
    addMarks(facts, mail.html);
    addParties(facts, mail.from, "from");
    addParties(facts, mail.reply_to, "reply_to");
    addParties(facts, mail.to, "to");
    addParties(facts, mail.cc, "cc");
    // Where the server put it: a token of ours may stand there only.
    if (!mail.delivered_to.empty()) addParties(facts, {{"", mail.delivered_to}}, "delivered_to");
    return facts;
}

Json toJson(const std::vector<MailAddress>& addresses) {
    Json list = Json::array();
    for (const MailAddress& one : addresses) {
        if (list.size() == kMaxPeopleInContent) break;
        list.push_back({{"name", shownName(one)}, {"address", one.address}});
    }
    return list;
}

Json contentOf(const Mail& mail, const MailFacts& facts) {
    Json content = {{"subject", mail.subject}, {"message_id", facts.message_id}};
    for (const auto& [name, list] :
         {std::pair{"from", &mail.from}, {"to", &mail.to}, {"cc", &mail.cc}, {"reply_to", &mail.reply_to}}) {
        if (!list->empty()) content[name] = toJson(*list);
    }
    if (!mail.html.empty()) content["html"] = mail.html;
    if (mail.stripped_text != mail.text && !mail.stripped_text.empty())
        content["stripped_text"] = mail.stripped_text;
    if (mail.auto_kind != MailAutoKind::None) content["auto_kind"] = facts.auto_kind;
    if (!facts.may_auto_reply) content["may_auto_reply"] = false;
    if (!mail.calendar.empty()) content["calendar"] = mail.calendar;
    if (!mail.crypto.empty()) content["crypto"] = mail.crypto;
    if (!mail.warnings.empty()) content["warnings"] = mail.warnings;
    if (!mail.bounce) return content;
    for (const BounceRecipient& one : mail.bounce->recipients) {
        content["bounced"].push_back({{"address", one.address},
                                      {"action", one.action},
                                      {"status", one.status},
                                      {"reason", one.reason},
                                      {"text", one.diagnostic},
                                      {"hard", one.hard}});
    }
    return content;
}

std::string kindOf(const std::string& mime) {
    for (const char* kind : {"image", "audio", "video"}) {
        if (mime.starts_with(std::string(kind) + "/")) return kind;
    }
    return "document";
}

// Who the other side is: who wrote it, or whom it was written to.
Participant otherSide(const Mail& mail, const std::string& own_address, bool is_sent) {
    std::vector<MailAddress> choice = mail.from;
    if (is_sent) choice = mail.to.empty() ? mail.cc : mail.to;
    // A form on a web site writes in our name and says in Reply-To who it was.
    const bool is_own = !choice.empty() && lower(choice.front().address) == own_address;
    if (!is_sent && is_own && !mail.reply_to.empty()) choice = mail.reply_to;
    if (choice.empty() || choice.front().address.empty())
        return {{{"external", "mail without sender"}}, choice.empty() ? "" : shownName(choice.front())};
    return {{{"email", lower(choice.front().address)}}, shownName(choice.front())};
}

Envelope messageOf(const Mail& mail, const MailFacts& facts, const std::string& own_address, bool is_sent) {
    Envelope envelope;
    envelope.direction = is_sent ? Direction::Outbound : Direction::Inbound;
    envelope.channel = "email";
    envelope.type = "email";
    envelope.external_id = facts.message_id;
    envelope.dedup_key = facts.content_key;
    if (!facts.ancestors.empty()) envelope.in_reply_to = facts.ancestors.back();
    envelope.from = otherSide(mail, own_address, is_sent);
    envelope.text = mail.text;
    envelope.content = contentOf(mail, facts);
    envelope.provider_time = parseRfc3339(mail.date);
    for (const MailAttachment& file : mail.attachments) {
        Attachment attachment;
        attachment.kind = kindOf(file.mime);
        attachment.mime = file.mime;
        attachment.filename = file.name;
        attachment.sha256 = file.sha256;
        envelope.attachments.push_back(std::move(attachment));
        if (!file.content_id.empty())
            envelope.content["inline"][file.content_id] = envelope.attachments.size() - 1;
    }
    return envelope;
}

std::optional<DeliveryState> stateOf(const std::string& action) {
    if (action == "failed") return DeliveryState::Failed;
    if (action == "delivered") return DeliveryState::Delivered;
    if (action == "relayed" || action == "expanded") return DeliveryState::Sent;
    if (action == "delayed") return DeliveryState::Delayed;  // it is still on its way
    return std::nullopt;
}

Envelope statusOf(const Mail& mail, DeliveryState state, const std::string& recipient) {
    Envelope envelope;
    envelope.kind = EnvelopeKind::Status;
    envelope.channel = "email";
    envelope.target = envelope.external_id = aboutOf(mail);
    envelope.dedup_key = "status:" + envelope.target + ":" + recipient + ":" + toString(state);
    envelope.status.state = state;
    envelope.status.recipient = lower(recipient);
    envelope.provider_time = parseRfc3339(mail.date);
    return envelope;
}

void addStatuses(PolledItem& item, const Mail& mail) {
    if (aboutOf(mail).empty()) return;
    if (mail.auto_kind == MailAutoKind::Receipt) {
        const std::string reader = mail.from.empty() ? "" : mail.from.front().address;
        item.envelopes.push_back(statusOf(mail, DeliveryState::Read, reader));
    }
    if (!mail.bounce) return;
    for (const BounceRecipient& one : mail.bounce->recipients) {
        const auto state = stateOf(one.action);
        if (!state) continue;
        Envelope envelope = statusOf(mail, *state, one.address);
        if (*state == DeliveryState::Failed || *state == DeliveryState::Delayed) {
            envelope.status.code = one.status.empty() ? one.code : one.status;
            envelope.status.text = (one.hard ? "hard: " : "soft: ") + one.diagnostic;
            envelope.status.is_retryable = !one.hard;
        }
        item.envelopes.push_back(std::move(envelope));
    }
}

}  // namespace

PolledItem normalize(const std::string& place, std::string raw, const std::string& own_address,
                     bool is_sent) {
    PolledItem item;
    item.place = place;
    Mail mail = mime::parseMail(raw);
    MailFacts facts = factsOf(mail, raw, own_address);
    item.envelopes.push_back(messageOf(mail, facts, own_address, is_sent));
    addStatuses(item, mail);
    for (MailAttachment& file : mail.attachments) item.files.push_back(std::move(file.content));
    item.mail = std::move(facts);
    item.raw = std::move(raw);
    return item;
}

}  // namespace signalbox::email
