// The words that mail servers use for what went wrong, in the order they are tried: what is precise first.
#pragma once

#include <string_view>
#include <vector>

namespace signalbox::mime {

struct BouncePhrase {
    std::string_view reason;
    std::string_view text;    // lower case, spaces joined
    std::string_view then{};  // must follow somewhere behind it
};

const std::vector<BouncePhrase>& bouncePhrases();

}  // namespace signalbox::mime
