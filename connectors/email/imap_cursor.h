// How far an account's folders are fetched, as the opaque text that is committed with the mails. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/clock.h"

namespace signalbox::email {

struct FolderCursor {
    std::uint32_t uidvalidity = 0;
    std::uint32_t next = 1;    // the lowest UID that was not fetched yet
    std::uint64_t modseq = 0;  // changes up to here are known; 0: not counted
    // What has a lower UID lay there when the folder was first looked at; 0: nothing is known to.
    std::uint32_t news_from = 0;
};

struct ImapCursor {
    // Mail that came to the server earlier is not wanted, also when a folder is scanned anew.
    std::optional<TimePoint> since;
    std::map<std::string, FolderCursor> folders;
};

// "" and what is not a cursor of ours give nothing.
std::optional<ImapCursor> parseCursor(const std::string& text);
std::string toText(const ImapCursor& cursor);

}  // namespace signalbox::email
