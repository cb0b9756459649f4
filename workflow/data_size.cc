#include "workflow/data_size.h"

#include <algorithm>

namespace signalbox::workflow {
namespace {

constexpr std::size_t kScalarBytes = 8;  // of a number as text, about

void add(const Json& value, unsigned depth, DataSize& to) {
    ++to.values;
    to.bytes += 2;  // a comma or a bracket
    if (!value.is_structured()) {
        to.bytes += value.is_string() ? value.get_ref<const std::string&>().size() : kScalarBytes;
        return;
    }
    to.depth = std::max(to.depth, ++depth);
    if (depth > kMaxDataDepth) return;
    if (value.is_array()) {
        for (const auto& element : value.get_ref<const Json::array_t&>()) add(element, depth, to);
        return;
    }
    for (const auto& [key, member] : value.get_ref<const Json::object_t&>()) {
        to.bytes += key.size() + 3;
        add(member, depth, to);
    }
}

}  // namespace

DataSize DataSize::of(const Json& value) {
    DataSize out;
    add(value, 0, out);
    return out;
}

DataSize& DataSize::operator+=(const DataSize& other) {
    bytes += other.bytes;
    values += other.values;
    depth = std::max(depth, other.depth);
    return *this;
}

Error tooLarge(const std::string& what) {
    return {
        ErrorKind::Rejected,
        what + " grow over " + std::to_string(kMaxRunBytes >> 20) + " MiB or " +
            std::to_string(kMaxRunValues) +
            " values; pass on only what is needed (a set node with keep: false), and go through long lists "
            "with for_each over a file",
        {},
        std::string(kRunTooLarge)};
}

std::optional<Error> depthError(const DataSize& size) {
    if (size.depth <= kMaxDataDepth) return std::nullopt;
    return Error{ErrorKind::Rejected,
                 "the data are nested deeper than " + std::to_string(kMaxDataDepth) +
                     " lists and objects; pass on members of them instead of the whole",
                 {},
                 std::string(kDataTooDeep)};
}

}  // namespace signalbox::workflow
