// Lets libetpan read and write through our own socket. Included by imap_session.cc, imap_messages.cc and
// imap_stream.cc only.
#pragma once

#include <libetpan/libetpan.h>

#include "connectors/email/imap_session.h"

namespace signalbox::email {

struct ImapSession::Stream {
    std::unique_ptr<MailSocket> socket;
    std::string error;  // of the last read or write that failed
};

mailstream_low_driver* streamDriver();

}  // namespace signalbox::email
