// Files inside of other things than MIME parts: uuencode in a text, and TNEF (winmail.dat). Both readers are
// our own: total, bounded, without look-ahead into lengths that the data claims. yEnc is left as text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace signalbox::mime {

struct EmbeddedFile {
    std::string name, mime, content;
};

// Takes «begin 644 name» … «end» out of `text`.
std::vector<EmbeddedFile> takeUuencoded(std::string& text);

struct TnefContent {
    std::vector<EmbeddedFile> files;
    std::string text, html;
    bool is_tnef = false;
};
TnefContent readTnef(std::string_view bytes);

// By the name's ending; application/octet-stream when unknown.
std::string mimeOfName(std::string_view name);

}  // namespace signalbox::mime
