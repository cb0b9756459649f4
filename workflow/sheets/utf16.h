// Text files in UTF-16, as Excel saves «Unicode text», → the same in UTF-8, in a temporary file. Any thread.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "workflow/sheets/temp_file.h"

namespace signalbox::workflow {

// Begins with the mark of UTF-16, in either order of bytes.
bool isUtf16(std::string_view head);

// Without the mark; a half of a pair that is alone becomes U+FFFD, and so does a last byte without another.
Result<std::unique_ptr<TempFile>> csvOfUtf16(const TempFile& text, const std::string& folder);

void appendUtf8(std::string& out, unsigned point);

}  // namespace signalbox::workflow
