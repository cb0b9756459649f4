// Which mail an answer answers, and to whom it goes (RFC 5322, 3.6.2 to 3.6.4), from what is stored of the
// conversation. Any thread; the readers throw StoreError.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/json.h"
#include "hub/model/mail_facts.h"
#include "hub/store/store.h"

namespace signalbox {

struct AnsweredMail {
    Id message = 0, conversation = 0;
    std::string message_id, subject;
    std::vector<std::string> references;  // its ancestors, oldest first, and itself
    std::string auto_kind;
    bool is_ours = false;           // our side wrote it
    Json content = Json::object();  // from, to, cc, reply_to
};

// Whether an address is one at which we read mail.
using IsOurs = std::function<bool(const std::string& address)>;

// Nothing: the message is no mail.
std::optional<AnsweredMail> findAnsweredMail(Reader& reader, Id org, Id message);
// By the Message-ID, within the conversation.
std::optional<AnsweredMail> findAnsweredMail(Reader& reader, Id org, Id conversation,
                                             const std::string& message_id);
// What an answer in the conversation answers: the newest mail that a person elsewhere wrote; where there is
// none, our own newest; else the newest that came and is no report. Nothing: there is no mail.
std::optional<AnsweredMail> newestAnsweredMail(Reader& reader, Id org, Id conversation,
                                               const IsOurs& is_ours);

struct AnswerAddresses {
    std::vector<MailParty> to, cc;
};
// Where the sender wants answers, else who wrote; of a mail of ours those to whom it went. `to_all`: the
// others whom it went to as well, without ourselves. Nobody twice. Both are empty when the mail names nobody.
AnswerAddresses answerAddresses(const AnsweredMail& mail, const IsOurs& is_ours, bool to_all);

// «Re: » before a subject that has none.
std::string answerSubject(const std::string& subject);

}  // namespace signalbox
