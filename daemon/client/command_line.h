// The arguments of the program become a command and its values. The only file that knows CLI11 is
// command_line.cc. One thread.
#pragma once

#include <string>
#include <vector>

#include "daemon/client/command.h"

namespace signalbox::client {

// What stands before the command, or anywhere behind it.
struct GlobalValues {
    std::string url;         // --url, SIGNALBOX_URL
    std::string token;       // --token, SIGNALBOX_TOKEN
    std::string token_file;  // --token-file, SIGNALBOX_TOKEN_FILE
    bool is_json = false;
};

struct Invocation {
    const Command* command = nullptr;  // null: `output` is all there is to do (help, version, a fault)
    Values values;
    GlobalValues globals;
    Exit exit = Exit::Done;
    std::string output;
};

// `arguments` without the program's name.
Invocation parseCommandLine(const std::vector<std::string>& arguments, const std::vector<Command>& commands,
                            const std::string& version);

}  // namespace signalbox::client
