#include "hub/files/file_type.h"

#include <magic.h>

#include <algorithm>
#include <array>
#include <memory>

#include "base/http_message.h"

namespace signalbox {
namespace {

constexpr std::size_t kSniffedBytes = 256 * 1024, kMaxNameBytes = 255;

struct Known {
    const char* extension;
    const char* mime;  // what is said about it
    const char* kind;
    const char* found;  // what libmagic may say, separated by spaces; a * at the end stands for anything
};

constexpr const char* kText =
    "text/* application/json application/x-empty application/x-ndjson message/rfc822";
constexpr const char* kOffice =
    "application/msword application/vnd.ms-* application/x-ole-storage application/CDFV2";
constexpr std::array<Known, 52> kKnown = {{
    {"png", "image/png", "image", "image/png"},
    {"jpg", "image/jpeg", "image", "image/jpeg"},
    {"jpeg", "image/jpeg", "image", "image/jpeg"},
    {"gif", "image/gif", "image", "image/gif"},
    {"webp", "image/webp", "image", "image/webp"},
    {"bmp", "image/bmp", "image", "image/bmp image/x-ms-bmp"},
    {"tif", "image/tiff", "image", "image/tiff"},
    {"tiff", "image/tiff", "image", "image/tiff"},
    {"heic", "image/heic", "image", "image/heic image/heif"},
    {"heif", "image/heif", "image", "image/heic image/heif"},
    {"svg", "image/svg+xml", "document", "image/svg+xml text/*"},
    {"mp4", "video/mp4", "video", "video/mp4 video/quicktime video/x-m4v audio/mp4"},
    {"m4v", "video/mp4", "video", "video/mp4 video/x-m4v"},
    {"mov", "video/quicktime", "video", "video/quicktime video/mp4"},
    {"webm", "video/webm", "video", "video/webm video/x-matroska"},
    {"3gp", "video/3gpp", "video", "video/3gpp video/mp4"},
    {"mp3", "audio/mpeg", "audio", "audio/mpeg audio/mpegapplication/octet-stream"},
    {"ogg", "audio/ogg", "audio", "audio/ogg application/ogg video/ogg"},
    {"oga", "audio/ogg", "audio", "audio/ogg application/ogg"},
    {"opus", "audio/ogg", "audio", "audio/ogg application/ogg audio/opus"},
    {"m4a", "audio/mp4", "audio", "audio/mp4 audio/x-m4a video/mp4"},
    {"aac", "audio/aac", "audio", "audio/aac audio/x-hx-aac-adts"},
    {"amr", "audio/amr", "audio", "audio/amr audio/AMR"},
    {"wav", "audio/wav", "audio", "audio/wav audio/x-wav"},
    {"flac", "audio/flac", "audio", "audio/flac audio/x-flac"},
    {"pdf", "application/pdf", "document", "application/pdf"},
    {"txt", "text/plain", "document", kText},
    {"log", "text/plain", "document", kText},
    {"md", "text/markdown", "document", kText},
    {"csv", "text/csv", "document", kText},
    {"tsv", "text/tab-separated-values", "document", kText},
    {"json", "application/json", "document", kText},
    {"xml", "application/xml", "document", kText},
    {"yaml", "application/yaml", "document", kText},
    {"yml", "application/yaml", "document", kText},
    {"ics", "text/calendar", "document", kText},
    {"vcf", "text/vcard", "document", kText},
    {"eml", "message/rfc822", "document", kText},
    {"rtf", "application/rtf", "document", "text/rtf application/rtf"},
    {"doc", "application/msword", "document", kOffice},
    {"xls", "application/vnd.ms-excel", "document", kOffice},
    {"ppt", "application/vnd.ms-powerpoint", "document", kOffice},
    {"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "document",
     "application/vnd.openxmlformats* application/zip application/octet-stream"},
    {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "document",
     "application/vnd.openxmlformats* application/zip application/octet-stream"},
    {"pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation", "document",
     "application/vnd.openxmlformats* application/zip application/octet-stream"},
    {"odt", "application/vnd.oasis.opendocument.text", "document", "application/vnd.oasis* application/zip"},
    {"ods", "application/vnd.oasis.opendocument.spreadsheet", "document",
     "application/vnd.oasis* application/zip"},
    {"odp", "application/vnd.oasis.opendocument.presentation", "document",
     "application/vnd.oasis* application/zip"},
    {"zip", "application/zip", "document", "application/zip"},
    {"gz", "application/gzip", "document", "application/gzip"},
    {"dwg", "image/vnd.dwg", "document", "image/vnd.dwg"},
    {"dxf", "image/vnd.dxf", "document", "image/vnd.dxf text/*"},
}};

struct CloseMagic {
    void operator()(magic_set* cookie) const { magic_close(cookie); }
};

// libmagic does not commit itself on a few bytes; printable ASCII is a text however short.
bool isPlainText(std::string_view bytes) {
    return std::all_of(bytes.begin(), bytes.end(),
                       [](char c) { return (c >= 32 && c < 127) || c == '\n' || c == '\r' || c == '\t'; });
}

// A cookie is for one thread at a time; reading the database of types costs some milliseconds, once a thread.
std::string sniff(std::string_view bytes) {
    thread_local const std::unique_ptr<magic_set, CloseMagic> cookie = [] {
        std::unique_ptr<magic_set, CloseMagic> made(magic_open(MAGIC_MIME_TYPE));
        if (made && magic_load(made.get(), nullptr) != 0) made.reset();
        return made;
    }();
    if (!cookie) return "application/octet-stream";
    const char* found = magic_buffer(cookie.get(), bytes.data(), std::min(bytes.size(), kSniffedBytes));
    const std::string type = found == nullptr ? "application/octet-stream" : found;
    return type == "application/octet-stream" && isPlainText(bytes) ? "text/plain" : type;
}

std::string extensionOf(std::string_view name) {
    const auto dot = name.rfind('.');
    if (dot == std::string_view::npos) return "";
    std::string out(name.substr(dot + 1));
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
    return out;
}

bool isOneOf(std::string_view list, std::string_view mime) {
    while (!list.empty()) {
        const auto end = std::min(list.find(' '), list.size());
        const auto word = list.substr(0, end);
        if (word == mime) return true;
        if (word.ends_with('*') && mime.starts_with(word.substr(0, word.size() - 1))) return true;
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return false;
}

Error refused(const std::string& what) {
    return {ErrorKind::Rejected, "file: " + what, {}, "file_type_refused"};
}

// U+200E/F, U+202A–E, U+2066–9, U+FEFF: they make a name read as another.
bool turnsTextAround(std::string_view bytes) {
    if (bytes.size() < 3) return false;
    const auto a = static_cast<unsigned char>(bytes[0]), b = static_cast<unsigned char>(bytes[1]),
               c = static_cast<unsigned char>(bytes[2]);
    if (a == 0xE2 && b == 0x80) return c == 0x8E || c == 0x8F || (c >= 0xAA && c <= 0xAE);
    if (a == 0xE2 && b == 0x81) return c >= 0xA6 && c <= 0xA9;
    return a == 0xEF && b == 0xBB && c == 0xBF;
}

}  // namespace

Result<FileType> fileTypeOf(std::string_view name, std::string_view bytes) {
    const std::string extension = extensionOf(name);
    const auto known = std::find_if(kKnown.begin(), kKnown.end(),
                                    [&](const Known& one) { return extension == one.extension; });
    if (known == kKnown.end())
        return refused("names that end in ." + extension +
                       " are not taken; pictures, films, sound, office files, PDF, text and zip are");
    const std::string found = sniff(bytes);
    if (!isOneOf(known->found, found))
        return refused("its content is " + found + ", its name says ." + extension);
    return FileType{known->mime, known->kind};
}

std::string cleanFileName(std::string_view name) {
    const auto slash = name.find_last_of("/\\");
    if (slash != std::string_view::npos) name.remove_prefix(slash + 1);
    std::string out;
    for (std::size_t i = 0; i < name.size(); ++i) {
        if (turnsTextAround(name.substr(i))) {
            i += 2;
            continue;
        }
        const auto c = static_cast<unsigned char>(name[i]);
        if (c >= 0x20 && c != 0x7F) out += name[i];
    }
    if (out.size() > kMaxNameBytes) {
        // The extension says what it is: the middle goes.
        const auto dot = out.rfind('.');
        const std::string tail = dot != std::string::npos && out.size() - dot <= 16 ? out.substr(dot) : "";
        std::size_t end = kMaxNameBytes - tail.size();
        while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xC0U) == 0x80U) --end;
        out = out.substr(0, end) + tail;
    }
    out.erase(0, std::min(out.find_first_not_of(". "), out.size()));
    return out.empty() ? "file" : out;
}

bool isSafeInline(std::string_view mime) {
    for (const std::string_view safe : {"image/png", "image/jpeg", "image/webp", "image/gif", "audio/mpeg",
                                        "video/mp4", "audio/ogg", "audio/mp4"})
        if (mime == safe) return true;
    return false;
}

std::string contentDisposition(std::string_view name, bool is_inline) {
    std::string plain;
    for (const char c : name) plain += c >= 0x20 && c < 0x7F && c != '"' && c != '\\' && c != '%' ? c : '_';
    return std::string(is_inline ? "inline" : "attachment") + "; filename=\"" + plain +
           "\"; filename*=UTF-8''" + percentEncode(name);
}

}  // namespace signalbox
