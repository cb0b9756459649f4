// What a mail's headers say of the machine that sent it: RFC 3834, 8098, 5965, 2369, 2919 and the headers of
// the big mail programs. Bounces are found by bounce.h, which looks into the text. Pure.
#pragma once

#include "connectors/email/mime/message_tree.h"
#include "hub/model/mail.h"

namespace signalbox::mime {

struct MachineSigns {
    MailAutoKind kind = MailAutoKind::None;
    bool may_auto_reply = true;
};

// `mail`: people, subject and text are read already.
MachineSigns readMachineSigns(const MessageNode& root, const Mail& mail);

// The Message-ID that a read receipt or a complaint is about; empty for other mails.
std::string aboutMessageId(const MessageNode& root, const Mail& mail);

// Whether a receipt says that the mail was shown to its reader.
bool saysDisplayed(const MessageNode& root);

// The part of that type (in lower case), anywhere in the tree but not inside of attached messages.
const MessageNode* findPart(const MessageNode& node, std::string_view mime, int depth = 0);
// mailer-daemon, postmaster and their like.
bool isDaemonAddress(std::string_view address);
// «Out of office» in the languages that vacation programs speak.
bool isVacationSubject(std::string_view subject);

}  // namespace signalbox::mime
