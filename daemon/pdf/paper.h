// Text on A4 pages, block after block, in any script that the system has a font for. Its source is the only
// one that knows cairo and pango; it runs in `signalbox-pdf`, never in the daemon. One thread.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"

namespace signalbox::pdf {

struct Block {
    std::string text;              // UTF-8; what is not, and control characters, are replaced
    std::string font = "Sans 10";  // as pango names it: family, style, points
    double grey = 0.1;             // 0 black … 1 white
    double space_after = 0;        // points
    double room = 0;               // points that must be left, or it begins a new page
};

class Paper {
public:
    // Unavailable: the file cannot be made.
    static Result<std::unique_ptr<Paper>> create(const std::string& path);
    virtual ~Paper() = default;

    // A long text goes on on the next page.
    virtual Status draw(const Block& block) = 0;
    // Writes what is left. Nothing may be drawn after it.
    virtual Status finish() = 0;
};

}  // namespace signalbox::pdf
