// Where the other programs of signalbox lie: in the folder of the one that runs, or, for test programs, above
// it.
#pragma once

#include <string>
#include <string_view>

namespace signalbox {

// Any thread. The file may be missing.
std::string programBeside(std::string_view name);

}  // namespace signalbox
