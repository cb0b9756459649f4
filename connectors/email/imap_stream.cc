#include "connectors/email/imap_stream.h"

namespace signalbox::email {
namespace {

using Stream = ImapSession::Stream;

Stream& streamOf(mailstream_low* low) {
    return *static_cast<Stream*>(low->data);
}

ssize_t readBytes(mailstream_low* low, void* into, size_t size) {
    Stream& stream = streamOf(low);
    const auto count = stream.socket->read(static_cast<char*>(into), size);
    if (count && *count > 0) return static_cast<ssize_t>(*count);
    stream.error = count ? "the server closed the connection" : count.error().message;
    return -1;  // of an end (0) within a literal libetpan would ask again for ever
}

ssize_t writeBytes(mailstream_low* low, const void* bytes, size_t size) {
    Stream& stream = streamOf(low);
    const auto written = stream.socket->write({static_cast<const char*>(bytes), size});
    if (written) return static_cast<ssize_t>(size);
    stream.error = written.error().message;
    return -1;
}

int closeStream(mailstream_low* low) {
    streamOf(low).socket->close();
    return 0;
}

int descriptor(mailstream_low*) {
    return -1;  // nobody but us waits on it
}

void freeStream(mailstream_low* low) {
    free(low);  // the stream itself belongs to the session
}

}  // namespace

mailstream_low_driver* streamDriver() {
    static mailstream_low_driver driver = {readBytes,  writeBytes, closeStream, descriptor,
                                           freeStream, nullptr,    nullptr,     nullptr,
                                           nullptr,    nullptr,    nullptr};
    return &driver;
}

}  // namespace signalbox::email
