#include "connectors/email/normalize.h"

#include <algorithm>

#include "base/crypto.h"
#include "connectors/email/parsed_mail.h"

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
std::string contentKeyOf(const ParsedMail& mail, std::string_view raw) {
    std::string text = mail.message_id + "\n" + mail.subject + "\n";
    if (!mail.from.empty()) text += lower(mail.from.front().address);
    text += "\n" + std::to_string(mail.date ? toMicros(*mail.date) : 0) + "\n";
    std::string_view body = bodyOf(raw);
    while (!body.empty() && (body.back() == '\n' || body.back() == '\r')) body.remove_suffix(1);
    return sha256(text + sha256(body));
}

void addParties(MailFacts& facts, const std::vector<MailAddress>& addresses, const char* role) {
    for (const MailAddress& one : addresses) {
        if (!one.address.empty()) facts.parties.push_back({role, lower(one.address), one.name});
    }
}

void addAncestor(MailFacts& facts, const std::string& id) {
    if (id.empty() || id == facts.message_id) return;
    std::erase(facts.ancestors, id);  // the last place counts
    facts.ancestors.push_back(id);
}

MailFacts factsOf(const ParsedMail& mail, std::string_view raw) {
    MailFacts facts;
    facts.content_key = contentKeyOf(mail, raw);
    facts.message_id = mail.message_id.empty() ? facts.content_key + "@missing" : mail.message_id;
    for (const std::string& id : mail.references) addAncestor(facts, id);
    for (const std::string& id : mail.in_reply_to) addAncestor(facts, id);
    facts.subject = mail.subject;
    facts.auto_kind = mail.auto_kind;
    facts.about = mail.original_message_id;
    addParties(facts, mail.from, "from");
    addParties(facts, mail.reply_to, "reply_to");
    addParties(facts, mail.to, "to");
    addParties(facts, mail.cc, "cc");
    return facts;
}

Json toJson(const std::vector<MailAddress>& addresses) {
    Json list = Json::array();
    for (const MailAddress& one : addresses) {
        if (list.size() == kMaxPeopleInContent) break;
        list.push_back({{"name", one.name}, {"address", one.address}});
    }
    return list;
}

Json contentOf(const ParsedMail& mail, const MailFacts& facts) {
    Json content = {{"subject", mail.subject}, {"message_id", facts.message_id}};
    for (const auto& [name, list] :
         {std::pair{"from", &mail.from}, {"to", &mail.to}, {"cc", &mail.cc}, {"reply_to", &mail.reply_to}}) {
        if (!list->empty()) content[name] = toJson(*list);
    }
    if (!mail.html.empty()) content["html"] = mail.html;
    if (mail.stripped_text != mail.text && !mail.stripped_text.empty())
        content["stripped_text"] = mail.stripped_text;
    if (mail.auto_kind != "none") content["auto_kind"] = mail.auto_kind;
    for (const BouncedRecipient& one : mail.bounced) {
        content["bounced"].push_back({{"address", one.address},
                                      {"action", one.action},
                                      {"code", one.code},
                                      {"text", one.text},
                                      {"hard", one.is_hard}});
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
Participant otherSide(const ParsedMail& mail, const std::string& own_address, bool is_sent) {
    std::vector<MailAddress> choice = mail.from;
    if (is_sent) choice = mail.to.empty() ? mail.cc : mail.to;
    // A form on a web site writes in our name and says in Reply-To who it was.
    const bool is_own = !choice.empty() && lower(choice.front().address) == own_address;
    if (!is_sent && is_own && !mail.reply_to.empty()) choice = mail.reply_to;
    if (choice.empty() || choice.front().address.empty())
        return {{{"external", "mail without sender"}}, choice.empty() ? "" : choice.front().name};
    return {{{"email", lower(choice.front().address)}}, choice.front().name};
}

Envelope messageOf(const ParsedMail& mail, const MailFacts& facts, const std::string& own_address,
                   bool is_sent) {
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
    envelope.provider_time = mail.date;
    for (const MailFile& file : mail.files) {
        Attachment attachment;
        attachment.kind = kindOf(file.mime);
        attachment.mime = file.mime;
        attachment.filename = file.name;
        attachment.sha256 = sha256(file.bytes);
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
    return std::nullopt;  // delayed: it is still on its way
}

Envelope statusOf(const ParsedMail& mail, DeliveryState state, const std::string& recipient) {
    Envelope envelope;
    envelope.kind = EnvelopeKind::Status;
    envelope.channel = "email";
    envelope.target = envelope.external_id = mail.original_message_id;
    envelope.dedup_key = "status:" + mail.original_message_id + ":" + recipient + ":" + toString(state);
    envelope.status.state = state;
    envelope.status.recipient = lower(recipient);
    envelope.provider_time = mail.date;
    return envelope;
}

void addStatuses(PolledItem& item, const ParsedMail& mail) {
    if (mail.original_message_id.empty()) return;
    for (const BouncedRecipient& one : mail.bounced) {
        const auto state = stateOf(one.action);
        if (!state) continue;
        Envelope envelope = statusOf(mail, *state, one.address);
        if (*state == DeliveryState::Failed) {
            envelope.status.code = one.code;
            envelope.status.text = (one.is_hard ? "hard: " : "soft: ") + one.text;
            envelope.status.is_retryable = !one.is_hard;
        }
        item.envelopes.push_back(std::move(envelope));
    }
    if (mail.is_read_receipt) {
        const std::string reader = mail.from.empty() ? "" : mail.from.front().address;
        item.envelopes.push_back(statusOf(mail, DeliveryState::Read, reader));
    }
}

}  // namespace

PolledItem normalize(const std::string& place, std::string raw, const std::string& own_address,
                     bool is_sent) {
    PolledItem item;
    item.place = place;
    ParsedMail mail = parseMail(raw);
    MailFacts facts = factsOf(mail, raw);
    item.envelopes.push_back(messageOf(mail, facts, own_address, is_sent));
    addStatuses(item, mail);
    for (MailFile& file : mail.files) item.files.push_back(std::move(file.bytes));
    item.mail = std::move(facts);
    item.raw = std::move(raw);
    return item;
}

}  // namespace signalbox::email
