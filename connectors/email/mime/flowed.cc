#include "connectors/email/mime/flowed.h"

#include <algorithm>

#include "connectors/email/mime/ascii.h"

namespace signalbox::mime {

std::string unflow(std::string_view text, bool is_delsp) {
    std::string out;
    bool is_open = false;  // the line before ended softly
    std::size_t open_depth = 0;
    for (std::string_view line : linesOf(text)) {
        std::size_t depth = 0;
        while (depth < line.size() && line[depth] == '>') ++depth;
        line.remove_prefix(depth);
        if (line.starts_with(' ')) line.remove_prefix(1);
        const bool is_signature = line == "-- ";
        if (is_open && (depth != open_depth || is_signature)) {
            out += '\n';
            is_open = false;
        }
        if (!is_open && depth > 0) {
            out.append(depth, '>');
            if (!line.empty()) out += ' ';
        }
        const bool is_soft = line.ends_with(' ') && !is_signature;
        out += is_soft && is_delsp ? line.substr(0, line.size() - 1) : line;
        if (!is_soft) out += '\n';
        is_open = is_soft;
        open_depth = depth;
    }
    if (is_open) {
        while (out.ends_with(' ')) out.pop_back();
        out += '\n';
    }
    return out;
}

}  // namespace signalbox::mime
