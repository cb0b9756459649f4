// What a text says in passing: @mentions and #hashtags. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace signalbox {

struct TextMarks {
    std::vector<std::string> mentions;  // without the @, lower case, each once, as they come
    std::vector<std::string> hashtags;  // without the #, lower case, each once, as they come
};

// A mark begins a word: «ada@example.com» mentions nobody and «C#» is no tag. A hashtag has a letter: «#12»
// is a number. At most 50 of each.
TextMarks textMarks(std::string_view text);

}  // namespace signalbox
