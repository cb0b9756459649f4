// The public page of a trigger.form, and what was filled in. Pure: the same params, the same page.
#pragma once

#include <map>
#include <string>

#include "base/http_message.h"
#include "base/json.h"
#include "base/result.h"

namespace signalbox {

// What people cannot see and programs fill in.
inline constexpr std::string_view kHoneypot = "homepage_address";
inline constexpr std::string_view kFormToken = "form_token";

struct FilledForm {
    Json values = Json::object();                            // by field, in its type
    std::map<std::string, std::string> given;                // as it was typed, to be shown again
    std::map<std::string, std::string, std::less<>> faults;  // by field, for people
};
// What was sent of the fields that the params name; the rest is ignored.
FilledForm readForm(const Json& params, const FormFields& sent);

// `filled` may be empty. `notice` is a word above the form.
HttpResponse formPage(const Json& params, const std::string& token, const FilledForm& filled,
                      const std::string& notice, int status);
HttpResponse thanksPage(const Json& params);
HttpResponse messagePage(int status, const std::string& title, const std::string& text);

}  // namespace signalbox
