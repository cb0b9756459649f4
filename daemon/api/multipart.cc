#include "daemon/api/multipart.h"

#include "base/http_message.h"

namespace signalbox::api {
namespace {

constexpr std::string_view kNewLine = "\r\n";

Error fault(const char* what) {
    return {ErrorKind::Invalid, std::string("body: ") + what, {}, "multipart_invalid"};
}

// The value of a parameter of a header field: boundary=x, name="y \"z\"". Names compare without case.
std::string parameter(std::string_view field, std::string_view name) {
    for (std::size_t at = field.find(';'); at != std::string_view::npos;) {
        auto rest = field.substr(at + 1);
        rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
        const auto equals = std::min(rest.find('='), rest.size());
        const auto key = rest.substr(0, equals);
        std::string_view value = rest.substr(std::min(equals + 1, rest.size()));
        std::string out;
        std::size_t used = 0;
        if (value.starts_with('"')) {
            for (used = 1; used < value.size() && value[used] != '"'; ++used) {
                if (value[used] == '\\' && used + 1 < value.size() && value[used + 1] == '"') ++used;
                out += value[used];
            }
        } else {
            used = std::min(value.find_first_of("; \t"), value.size());
            out = value.substr(0, used);
        }
        if (equalsIgnoringCase(key, name)) return out;
        const auto next = value.find(';', used);
        at = next == std::string_view::npos ? next
                                            : static_cast<std::size_t>(value.data() - field.data()) + next;
    }
    return "";
}

Status readHead(Part& part, std::string_view head) {
    while (!head.empty()) {
        const auto end = std::min(head.find(kNewLine), head.size());
        const auto line = head.substr(0, end);
        head.remove_prefix(std::min(end + kNewLine.size(), head.size()));
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) return fault("a part's head is no list of fields");
        if (!equalsIgnoringCase(line.substr(0, colon), "content-disposition")) continue;
        part.name = parameter(line, "name");
        part.file_name = parameter(line, "filename");
        const std::string extended = parameter(line, "filename*");  // UTF-8''name (RFC 8187)
        if (const auto quotes = extended.find("''"); quotes != std::string::npos)
            part.file_name = percentDecode(std::string_view(extended).substr(quotes + 2));
    }
    return part.name.empty() ? Status(fault("a part has no name")) : Status(Done{});
}

}  // namespace

Result<std::vector<Part>> readMultipart(std::string_view content_type, std::string_view body) {
    const std::string boundary = parameter(content_type, "boundary");
    if (boundary.empty() || boundary.size() > 70) return fault("its content-type names no boundary");
    const std::string delimiter = "--" + boundary, next = std::string(kNewLine) + delimiter;
    if (!body.starts_with(delimiter)) {  // a preamble goes before the first delimiter
        const auto begin = body.find(next);
        if (begin == std::string_view::npos) return fault("the boundary does not occur");
        body.remove_prefix(begin + kNewLine.size());
    }
    std::vector<Part> parts;
    while (true) {
        body.remove_prefix(delimiter.size());
        if (body.starts_with("--")) return parts;
        if (!body.starts_with(kNewLine)) return fault("a delimiter does not end its line");
        body.remove_prefix(kNewLine.size());
        if (parts.size() == kMaxParts) return fault("more than 64 parts");
        const auto head_end = body.substr(0, kMaxPartHead).find("\r\n\r\n");
        if (head_end == std::string_view::npos) return fault("a part's head does not end within 16 KiB");
        Part part;
        if (const auto read = readHead(part, body.substr(0, head_end)); !read) return read.error();
        body.remove_prefix(head_end + 4);
        const auto end = body.find(next);
        if (end == std::string_view::npos) return fault("it ends before its last boundary");
        part.content = body.substr(0, end);
        body.remove_prefix(end + kNewLine.size());
        parts.push_back(std::move(part));
    }
}

}  // namespace signalbox::api
