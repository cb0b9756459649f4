// Mails as the hub knows them: which conversation one belongs to, where its copies lie, who took part. The
// only writer of the tables mails, mail_awaited, mail_locations, mail_parties and conversation_links.
// Everything with a Tx runs inside Writes on the writer thread; the rest on any thread.
//
// The order of the rules (first hit wins): our token in a recipient's address; our token in References or
// In-Reply-To; the nearest known ancestor; a mail that answers this one and came before it; our mark in the
// text that is quoted; Outlook's Thread-Index; the number of a ticket in the subject; the subject, when it is
// a response without references of a participant, at most 30 days later. A matched parent with another
// subject opens a linked conversation. Without a token in address or references the sender must be a
// participant. All of it among mails of the same scope (Account::scope): those of the organization's
// accounts, or those of one that a user connected for himself.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "hub/accounts/accounts.h"
#include "hub/mail/mail_token.h"
#include "hub/model/envelope.h"
#include "hub/model/mail_facts.h"
#include "hub/people/people.h"
#include "hub/store/store.h"

namespace signalbox {

// The conversation that a mail goes to: the inbox finds or makes it by the key.
struct MailThread {
    std::string thread_key;
    Id linked_from = 0;  // set: a new conversation that began as an answer in this one
};

class Mails {
public:
    // Reads the key of the tokens, makes it the first time.
    static Result<std::unique_ptr<Mails>> open(Store& store, People& people, const Clock& clock);
    Mails(Store& store, People& people, const Clock& clock, std::string key);

    const MailToken& token() const { return token_; }

    // True when this very copy is known already. A server that was restored gives numbers away once more:
    // where another mail is known to lie there it is not. Empty `message_id`: the place alone tells.
    bool isLocated(Tx& tx, const Account& account, const MailLocation& location,
                   const std::string& message_id) const;
    // The message that this mail is a copy of: moved, labelled, in a second mailbox, or sent by us.
    std::optional<Id> findCopy(Tx& tx, const Account& account, const MailFacts& facts,
                               Direction direction) const;
    MailThread findThread(Tx& tx, const Account& account, const MailFacts& facts, Direction direction) const;
    void record(Tx& tx, const Account& account, Id message, Id conversation, const MailThread& thread,
                const MailFacts& facts, Direction direction);
    void locate(Tx& tx, const Account& account, const MailLocation& location, Id message);
    // The message whose read state this changed; nothing when it was so already, or is not known.
    std::optional<Id> setSeen(Tx& tx, const Account& account, const MailLocation& location);

private:
    struct Parent {
        Id conversation = 0;
        std::string thread_key, subject_base;
        bool is_certain = false;  // by a token of ours
        bool is_named = false;    // the sender says which ticket it is, whatever else the subject says
    };
    std::optional<Parent> findParent(Tx& tx, const Account& account, const MailFacts& facts) const;
    std::optional<Parent> byToken(Tx& tx, const Account& account, const MailFacts& facts) const;
    std::optional<Parent> byAncestors(Tx& tx, const Account& account, const MailFacts& facts) const;
    std::optional<Parent> byMark(Tx& tx, const Account& account, const MailFacts& facts) const;
    std::optional<Parent> byThreadIndex(Tx& tx, const Account& account, const MailFacts& facts) const;
    std::optional<Parent> byTicket(Tx& tx, const Account& account, const MailFacts& facts) const;
    std::optional<Parent> bySubject(Tx& tx, const Account& account, const MailFacts& facts) const;
    std::optional<Parent> awaiting(Tx& tx, const Account& account, const MailFacts& facts) const;
    bool mayJoin(Tx& tx, const Account& account, const MailFacts& facts, const Parent& parent,
                 Direction direction) const;
    void recordParties(Tx& tx, const Account& account, Id conversation, const MailFacts& facts);

    Store& store_;
    People& people_;
    const Clock& clock_;
    const MailToken token_;
};

// How a mail and the inbox name the copy: in:… for what came, out:… for what our side wrote.
std::string contentKey(const Account& account, const MailFacts& facts, Direction direction);

}  // namespace signalbox
