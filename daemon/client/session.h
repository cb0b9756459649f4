// What a command works with: the daemon, the way to print, time. One for each start of the program; one
// thread.
#pragma once

#include <cstddef>
#include <ostream>
#include <string>

#include "base/clock.h"
#include "base/secret.h"
#include "daemon/client/api.h"
#include "daemon/client/table.h"

namespace signalbox::client {

// Where output goes and how.
struct Terminal {
    std::ostream& out;
    std::ostream& err;
    std::size_t columns = 0;  // 0: not a terminal, nothing is cut
};

class Session {
public:
    Session(Api& api, HttpClient& http, Secret token, Terminal terminal, Clock& clock, bool is_json)
        : api(api),
          http(http),
          token(std::move(token)),
          clock(clock),
          is_json(is_json),
          terminal_(terminal) {}

    Api& api;
    HttpClient& http;
    const Secret token;
    Clock& clock;
    const bool is_json;

    std::ostream& out() { return terminal_.out; }
    // For what is not the result: hints, progress.
    void note(const std::string& line) { terminal_.err << line << '\n'; }

    // JSON when that is wanted, else what `text` makes of it.
    template <class Render>
    void print(const Json& value, const Render& text) {
        if (is_json) return printJson(value);
        out() << text();
    }
    void printJson(const Json& value) { out() << dumpJson(value) << '\n'; }
    std::string render(const Table& table) const { return table.render(terminal_.columns); }
    std::size_t columns() const { return terminal_.columns; }

    // A page of the API as a table; says how to go on, and `none` when there is nothing.
    void printList(const Json& page, const Table& table, const std::string& none);

private:
    Terminal terminal_;
};

}  // namespace signalbox::client
