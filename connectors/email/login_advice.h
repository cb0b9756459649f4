// What a person does about a mailbox that does not open, from what its server said and whose server it is:
// the remedy behind the error's message. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "connectors/email/config.h"
#include "connectors/email/credentials.h"

namespace signalbox::email {

enum class Protocol { Imap, Smtp };

// The same error with the server's name and port and, where there is one, what to do. `credentials` null: no
// login was tried.
Error withAdvice(Error error, Protocol protocol, const Server& server, const Credentials* credentials);

// A server's words for an error message: one line, shortened, without what stood in the password's place.
std::string quoted(std::string_view answer, const Credentials* credentials);

}  // namespace signalbox::email
