// What a file is: its type by its content, its name cleaned, and whether the two go together. Pure, but for
// the database of types that libmagic reads once; this file's source is the only one that knows libmagic.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace signalbox {

struct FileType {
    std::string mime;
    std::string kind;  // image, video, audio, document
};

// By content (magic bytes) and by the name's extension: both must say the same, and it must be on the list.
// Rejected «file_type_refused», with what was found and what is taken.
Result<FileType> fileTypeOf(std::string_view name, std::string_view bytes);

// The last part of a path, without control characters and those that turn text around, at most 255 bytes;
// «file» when nothing is left.
std::string cleanFileName(std::string_view name);

// May be shown in a browser as it is: pictures, sound and films that hold no script.
bool isSafeInline(std::string_view mime);
// Content-Disposition with the name in both forms (RFC 6266, RFC 8187).
std::string contentDisposition(std::string_view name, bool is_inline);

}  // namespace signalbox
