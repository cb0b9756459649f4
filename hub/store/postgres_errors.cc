#include "hub/store/postgres_errors.h"

#include <cctype>

namespace signalbox::store {

using Kind = StoreError::Kind;

Kind kindOfSqlState(std::string_view state) {
    const auto isClass = [&](std::string_view wanted) { return state.starts_with(wanted); };
    if (state == "40001" || state == "40P01") return Kind::Contended;  // serialization, deadlock
    if (state == "53100") return Kind::Full;
    if (state == "55P03" || state == "57014") return Kind::Busy;          // lock or statement took too long
    if (state == "25P03" || state == "57P05") return Kind::Disconnected;  // ended for being idle
    if (state == "08P01") return Kind::Statement;                         // a wrong number of values
    if (state.empty() || isClass("08") || isClass("57P")) return Kind::Disconnected;
    if (isClass("23")) return Kind::Constraint;
    if (isClass("53")) return Kind::Busy;
    if (isClass("58")) return Kind::Io;
    if (isClass("XX001") || isClass("XX002")) return Kind::Corrupt;
    return Kind::Statement;
}

std::string inOneLine(std::string_view text) {
    std::string line;
    for (const char c : text) {
        const bool is_space = std::isspace(static_cast<unsigned char>(c)) != 0;
        if (!is_space) line += c;
        if (is_space && !line.empty() && line.back() != ' ') line += ' ';
    }
    while (!line.empty() && line.back() == ' ') line.pop_back();
    return line;
}

}  // namespace signalbox::store
