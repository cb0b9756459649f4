#include <array>

#include "connectors/email/mime/ascii.h"
#include "connectors/email/mime/charset.h"
#include "connectors/email/mime/embedded_files.h"
#include "connectors/email/mime/message_tree.h"

namespace signalbox::mime {
namespace {

constexpr std::size_t kMaxFiles = 100;

// «begin 644 name» or «begin-base64 644 name».
std::string nameOfBegin(std::string_view line) {
    if (!line.starts_with("begin ") || line.size() < 12) return "";
    const std::string_view rest = line.substr(6);
    const auto space = rest.find(' ');
    if (space != 3 && space != 4) return "";
    for (const char c : rest.substr(0, space)) {
        if (c < '0' || c > '7') return "";
    }
    return std::string(trimmed(rest.substr(space + 1)));
}

bool isDataLine(std::string_view line) {
    if (line.empty()) return false;
    const int length = (line[0] - 32) & 63;
    const auto need = static_cast<std::size_t>((length + 2) / 3 * 4);
    for (const char c : line) {
        if (c < 32 || c > 96) return false;
    }
    // Spaces at the end are lost on the way.
    return line.size() <= need + 3 && (length == 0 || line.size() > 1);
}

std::string decodeLine(std::string_view line) {
    std::string out;
    const auto length = static_cast<std::size_t>((line[0] - 32) & 63);
    const auto at = [&](std::size_t i) -> unsigned {
        return i < line.size() ? (static_cast<unsigned>(line[i]) - 32U) & 63U : 0U;
    };
    for (std::size_t i = 1; out.size() < length; i += 4) {
        const unsigned value = at(i) << 18 | at(i + 1) << 12 | at(i + 2) << 6 | at(i + 3);
        out.push_back(static_cast<char>(value >> 16));
        out.push_back(static_cast<char>(value >> 8));
        out.push_back(static_cast<char>(value));
    }
    out.resize(length);
    return out;
}

}  // namespace

std::vector<EmbeddedFile> takeUuencoded(std::string& text) {
    std::vector<EmbeddedFile> files;
    if (!text.starts_with("begin ") && !contains(text, "\nbegin ")) return files;
    const auto lines = linesOf(text);
    std::string rest;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const std::string name = nameOfBegin(lines[i]);
        const bool is_begin =
            !name.empty() && files.size() < kMaxFiles && i + 1 < lines.size() && isDataLine(lines[i + 1]);
        if (!is_begin) {
            rest += lines[i];
            rest += '\n';
            continue;
        }
        EmbeddedFile file{validUtf8(name), mimeOfName(name), ""};
        for (++i; i < lines.size() && lines[i] != "end" && isDataLine(lines[i]); ++i)
            file.content += decodeLine(lines[i]);
        if (i < lines.size() && lines[i] != "end") --i;
        files.push_back(std::move(file));
    }
    if (!files.empty()) text = std::move(rest);
    return files;
}

std::string mimeOfName(std::string_view name) {
    struct Ending {
        std::string_view ending, mime;
    };
    static constexpr auto kEndings = std::to_array<Ending>(
        {{"pdf", "application/pdf"},
         {"png", "image/png"},
         {"jpg", "image/jpeg"},
         {"jpeg", "image/jpeg"},
         {"gif", "image/gif"},
         {"webp", "image/webp"},
         {"bmp", "image/bmp"},
         {"tif", "image/tiff"},
         {"txt", "text/plain"},
         {"csv", "text/csv"},
         {"htm", "text/html"},
         {"html", "text/html"},
         {"xml", "application/xml"},
         {"json", "application/json"},
         {"zip", "application/zip"},
         {"ics", "text/calendar"},
         {"vcf", "text/vcard"},
         {"eml", "message/rfc822"},
         {"doc", "application/msword"},
         {"xls", "application/vnd.ms-excel"},
         {"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
         {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
         {"mp3", "audio/mpeg"},
         {"mp4", "video/mp4"}});
    const auto dot = name.rfind('.');
    const std::string ending = dot == std::string_view::npos ? "" : lowered(name.substr(dot + 1));
    for (const auto& known : kEndings) {
        if (known.ending == ending) return std::string(known.mime);
    }
    return "application/octet-stream";
}

}  // namespace signalbox::mime
