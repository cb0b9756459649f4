// Why a mail came back, from the other server's words and codes, and whether the address is dead. Pure.
//
// Reasons: user_unknown, host_unknown, moved, not_accepting (these are hard when the failure is final);
// mailbox_full, suspended, too_big, expired, delayed, blocked, spam, virus, policy, auth_failure,
// relay_denied, rejected, rate_limited, network_error, system_error, system_full, mailer_error,
// content_error, syntax_error, security_error, filtered, not_compliant, unknown (soft).
#pragma once

#include <string>
#include <string_view>

#include "hub/model/mail.h"

namespace signalbox::mime {

// "5.1.1" anywhere in the text (not a part of an IP address); empty: none.
std::string enhancedStatusIn(std::string_view text);
// "550" where a reply code can stand; empty: none.
std::string replyCodeIn(std::string_view text);

// From the words alone; empty when none of the known phrases is there.
std::string reasonInText(std::string_view text);

// Fills status, code, reason and hard of one whose action, status and diagnostic are as the report said.
// `around` are the words near the recipient that are not its diagnostic; `session` is all that the report
// says of it, which may tell at which command the other server refused.
void judge(BounceRecipient& recipient, std::string_view around, std::string_view session);

}  // namespace signalbox::mime
