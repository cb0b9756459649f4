// What a subject says about its thread (RFC 5256, 2.1, with the prefixes mail programs use in other
// languages). Pure, thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace signalbox {

struct MailSubject {
    std::string base;          // without Re:, Fwd:, [list], (fwd); spaces joined, case as written
    bool is_response = false;  // Re:, AW:, SV: …
    bool is_forward = false;   // Fwd:, WG:, TR:, (fwd)
};

MailSubject parseSubject(std::string_view subject);
// The number of a ticket that the subject names: «[Ticket#17]», «ticket #17», «[#17]»; 0: none.
std::int64_t ticketIn(std::string_view subject);
// Two bases are the same whatever their case.
std::string foldedBase(std::string_view subject);

}  // namespace signalbox
