#include "workflow/expr/pattern.h"

#include <re2/re2.h>

namespace signalbox::workflow::expr {
namespace {

constexpr std::size_t kMaxPattern = 1024;

re2::RE2::Options options() {
    re2::RE2::Options out;
    out.set_log_errors(false);
    out.set_max_mem(1 << 18);
    return out;
}

}  // namespace

Pattern::Pattern(std::unique_ptr<re2::RE2> compiled) : compiled_(std::move(compiled)) {}
Pattern::~Pattern() = default;

Result<std::shared_ptr<const Pattern>> Pattern::compile(std::string_view text) {
    if (text.size() > kMaxPattern)
        return Error{ErrorKind::Invalid, "the pattern is longer than 1024 bytes; shorten it or use contains"};
    auto compiled = std::make_unique<re2::RE2>(re2::StringPiece(text.data(), text.size()), options());
    if (!compiled->ok())
        return Error{ErrorKind::Invalid, "the pattern is no RE2 regular expression: " + compiled->error()};
    return std::shared_ptr<const Pattern>(new Pattern(std::move(compiled)));
}

std::size_t Pattern::costOn(std::string_view text) const {
    // Where its automaton outgrows the memory, RE2 walks all states of the program for each byte.
    return text.size() * (1 + static_cast<std::size_t>(compiled_->ProgramSize()) / 8);
}

bool Pattern::isFoundIn(std::string_view text) const {
    return compiled_->Match(re2::StringPiece(text.data(), text.size()), 0, text.size(), re2::RE2::UNANCHORED,
                            nullptr, 0);
}

std::optional<std::string> Pattern::extractFrom(std::string_view text) const {
    re2::StringPiece found[2];
    const int groups = compiled_->NumberOfCapturingGroups() > 0 ? 2 : 1;
    if (!compiled_->Match(re2::StringPiece(text.data(), text.size()), 0, text.size(), re2::RE2::UNANCHORED,
                          found, groups))
        return std::nullopt;
    const auto& piece = found[groups - 1];
    return std::string(piece.data() == nullptr ? "" : piece.data(), piece.size());
}

}  // namespace signalbox::workflow::expr
