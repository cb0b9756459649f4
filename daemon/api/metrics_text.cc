#include "daemon/api/metrics_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace signalbox::api {
namespace {

// A backslash and a line break end a value early, in label values a quote as well.
std::string escaped(std::string_view text, bool with_quotes) {
    std::string out;
    for (const char c : text) {
        if (c == '\n') {
            out += "\\n";
            continue;
        }
        if (c == '\\' || (c == '"' && with_quotes)) out += '\\';
        out += c;
    }
    return out;
}

std::string numberText(double value) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
    char text[32];
    return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

std::string labelsText(const Figure& figure) {
    std::string out;
    for (const auto& [name, value] : figure.labels) {
        out += (out.empty() ? "{" : ",") + name + "=\"" + escaped(value, true) + "\"";
    }
    return out.empty() ? out : out + "}";
}

}  // namespace

std::string metricsText(const std::vector<Figure>& figures) {
    std::vector<const Figure*> sorted;
    for (const Figure& figure : figures) sorted.push_back(&figure);
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const Figure* a, const Figure* b) { return a->name < b->name; });
    std::string out;
    std::string_view family;
    for (const Figure* figure : sorted) {
        if (figure->name != family) {
            family = figure->name;
            out += "# HELP " + figure->name + " " + escaped(figure->help, false) + "\n";
            out += "# TYPE " + figure->name + (figure->is_counter ? " counter\n" : " gauge\n");
        }
        out += figure->name + labelsText(*figure) + " " + numberText(figure->value) + "\n";
    }
    return out;
}

}  // namespace signalbox::api
