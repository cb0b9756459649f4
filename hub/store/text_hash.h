// Lets a map with string keys be searched with a string_view.
#pragma once

#include <functional>
#include <string_view>

namespace signalbox::store {

struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

}  // namespace signalbox::store
