// The XML members of an office file, told element by element (expat). A document type is refused, so there
// are no entities that unfold. One thread.
#pragma once

#include <string>
#include <string_view>

#include "workflow/sheets/zip_archive.h"

namespace signalbox::workflow {

// What an element says of itself; names without their prefix.
class XmlAttributes {
public:
    explicit XmlAttributes(const char** pairs) : pairs_(pairs) {}
    // Empty: it does not say.
    std::string_view at(std::string_view name) const;

private:
    const char** pairs_;
};

// An error ends the reading and is what `readXml` gives.
class XmlSink {
public:
    virtual ~XmlSink() = default;
    virtual Status begin(std::string_view name, const XmlAttributes& attributes) = 0;
    virtual Status end(std::string_view name) = 0;
    virtual Status text(std::string_view) { return Done{}; }
};

// NotFound, Invalid: of the archive, of the XML (with its line), of the sink.
Status readXml(ZipArchive& archive, const std::string& member, std::uint64_t max, XmlSink& sink);

}  // namespace signalbox::workflow
