// From what was asked for to what can be written: the account, the address, the numbers, the rendered event.
#include <algorithm>

#include "base/crypto.h"
#include "base/http_message.h"
#include "hub/model/webhook_target.h"
#include "hub/outbox/outbox.h"
#include "hub/outbox/request_form.h"
#include "hub/people/people.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kConversation =
    "SELECT account, channel, peer_kind, peer_value, merged_into FROM conversations WHERE id = $1 AND org = "
    "$2";
constexpr std::string_view kReplyTo =
    "SELECT m.external_id, m.conversation FROM messages m JOIN conversations c ON c.id = m.conversation "
    "WHERE m.id = $1"
    " AND m.org = $2 AND (m.account = $3 OR m.conversation = $4)";
// Whose conversation a message was in before it came here by a merge.
constexpr std::string_view kCameFrom =
    "SELECT c.peer_kind, c.peer_value FROM merge_moves v JOIN merges g ON g.id = v.merge"
    " JOIN conversations c ON c.id = g.gone WHERE v.row_kind = 'message' AND v.row_id = $1"
    " AND g.undone_at IS NULL AND c.channel = $2 ORDER BY g.id LIMIT 1";
constexpr int kMostMerges = 100;

Error fault(ErrorKind kind, std::string message) {
    return {kind, std::move(message), {}, kind == ErrorKind::NotFound ? "not_found" : "invalid_request"};
}

