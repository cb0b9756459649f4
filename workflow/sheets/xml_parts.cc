#include "workflow/sheets/xml_parts.h"

#include <expat.h>

#include <memory>

namespace signalbox::workflow {
namespace {

constexpr int kDeepest = 64;  // elements in one another; sheets have about ten

std::string_view withoutPrefix(std::string_view name) {
    const auto colon = name.find(':');
    return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

struct Parsing {
    XML_Parser parser;
    XmlSink& sink;
    Status result = Done{};
    int depth = 0;

    void keep(Status status) {
        if (status.ok() || !result.ok()) return;
        result = std::move(status);
        ::XML_StopParser(parser, XML_FALSE);
    }
};

Parsing& parsingOf(void* user) {
    return *static_cast<Parsing*>(user);
}

void onBegin(void* user, const char* name, const char** attributes) {
    auto& parsing = parsingOf(user);
    if (!parsing.result.ok()) return;
    if (++parsing.depth > kDeepest) return parsing.keep(Error{ErrorKind::Invalid, "is nested too deeply"});
    parsing.keep(parsing.sink.begin(withoutPrefix(name), XmlAttributes(attributes)));
}

void onEnd(void* user, const char* name) {
    auto& parsing = parsingOf(user);
    if (!parsing.result.ok()) return;
    --parsing.depth;
    parsing.keep(parsing.sink.end(withoutPrefix(name)));
}

void onText(void* user, const char* text, int length) {
    auto& parsing = parsingOf(user);
    if (parsing.result.ok()) parsing.keep(parsing.sink.text({text, static_cast<std::size_t>(length)}));
}

void onDoctype(void* user, const char*, const char*, const char*, int) {
    parsingOf(user).keep(Error{ErrorKind::Invalid, "has a document type, which no spreadsheet has"});
}

}  // namespace

std::string_view XmlAttributes::at(std::string_view name) const {
    for (const char** pair = pairs_; *pair != nullptr; pair += 2) {
        if (withoutPrefix(pair[0]) == name) return pair[1];
    }
    return {};
}

Status readXml(ZipArchive& archive, const std::string& member, std::uint64_t max, XmlSink& sink) {
    const std::unique_ptr<XML_ParserStruct, void (*)(XML_Parser)> parser(::XML_ParserCreate(nullptr),
                                                                         &::XML_ParserFree);
    Parsing parsing{parser.get(), sink};
    ::XML_SetUserData(parser.get(), &parsing);
    ::XML_SetElementHandler(parser.get(), onBegin, onEnd);
    ::XML_SetCharacterDataHandler(parser.get(), onText);
    ::XML_SetStartDoctypeDeclHandler(parser.get(), onDoctype);
    const auto parse = [&](std::string_view bytes, bool is_last) -> Status {
        const auto outcome = ::XML_Parse(parser.get(), bytes.data(), static_cast<int>(bytes.size()),
                                         is_last ? XML_TRUE : XML_FALSE);
        if (!parsing.result.ok()) return parsing.result;
        if (outcome == XML_STATUS_OK) return Done{};
        return Error{ErrorKind::Invalid,
                     member + " line " + std::to_string(::XML_GetCurrentLineNumber(parser.get())) + ": " +
                         ::XML_ErrorString(::XML_GetErrorCode(parser.get())),
                     {},
                     "bad_spreadsheet"};
    };
    if (auto read = archive.read(member, max, [&](std::string_view bytes) { return parse(bytes, false); });
        !read.ok())
        return read;
    return parse({}, true);
}

}  // namespace signalbox::workflow
