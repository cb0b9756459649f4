// HTML as a stream of tokens: text, start and end tags, nothing else (comments, doctypes and the insides of
// script and style are skipped). Reads anything, in one pass, and never looks back. One thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace signalbox::mime {

struct HtmlAttribute {
    std::string name;   // lower case
    std::string value;  // entities decoded
};

struct HtmlToken {
    enum class Kind { Text, Start, End } kind = Kind::Text;
    std::string text;  // entities decoded
    std::string name;  // of a tag, lower case
    std::vector<HtmlAttribute> attributes;
    std::size_t begin = 0, end = 0;  // where it stands in the source

    const std::string* attribute(std::string_view name) const;
};

class HtmlReader {
public:
    explicit HtmlReader(std::string_view html) : html_(html) {}

    // False at the end.
    bool next(HtmlToken& token);

private:
    bool readTag(HtmlToken& token);
    void readAttributes(HtmlToken& token);
    void skipRawText(std::string_view name);
    void skipMarkup();

    std::string_view html_;
    std::size_t at_ = 0;
    bool has_no_comment_end_ = false;
};

// «&amp;», «&#228;», «&#xE4;» … in UTF-8; unknown ones stay as they are.
std::string decodeEntities(std::string_view text);

}  // namespace signalbox::mime
