// The machine-readable halves of reports: groups of «Name: value» lines, and the mail they are about. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "connectors/email/mime/message_tree.h"

namespace signalbox::mime {

struct FieldGroup {
    std::vector<HeaderField> fields;
    // Unfolded; empty when it is not there.
    std::string value(std::string_view lower_name) const;
    bool has(std::string_view lower_name) const;
};

// Groups are parted by empty lines; lines that are no fields are skipped.
std::vector<FieldGroup> readFieldGroups(std::string_view text);

// Of the returned mail: in an attached message or its headers, else in the headers quoted in `text`.
std::string originalMessageId(const MessageNode& root, std::string_view quoted);

}  // namespace signalbox::mime