// A WhatsApp user id, for people who hide their number: DE.1234….
bool isWhatsAppUserId(std::string_view text) {
    const auto isUpper = [](char c) { return c >= 'A' && c <= 'Z'; };
    return text.size() > 3 && isUpper(text[0]) && isUpper(text[1]) && text[2] == '.' &&
           std::all_of(text.begin() + 3, text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

Result<Identity> phoneIdentity(std::string_view text, const std::string& region) {
    // «0800 FLOWERS» is a number for the library; in an address it is more likely a mistake.
    const bool has_letters = std::any_of(
        text.begin(), text.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
    auto phone = has_letters ? std::nullopt : normalizePhone(text, region);
    if (!phone) {
        return fault(ErrorKind::Invalid,
                     "to: no phone number; write it with its country code, like +4930123456, or give the "
                     "account a region");
    }
    return Identity{"phone", std::move(*phone)};
}

Result<Identity> emailIdentity(std::string_view text, const std::string& region) {
    const auto at = text.find('@');
    if (at == 0 || at == std::string_view::npos || at + 1 == text.size() ||
        text.find_first_of(" \t\r\n<>,") != std::string_view::npos)
        return fault(ErrorKind::Invalid, "to: no e-mail address");
    return normalize(Identity{"email", std::string(text)}, region);
}

// What a bare text means on a channel.
Result<Identity> identityOn(const std::string& channel, const std::string& text, const std::string& region) {
    if (channel == "email") return emailIdentity(text, region);
    if (channel == "whatsapp" && isWhatsAppUserId(text)) return Identity{"wa_user_id", text};
    if (channel == "whatsapp" || channel == "sms" || channel == "voice") return phoneIdentity(text, region);
    if (channel == "slack")
        return Identity{text[0] == 'U' || text[0] == 'W' ? "slack_user" : "external", text};
    if (channel == "webchat") return Identity{"webchat_key", text};
    return Identity{"external", text};
}

Result<Identity> identityOf(const RequestForm& form, const std::string& channel, const std::string& region) {
    if (!form.to_all.empty()) {
        if (channel != "email")
            return fault(ErrorKind::Invalid, "to: only mails have several recipients, or names beside them");
        return Identity{"email", form.to_all.front().address};
    }
    if (!form.to_identity) return identityOn(channel, form.to, region);
    const Identity& to = *form.to_identity;
    if (to.kind == "phone") return phoneIdentity(to.value, region);
    if (to.kind == "email") return emailIdentity(to.value, region);
    if (to.kind == "wa_user_id" && !isWhatsAppUserId(to.value))
        return fault(ErrorKind::Invalid, "to.value: no WhatsApp user id, like DE.1234567890");
    return to;
}

std::chrono::seconds lifetimeOf(OutboxKind kind, const std::string& channel) {
    if (kind != OutboxKind::Message) return 1h;
    return channel == "email" ? 48h : 4h;
}

// «http host[:port]»; requests below the account's own base_url are «http».
std::string httpEndpoint(std::string_view url) {
    const auto scheme = url.find("://");
    if (scheme == std::string_view::npos) return "http";
    std::string host(url.substr(scheme + 3));
    host.resize(std::min(host.find_first_of("/?#"), host.size()));
    if (const auto user = host.rfind('@'); user != std::string::npos) host.erase(0, user + 1);
    std::transform(host.begin(), host.end(), host.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
    return "http " + host;
}

std::string hashedKey(const RequestSource& source) {
    const std::string text = std::to_string(source.org) + '\n' + source.author + '\n' + source.client_token;
    return "ct-" + toHex(hash(HashAlgorithm::Sha256, text)).substr(0, 32);
}

Json requestJson(const RequestForm& form, const PreparedRequest& prepared) {
    Json out = {{"type", form.type}};
    if (prepared.kind != OutboxKind::Http)
        out["to"] = {{"kind", prepared.to.kind}, {"value", prepared.to.value}};
    if (!form.text.empty()) out["text"] = form.text;
    if (!form.in_reply_to.empty()) out["in_reply_to"] = form.in_reply_to;
    if (!form.content.empty()) out["content"] = form.content;
    for (const Attachment& attachment : form.attachments) out["attachments"].push_back(toJson(attachment));
    return out;
}

// A page shows it: nothing of it may run there.
Json shownContent(const RequestForm& form) {
    Json content = form.content;
    if (!form.shown_html.empty()) content["html"] = form.shown_html;
    return content;
}

MessageDraft draftOf(const RequestForm& form, const RequestSource& source, Id id, TimePoint now) {
    MessageDraft draft;
    draft.id = id;
    draft.direction = "out";
    draft.author = source.author;
    draft.type = form.type;
    draft.text = form.text;
    draft.content = form.content.empty() ? "" : dumpJson(shownContent(form));
    draft.in_reply_to = form.in_reply_to;
    draft.client_token = source.client_token;
    draft.status = "queued";
    draft.created_at = now;
    draft.attachments = form.attachments;
    return draft;
}

// Whoever sees one of two that were merged does not see the other for that.
bool maySee(Reader& reader, const RequestSource& source, Id conversation) {
    if (!source.viewer || !source.viewer->conversations) return true;
    std::vector<Value> values{conversation};
    const std::string sql =
        "SELECT 1 FROM conversations c WHERE c.id = $1 AND " + source.viewer->conversations(values);
    return !reader.query(sql, std::span<const Value>(values)).empty();
}

// Account, channel and address, from the conversation or from `account` and `to`.
Status address(PreparedRequest& prepared, const RequestForm& form, const RequestSource& source,
               const Accounts& accounts, Store& store) {
    if (!form.account.empty()) {
        prepared.account = accounts.byName(source.org, form.account);
        const bool is_his = prepared.account && (!prepared.account->isPrivate() || source.user != 0);
        if (!is_his) return fault(ErrorKind::NotFound, "account: there is none of this name");
    }
    if (form.type == "http") {
        if (prepared.account->type != "http")
            return fault(ErrorKind::Invalid, "account: an http request needs an account of type http");
        return Done{};
    }
    if (!form.conversation) {
        prepared.channel = form.channel.empty() ? prepared.account->channel : form.channel;
        // Granted conversations may be answered by others; a new one is begun by the account's user.
        if (prepared.account->isPrivate() && prepared.account->private_to != source.user)
            return fault(ErrorKind::NotFound, "account: there is none of this name");
        auto to = identityOf(form, prepared.channel, prepared.account->region);
        if (!to) return to.error();
        prepared.to = std::move(*to);
        return Done{};
    }
    Rows rows;
    Id conversation = *form.conversation;
    bool may_see = true;
    store.read([&](Reader& reader) {
        rows = reader.query(kConversation, {conversation, source.org});
        // A merged one lives on in the other.
        for (int i = 0; i < kMostMerges && !rows.empty() && !rows[0].isNull(4); ++i) {
            conversation = rows[0].integer(4);
            rows = reader.query(kConversation, {conversation, source.org});
        }
        may_see = conversation == *form.conversation || maySee(reader, source, conversation);
    });
    if (rows.empty() || !may_see)
        return fault(ErrorKind::NotFound, "conversation_id: there is no such conversation");
    const auto owner = accounts.byId(rows[0].integer(0));
    if (!owner) return fault(ErrorKind::NotFound, "conversation_id: its account is gone");
    if (owner->isPrivate() && source.user == 0)
        return fault(ErrorKind::NotFound, "conversation_id: there is no such conversation");
    if (!accounts.byName(owner->org, owner->name))
        return Error{ErrorKind::Conflict,
                     "conversation_id: its account " + owner->name +
                         " was removed; connect one of that name again, or write from another account",
                     {},
                     "account_removed"};
    if (prepared.account && prepared.account->id != owner->id)
        return fault(ErrorKind::Invalid, "account: the conversation belongs to another account");
    if (form.hasTo() && rows[0].text(1) != "email")
        return fault(ErrorKind::Invalid, "to: stands beside conversation_id; use one of them");
    if (!form.channel.empty() && form.channel != rows[0].text(1))
        return fault(ErrorKind::Invalid, "channel: the conversation is on another channel");
    prepared.account = owner;
    prepared.conversation = conversation;
    prepared.channel = rows[0].text(1);
    prepared.to = {rows[0].text(2), rows[0].text(3)};
    if (!form.hasTo()) return Done{};
    auto to = identityOf(form, prepared.channel, owner->region);
    if (!to) return to.error();
    prepared.to = std::move(*to);
    return Done{};
}

// Mails alone go to several, carry only what lies here, and may ask for a receipt.
Status checkChannel(const PreparedRequest& prepared, const RequestForm& form,
                    const std::vector<NamedFile>& named) {
    if (prepared.account->type != "email") {
        if (form.is_to_all) return fault(ErrorKind::Invalid, "reply_all: only mails are answered to all");
        if (form.content.contains("request_receipt"))
            return fault(ErrorKind::Invalid, "request_receipt: only mails ask for a receipt");
        return Done{};
    }
    for (std::size_t i = 0; i < form.attachments.size(); ++i) {
        if (std::any_of(named.begin(), named.end(), [&](const NamedFile& file) { return file.ordinal == i; }))
            continue;
        return fault(ErrorKind::Invalid, "attachments[" + std::to_string(i) +
                                             "].url: a mail carries files that lie here; upload it with POST "
                                             "/api/v1/files and name its file_id");
    }
    return Done{};
}

// Our message's number becomes the provider's id: now where it is known, else when the row is sent.
Status resolveReply(PreparedRequest& prepared, RequestForm& form, const RequestSource& source, Store& store) {
    if (!form.reply_to) {
        if (form.type == "mark_read" && form.in_reply_to.empty()) prepared.reply_to = 0;
        return Done{};
    }
    Rows rows, came_from;
    store.read([&](Reader& reader) {
        // Mails keep their Message-IDs wherever a merge brought them.
        const bool is_mail = prepared.channel == "email";
        std::vector<Value> values{*form.reply_to, source.org, prepared.account->id,
                                  is_mail ? prepared.conversation.value_or(0) : 0};
        std::string sql(kReplyTo);
        if (source.viewer && source.viewer->conversations)
            sql += " AND " + source.viewer->conversations(values);
        rows = reader.query(sql, std::span<const Value>(values));
        if (prepared.conversation) came_from = reader.query(kCameFrom, {*form.reply_to, prepared.channel});
    });
    if (rows.empty()) return fault(ErrorKind::NotFound, "reply_to: there is no such message on this account");
    // Two customers' words would stand in one thread.
    const Id answered = rows[0].integer(1);
    if (prepared.channel == "email" && prepared.conversation && answered != *prepared.conversation)
        return fault(ErrorKind::Invalid, "reply_to: this mail is in conversation " +
                                             idText(kConversationId, answered) + "; answer it there");
    // Two people's conversations were merged: an answer goes to the one who is answered.
    if (!came_from.empty() && !form.hasTo()) prepared.to = {came_from[0].text(0), came_from[0].text(1)};
    form.in_reply_to = rows[0].text(0);
    if (form.in_reply_to.empty()) prepared.reply_to = form.reply_to;
    return Done{};
}

OutboxKind kindOf(const std::string& type) {
    if (type == "http") return OutboxKind::Http;
    if (type == "mark_read" || type == "reaction") return OutboxKind::Mark;
    return OutboxKind::Message;
}

// The links are the provider's or the recipient's, nobody who reads the conversation needs them.
void forgetLinks(RequestForm& form, const std::vector<CarriedFile>& files) {
    for (const CarriedFile& file : files) {
        if (file.link) form.attachments.at(file.named.ordinal).url.clear();
    }
    form.content.erase("list_unsubscribe");
}

}  // namespace

Result<std::vector<NamedFile>> Outbox::nameFilesOf(Json& request, const RequestSource& source) const {
    Result<std::vector<NamedFile>> named = std::vector<NamedFile>();
    if (memberAt(request, "attachments").is_null()) return named;
    const FileViewer viewer = source.viewer.value_or(FileViewer{source.org, 0, 0, true});
    store_.read([&](Reader& reader) { named = nameFiles(reader, viewer, request); });
    return named;
}

// Mail carries the bytes; all other providers fetch them through a link that lives as long as they may try.
void Outbox::linkFiles(PreparedRequest& prepared, RequestForm& form,
                       const std::vector<NamedFile>& named) const {
    const bool has_links = prepared.account->type != "email" && !files_.publicUrl().empty();
    for (const NamedFile& file : named) {
        CarriedFile carried{file, std::nullopt};
        Attachment& attachment = form.attachments.at(file.ordinal);
        if (has_links && file.file != 0 && attachment.url.empty() && attachment.media_id.empty()) {
            carried.link = newLinkSecret();
            attachment.url = files_.publicUrl() + "/files/" + carried.link->reveal() + "?original=1";
        }
        prepared.files.push_back(std::move(carried));
    }
}

Result<PreparedRequest> Outbox::prepare(const Json& asked_for, const RequestSource& asked) const {
    Json request = asked_for;
    const auto named = nameFilesOf(request, asked);
    if (!named) return named.error();
    auto form = readRequestForm(request);
    if (!form) return form.error();
    RequestSource source = asked;
    if (source.client_token.empty()) source.client_token = form->client_token;
    PreparedRequest prepared;
    prepared.kind = kindOf(form->type);
    if (auto done = address(prepared, *form, source, accounts_, store_); !done) return done.error();
    if (auto done = resolveReply(prepared, *form, source, store_); !done) return done.error();
    if (auto done = checkChannel(prepared, *form, *named); !done) return done.error();
    if (prepared.kind != OutboxKind::Http && prepared.channel != prepared.account->channel)
        form->content["channel"] = prepared.channel;  // connectors of several channels look here

    const Id id = ids_.next();
    prepared.created_at = clock_.now();
    if (prepared.kind == OutboxKind::Message && prepared.account->type == "email") {
        if (auto done = prepareMail(prepared, *form, source, id); !done) return done.error();
    }
    prepared.expires_at =
        prepared.created_at + form->expires_in.value_or(lifetimeOf(prepared.kind, prepared.channel));
    prepared.run_key = source.run_key;
    prepared.may_be_known = !source.idempotency_key.empty() || !source.client_token.empty();
    prepared.idempotency_key = !source.idempotency_key.empty() ? source.idempotency_key
                               : !source.client_token.empty()  ? hashedKey(source)
                                                               : idText(kMessageId, id);
    prepared.endpoint = kSendEndpoint;
    if (prepared.kind == OutboxKind::Http) {
        const auto subscription = webhookOf(textAt(form->content, "credential"));
        prepared.subscription = subscription.value_or(0);
        // Its address is known when it leaves; a receiver that is down delays no other.
        prepared.endpoint = subscription ? "http " + idText(kWebhookId, *subscription)
                                         : httpEndpoint(textAt(form->content, "url"));
    }
    // A read mark that fails must not hold up messages; requests that nobody put in order are independent.
    if (prepared.kind != OutboxKind::Message) {
        prepared.lane = toString(prepared.kind) + std::string("-") +
                        (source.lane.empty() ? prepared.idempotency_key : source.lane);
    }
    if (prepared.kind == OutboxKind::Message) linkFiles(prepared, *form, *named);
    prepared.request = dumpJson(requestJson(*form, prepared));
    forgetLinks(*form, prepared.files);
    if (prepared.kind == OutboxKind::Message) {
        prepared.draft = draftOf(*form, source, id, prepared.created_at);
        prepared.draft.external_id = textAt(form->content, "message_id");
        prepared.draft.event_tail =
            renderEventTail(prepared.draft, *prepared.account, prepared.channel, {{prepared.to}, ""});
    }
    return prepared;
}

}  // namespace signalbox
