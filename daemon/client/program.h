// The program `signalbox` without its main, so that tests can run it in their own process.
#pragma once

#include <string>
#include <vector>

#include "daemon/client/session.h"

namespace signalbox::client {

// `arguments` without the program's name. Returns the exit code.
int runProgram(const std::vector<std::string>& arguments, const std::string& version, Terminal terminal,
               Clock& clock);

}  // namespace signalbox::client
