// The base of a subject (RFC 5256, 2.1): what is left without reply and forward marks of many languages, list
// names in brackets and (fwd), so that a thread's mails compare equal. Pure.
#pragma once

#include <string>
#include <string_view>

namespace signalbox {

struct SubjectLine {
    std::string base;          // lower case, blanks folded
    bool is_response = false;  // it began with Re: or its like
};
SubjectLine readSubject(std::string_view subject);

}  // namespace signalbox
