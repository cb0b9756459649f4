#include "workflow/own_path.h"

#include <string>

namespace signalbox::workflow {
namespace {

constexpr std::size_t kMaxPath = 200;
constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._~-";

bool isSegment(std::string_view text) {
    return !text.empty() && text.find_first_not_of(kLetters) == std::string_view::npos &&
           text.find_first_not_of('.') != std::string_view::npos;
}

}  // namespace

Status checkOwnPath(std::string_view path, bool may_capture) {
    const Error wrong{ErrorKind::Invalid,
                      std::string("path: must be segments of letters, digits and . _ ~ - between slashes") +
                          (may_capture ? ", such as orders/:id" : ", such as contact/sales")};
    if (path.size() > kMaxPath || path.starts_with('/') || path.ends_with('/')) return wrong;
    do {
        const auto end = path.find('/');
        std::string_view segment = path.substr(0, end);
        if (may_capture && segment.starts_with(':')) segment.remove_prefix(1);
        if (!isSegment(segment)) return wrong;
        path = end == std::string_view::npos ? "" : path.substr(end + 1);
    } while (!path.empty());
    return Done{};
}

}  // namespace signalbox::workflow
