// What a command of the program `signalbox` is: a row in a table. Help, parsing and completion are made from
// it, so that they cannot say different things. Values, one thread.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace signalbox::client {

class Session;

// What the program's exit code says.
enum class Exit {
    Done = 0,
    Refused =
        1,  // the daemon refused, or what was asked for came out badly (lint found errors, the run failed)
    Usage = 2,        // the command cannot be meant so; nothing was sent
    Unreachable = 3,  // no daemon there, or none that answers
    Uncertain = 4,    // sent, but the answer never came
};

struct Option {
    std::string name;   // "--limit", or "id" for an argument without a name
    std::string value;  // what stands for the value in the help ("N"); empty: a switch
    std::string help;
    bool is_required = false;
    bool is_repeatable = false;  // of an argument without a name: the last one only
    std::vector<std::string> choices{};

    bool isPositional() const { return !name.starts_with('-'); }
};

// What was given, by name as in Option.
class Values {
public:
    void add(const std::string& name, std::vector<std::string> values) { values_[name] = std::move(values); }
    bool has(const std::string& name) const { return values_.contains(name); }
    std::string text(const std::string& name, const std::string& fallback = "") const {
        const auto it = values_.find(name);
        return it == values_.end() || it->second.empty() ? fallback : it->second.front();
    }
    std::vector<std::string> all(const std::string& name) const {
        const auto it = values_.find(name);
        return it == values_.end() ? std::vector<std::string>{} : it->second;
    }

private:
    std::map<std::string, std::vector<std::string>> values_;
};

struct Command {
    std::vector<std::string> path;  // {"runs", "show"}; {"runs"} alone is what `signalbox runs` does
    std::string summary;
    std::vector<Option> options;
    std::vector<std::string> examples;  // whole command lines
    std::function<Result<Exit>(Session&, const Values&)> run;
};

// Every command, in the order of the help.
const std::vector<Command>& allCommands();

// For errors that are the caller's: exit code 2.
Error usageError(std::string message);

}  // namespace signalbox::client
