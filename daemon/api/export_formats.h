// A conversation as JSON, as a mailbox (mbox, RFC 4155) and as a PDF: written message by message.
#pragma once

#include <memory>
#include <string_view>

#include "base/http_body.h"
#include "base/json.h"

namespace signalbox::api {

class ExportWriter {
public:
    virtual ~ExportWriter() = default;
    virtual Status begin(const Json& conversation) = 0;
    virtual Status message(const Json& message) = 0;
    virtual Status end() = 0;
};

// `format`: json, mbox or pdf; null for anything else. `out` outlives the writer; `folder` is for what is
// needed while it is made.
std::unique_ptr<ExportWriter> makeExportWriter(std::string_view format, BodyFile& out,
                                               const std::string& folder);
std::unique_ptr<ExportWriter> makePdfWriter(BodyFile& out, const std::string& folder);  // export_pdf.cc

// «Ada», «us» …: who wrote a message, for people.
std::string writerOf(const Json& conversation, const Json& message);
// The text, or what stands for it: «[image] photo.jpg».
std::string bodyOf(const Json& message);

}  // namespace signalbox::api
