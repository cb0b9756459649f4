// What stands behind MailSocket, for the two files that hand it to a library: Poco's socket. Included by .cc
// files of this folder only.
#pragma once

#include <Poco/Net/Context.h>
#include <Poco/Net/StreamSocket.h>

#include "connectors/email/mail_socket.h"

namespace signalbox::email {

struct MailSocket::Impl {
    Poco::Net::StreamSocket socket;
    Poco::Net::Context::Ptr context;  // also of a connection that is not encrypted yet
    std::string host;
    std::chrono::seconds timeout{20};
};

}  // namespace signalbox::email
