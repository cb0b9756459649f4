// Regular expressions, through RE2: the time to match grows with the text only, whatever the pattern.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace re2 {
class RE2;
}

namespace signalbox::workflow::expr {

// Immutable; any number of threads.
inline constexpr std::size_t kCompileCost = 64 * 1024;  // of a pattern, for the budget

class Pattern {
public:
    // Errors: Invalid, when it is longer than 1 KiB, no regular expression, or too large once compiled.
    static Result<std::shared_ptr<const Pattern>> compile(std::string_view text);
    ~Pattern();

    // How much work one match may be, for the budget of the evaluation.
    std::size_t costOn(std::string_view text) const;
    // Somewhere in the text; ^ and $ anchor.
    bool isFoundIn(std::string_view text) const;
    // The first group of the first match, or the whole match when there is no group.
    std::optional<std::string> extractFrom(std::string_view text) const;

private:
    explicit Pattern(std::unique_ptr<re2::RE2> compiled);
    std::unique_ptr<re2::RE2> compiled_;
};

}  // namespace signalbox::workflow::expr
