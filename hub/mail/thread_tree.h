// Mails as trees of answers, by the rules of email.md: References and In-Reply-To (nearest known ancestor),
// whatever order they come in; a new subject opens a thread of its own; the subject joins a response only
// when there are no references. Pure: no store, no clock.
//
// A mail that others refer to and that is not among them is a placeholder; it stays in the tree only where it
// holds two or more branches together at the top (RFC 5256, REFERENCES).
#pragma once

#include <string>
#include <vector>

namespace signalbox {

struct ThreadMail {
    std::string id;                       // without brackets; compared whatever its case
    std::string in_reply_to;              // may be empty
    std::vector<std::string> references;  // oldest first
    std::string subject;
    std::string date;                       // RFC 3339, or empty
    std::vector<std::string> participants;  // addresses of From, To, Cc
    std::string sender;                     // of From, or empty
    std::string list;                       // List-Id of the mailing list it came by, or empty
};

struct ThreadNode {
    std::string id;
    bool is_missing = false;
    std::vector<ThreadNode> children;  // by date, then as they came
};

std::vector<ThreadNode> threadMails(const std::vector<ThreadMail>& mails);

}  // namespace signalbox
