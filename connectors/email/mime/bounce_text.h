// Reports in prose: which lines name a recipient, and which words belong to it. One engine with tables for
// all servers instead of a reader for each; the tables are in bounce_text.cc. Pure, linear.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "hub/model/mail.h"

namespace signalbox::mime {

struct BounceText {
    std::string report;    // what the server says
    std::string returned;  // the mail it gives back, when it stands in the text
};
// Cuts at «----- Original message -----» and its like.
BounceText splitReport(std::string_view text);

// Recipients with their diagnostic, in the order of the text. `not_recipients` (in lower case) are who sent
// the report and who gets it; `domain` is of names without one.
std::vector<BounceRecipient> recipientsInText(std::string_view report,
                                              const std::set<std::string>& not_recipients,
                                              std::string_view domain = "");

bool isBounceSubject(std::string_view subject);
// A phrase that says that a mail did not arrive.
bool saysUndelivered(std::string_view report);
// Such a phrase with an address alone in the next line, as people do not write.
bool listsUndelivered(std::string_view report);
bool saysDelayed(std::string_view subject_and_report);

// The first address in a line, without brackets; empty: none.
std::string addressIn(std::string_view line);

}  // namespace signalbox::mime
