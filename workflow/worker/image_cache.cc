#include <algorithm>
#include <functional>

#include "workflow/worker/interpreter.h"

namespace signalbox::worker {
namespace {

std::uint64_t hashOf(std::string_view node_id, std::string_view source) {
    const std::hash<std::string_view> hash;
    return hash(source) * 31 + hash(node_id);
}

}  // namespace

const Image* ImageCache::find(std::string_view node_id, std::string_view source) {
    const auto hash = hashOf(node_id, source);
    for (auto& entry : entries_) {
        if (entry.hash != hash || entry.source != source || entry.node_id != node_id) continue;
        entry.last_use = ++uses_;
        return &entry.image;
    }
    return nullptr;
}

void ImageCache::add(std::string_view node_id, std::string_view source, Image image) {
    Entry entry{hashOf(node_id, source), ++uses_, std::string(node_id), std::string(source),
                std::move(image)};
    if (entry.size() > kMaxBytes / 4) return;
    bytes_ += entry.size();
    entries_.push_back(std::move(entry));
    while (bytes_ > kMaxBytes) {
        const auto oldest =
            std::min_element(entries_.begin(), entries_.end(),
                             [](const Entry& a, const Entry& b) { return a.last_use < b.last_use; });
        bytes_ -= oldest->size();
        entries_.erase(oldest);
    }
}

}  // namespace signalbox::worker
