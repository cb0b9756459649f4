// What is wrong with a configuration file: all of it at once, each with its place. Values only, no threads.
#pragma once

#include <string>
#include <vector>

namespace signalbox::config {

// From 1; line 0: not known.
struct Position {
    int line = 0;
    int column = 0;
};

struct Problem {
    Position position;
    std::string path;  // "accounts[0].name"; empty: the file as a whole
    std::string what;  // never holds a value that may be a secret
};

// "signalbox.yaml:9:7 accounts[0].bot_tokn: unknown key (bot_token?)", a line each, in the order of the file.
std::string describe(const std::string& file, std::vector<Problem> problems);

// "accounts[0]" and "name" → "accounts[0].name".
std::string memberPath(const std::string& parent, const std::string& key);
std::string itemPath(const std::string& parent, std::size_t index);

}  // namespace signalbox::config
