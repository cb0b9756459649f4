// Looks for viruses. Implemented by daemon/scan; without one, files are «unscanned» and given out.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace signalbox {

class FileScanner {
public:
    virtual ~FileScanner() = default;
    // The name of what was found, empty for nothing. Unavailable: it cannot say (not reachable, too large for
    // it), and then the file counts as not scanned yet.
    virtual Result<std::string> scan(std::string_view bytes) = 0;
};

}  // namespace signalbox
