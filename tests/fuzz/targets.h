// Parsers of foreign bytes, each as one function that must return for any input and throw nothing. Used
// twice: by targets_test.cc, which feeds seeds and bounded mutations of them in every test run, and by
// libfuzzer.cc, which
// `./dev fuzz` builds with clang and coverage.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::fuzz {

struct Target {
    std::string name;
    std::function<void(std::string_view bytes)> run;  // throws Broken when what must hold does not
    std::vector<std::string> seeds;                   // valid and nearly valid inputs
};

// What must hold for any input was seen not to hold.
struct Broken : std::exception {
    explicit Broken(std::string what_) : text(std::move(what_)) {}
    const char* what() const noexcept override { return text.c_str(); }
    std::string text;
};

std::vector<Target> targets();

// The files that hold them.
void addDoorTargets(std::vector<Target>& targets);       // HTTP heads and bodies, URLs, forms
void addConnectorTargets(std::vector<Target>& targets);  // callbacks of providers
void addMailTargets(std::vector<Target>& targets);       // mails
void addWorkflowTargets(std::vector<Target>& targets);   // graphs, expressions, templates

}  // namespace signalbox::fuzz
