// Dates of mails in RFC 3339, with the offset the sender wrote. Takes RFC 5322 with its obsolete forms, and
// what clients have sent instead (ISO 8601, asctime, missing zone or seconds). Thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace signalbox::mime {

// "2026-01-02T03:04:05+01:00"; empty when nothing like a date is there.
std::string parseMailDate(std::string_view raw);

}  // namespace signalbox::mime
