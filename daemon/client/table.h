// Rows for people: columns as wide as they need, the last ones cut to the terminal. Values, one thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/json.h"

namespace signalbox::client {

class Table {
public:
    explicit Table(std::vector<std::string> titles) : titles_(std::move(titles)) {}

    // Made printable here, so that nobody's text commands the terminal.
    void add(const std::vector<std::string>& cells);
    bool empty() const { return rows_.empty(); }
    // `columns` 0: as wide as it gets (output goes to a file).
    std::string render(std::size_t columns) const;

private:
    std::vector<std::string> titles_;
    std::vector<std::vector<std::string>> rows_;
};

// "name  value" lines, for one thing.
class Facts {
public:
    void add(const std::string& name, const std::string& value);
    std::string render() const;

private:
    std::vector<std::pair<std::string, std::string>> lines_;
};

// A member as a cell: texts as they are, null as nothing, everything else as JSON.
std::string cell(const Json& value, const char* key);
// "2026-11-21T07:00:00.123Z" → "2026-11-21 07:00:00"; UTC like everything that the API says.
std::string timeCell(const Json& value, const char* key);

}  // namespace signalbox::client
