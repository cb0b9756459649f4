// The mails that a command of the client was given: files, folders, mbox files, standard input.
// One thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace signalbox::client {

// Files as given; of a folder the mails in it, by name, and those of its sub-folders. Other files that lie
// beside them are passed by.
std::vector<std::string> mailFiles(const std::vector<std::string>& names);
// The bytes of a file; «-» is standard input. A folder, or what cannot be read, is a usage error.
Result<std::string> readMailFile(const std::string& name);
// What bytes are instead of a mail, with a remedy: «a gzip file; unpack it first». Empty: they may be one.
std::string otherThanMail(std::string_view bytes);
// The mails of an mbox file, or the one that it is. Views into `bytes`.
std::vector<std::string_view> mailsOf(std::string_view bytes);

}  // namespace signalbox::client
