#include "daemon/client/event_stream.h"

namespace signalbox::client {
namespace {

constexpr std::size_t kMaxEventBytes = 16 * 1024 * 1024;

}  // namespace

bool EventStream::feed(std::string_view bytes) {
    for (const char c : bytes) {
        const bool is_second_half = was_return_ && c == '\n';
        was_return_ = c == '\r';
        if (is_second_half) continue;
        if (c != '\n' && c != '\r') {
            line_ += c;
            if (line_.size() + data_.size() > kMaxEventBytes) return false;
            continue;
        }
        const std::string line = std::move(line_);
        line_.clear();
        if (!takeLine(line)) return false;
    }
    return true;
}

bool EventStream::takeLine(std::string_view line) {
    if (line.empty()) {
        const bool is_wanted = !has_data_ || on_event_(id_, data_);
        data_.clear();
        has_data_ = false;
        return is_wanted;
    }
    const auto colon = line.find(':');
    const std::string_view name = line.substr(0, colon);
    std::string_view value = colon == std::string_view::npos ? "" : line.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (name == "id") id_ = value;
    if (name == "data") {
        if (has_data_) data_ += '\n';
        data_ += value;
        has_data_ = true;
    }
    return true;
}

}  // namespace signalbox::client
