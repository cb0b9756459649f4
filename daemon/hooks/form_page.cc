#include "daemon/hooks/form_page.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/clock.h"
#include "base/html_text.h"

namespace signalbox {
namespace {

constexpr std::size_t kMaxLine = 1'000, kMaxText = 20'000;

std::string attribute(const char* name, std::string_view value) {
    return ' ' + std::string(name) + "=\"" + escapeHtml(value) + '"';
}

// No scripts, nothing from elsewhere, in no frame.
HttpResponse page(int status, const std::string& title, const std::string& body) {
    HttpResponse response;
    response.status = status;
    response.headers = {
        {"content-type", "text/html; charset=utf-8"},
        {"cache-control", "no-store"},
        {"referrer-policy", "no-referrer"},
        {"x-content-type-options", "nosniff"},
        {"content-security-policy",
         "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"}};
    response.body =
        "<!doctype html><html><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">"
        "<title>" +
        escapeHtml(title) +
        "</title><style>body{font:16px sans-serif;max-width:36rem;margin:3rem auto;padding:0 1rem}"
        "label{display:block;margin:1rem 0 .3rem}input,select,textarea{font:inherit;width:100%;padding:.4rem;"
        "box-sizing:border-box}input[type=checkbox]{width:auto}button{font:inherit;margin-top:1.5rem;padding:"
        ".5rem "
        "1.5rem}.fault{color:#b00020}.other{position:absolute;left:-10000px}p.text{white-space:pre-wrap}</"
        "style>"
        "<h1>" +
        escapeHtml(title) + "</h1>" + body + "</html>\n";
    return response;
}

std::string titleOf(const Json& params) {
    return textAt(params, "title", "Form");
}

std::string optionsOf(const Json& field, const std::string& chosen) {
    std::string out = "<option value=\"\"></option>";
    for (const Json& option : memberAt(field, "options")) {
        const std::string text = option.is_string() ? option.get<std::string>() : dumpJson(option);
        out +=
            "<option" + std::string(text == chosen ? " selected" : "") + '>' + escapeHtml(text) + "</option>";
    }
    return out;
}

std::string inputOf(const Json& field, const std::string& value) {
    const std::string name = textAt(field, "name"), type = textAt(field, "type", "text");
    const std::string common =
        attribute("id", name) + attribute("name", name) + (flagAt(field, "required") ? " required" : "");
    if (type == "textarea") return "<textarea rows=\"6\"" + common + '>' + escapeHtml(value) + "</textarea>";
    if (type == "select") return "<select" + common + '>' + optionsOf(field, value) + "</select>";
    if (type == "checkbox")
        return "<input type=\"checkbox\" value=\"on\"" + common + (value.empty() ? "" : " checked") + '>';
    const std::string kind = type == "phone" ? "tel" : type;
    return "<input" + attribute("type", kind) + common + attribute("value", value) +
           (type == "number" ? " step=\"any\"" : "") +
           (textAt(field, "placeholder").empty() ? ""
                                                 : attribute("placeholder", textAt(field, "placeholder"))) +
           '>';
}

bool isEmail(std::string_view text) {
    const auto at = text.find('@');
    return at != std::string_view::npos && at > 0 && text.find('@', at + 1) == std::string_view::npos &&
           text.find('.', at) != std::string_view::npos && text.back() != '.' &&
           text.find_first_of(" \t\r\n<>,;\"") == std::string_view::npos;
}

bool isPhone(std::string_view text) {
    const auto digits = std::count_if(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    return digits >= 4 && digits <= 20 &&
           text.find_first_not_of("+0123456789 ()/.-") == std::string_view::npos;
}

// The value in its type, or what is wrong with it.
Result<Json> valueOf(const Json& field, const std::string& text) {
    const std::string type = textAt(field, "type", "text");
    const auto fault = [](const char* what) { return Error{ErrorKind::Invalid, what}; };
    if (type == "checkbox") {
        if (text.empty() && flagAt(field, "required")) return fault("must be ticked");
        return Json(!text.empty());
    }
    if (text.empty()) {
        if (flagAt(field, "required")) return fault("must be filled in");
        return Json(nullptr);
    }
    const auto longest =
        static_cast<std::size_t>(numberAt(field, "max_length", type == "textarea" ? kMaxText : kMaxLine));
    if (text.size() > longest) return fault("is too long");
    if (type != "textarea" && text.find_first_of("\r\n") != std::string::npos)
        return fault("must be one line");
    if (type == "email" && !isEmail(text)) return fault("must be an e-mail address");
    if (type == "phone" && !isPhone(text)) return fault("must be a phone number");
    if (type == "date" && !parseRfc3339(text + "T00:00:00Z"))
        return fault("must be a date such as 2026-11-26");
    if (type == "select") {
        const Json& options = memberAt(field, "options");
        if (std::find(options.begin(), options.end(), Json(text)) == options.end())
            return fault("must be one of the choices");
    }
    if (type == "number") {
        double number = 0;
        const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
        if (read.ec != std::errc() || read.ptr != text.data() + text.size() || !std::isfinite(number))
            return fault("must be a number");
        if (number == std::floor(number) && std::abs(number) < 9e15)
            return Json(static_cast<std::int64_t>(number));
        return Json(number);
    }
    return Json(text);
}

std::string trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return "";
    return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
}

}  // namespace

FilledForm readForm(const Json& params, const FormFields& sent) {
    FilledForm filled;
    for (const Json& field : memberAt(params, "fields")) {
        const std::string name = textAt(field, "name");
        const std::string text = trimmed(findField(sent, name).value_or(""));
        filled.given[name] = text.substr(0, kMaxText);
        auto value = valueOf(field, text);
        if (value) {
            filled.values[name] = std::move(*value);
        } else {
            filled.faults[name] = value.error().message;
        }
    }
    return filled;
}

HttpResponse formPage(const Json& params, const std::string& token, const FilledForm& filled,
                      const std::string& notice, int status) {
    std::string body;
    if (const std::string text = textAt(params, "description"); !text.empty())
        body += "<p class=\"text\">" + escapeHtml(text) + "</p>";
    if (!notice.empty()) body += "<p class=\"fault\" role=\"alert\">" + escapeHtml(notice) + "</p>";
    body += "<form method=\"post\">";
    for (const Json& field : memberAt(params, "fields")) {
        const std::string name = textAt(field, "name"), label = textAt(field, "label", name);
        const auto given = filled.given.find(name);
        const auto fault = filled.faults.find(name);
        body += "<label" + attribute("for", name) + '>' + escapeHtml(label) +
                (flagAt(field, "required") ? " *" : "") + "</label>" +
                inputOf(field, given == filled.given.end() ? "" : given->second);
        if (fault != filled.faults.end())
            body += "<div class=\"fault\">" + escapeHtml(label + ' ' + fault->second) + "</div>";
    }
    body += "<div class=\"other\" aria-hidden=\"true\"><label>Leave this empty<input name=\"" +
            std::string(kHoneypot) + "\" tabindex=\"-1\" autocomplete=\"off\"></label></div>";
    body +=
        "<input type=\"hidden\" name=\"" + std::string(kFormToken) + '"' + attribute("value", token) + '>';
    body += "<button>" + escapeHtml(textAt(params, "button", "Send")) + "</button></form>";
    return page(status, titleOf(params), body);
}

HttpResponse thanksPage(const Json& params) {
    const std::string url = textAt(params, "redirect_url");
    if (url.empty()) return messagePage(200, titleOf(params), textAt(params, "thanks", "Thank you."));
    HttpResponse response = page(303, titleOf(params), "");
    response.headers.add("location", url);
    return response;
}

HttpResponse messagePage(int status, const std::string& title, const std::string& text) {
    return page(status, title, "<p class=\"text\">" + escapeHtml(text) + "</p>");
}

}  // namespace signalbox
