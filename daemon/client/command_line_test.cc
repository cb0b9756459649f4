#include "daemon/client/command_line.h"

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <sstream>

namespace signalbox::client {
namespace {

Invocation parse(const std::vector<std::string>& arguments) {
    return parseCommandLine(arguments, allCommands(), "1.2.3");
}

std::string pathOf(const Command& command) {
    std::string text;
    for (const auto& word : command.path) text += (text.empty() ? "" : " ") + word;
    return text;
}

// As a shell splits a simple command: quotes keep words together, a pipe or a redirection ends it.
std::vector<std::string> split(const std::string& line) {
    std::vector<std::string> words;
    std::string word;
    bool has_word = false;
    for (std::size_t i = 0; i <= line.size(); ++i) {
        const char c = i < line.size() ? line[i] : ' ';
        if (c == '\'' || c == '"') {
            const auto end = [&] {
                auto at = i + 1;
                while (line[at] != c) at += line[at] == '\\' && c == '"' ? 2 : 1;
                return at;
            }();
            word += line.substr(i + 1, end - i - 1);
            has_word = true;
            i = end;
        } else if (c == ' ') {
            if (has_word && (word == "|" || word == ">")) return words;
            if (has_word) words.push_back(word);
            word.clear();
            has_word = false;
        } else {
            word += c;
            has_word = true;
        }
    }
    return words;
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_command_has_help_with_an_example) {
    for (const Command& command : allCommands()) {
        std::vector<std::string> arguments = command.path;
        arguments.push_back("--help");

        const Invocation help = parse(arguments);

        BOOST_TEST(help.command == nullptr);
        BOOST_TEST(static_cast<int>(help.exit) == 0);
        BOOST_TEST(help.output.find(command.summary) != std::string::npos, pathOf(command));
        BOOST_TEST(help.output.find("Examples:\n  ") != std::string::npos, pathOf(command));
        for (const Option& option : command.options)
            BOOST_TEST(help.output.find(option.name) != std::string::npos,
                       pathOf(command) + ' ' + option.name);
    }
}

BOOST_AUTO_TEST_CASE(every_example_is_a_command_that_can_be_given) {
    std::size_t tried = 0;
    for (const Command& command : allCommands()) {
        for (const std::string& example : command.examples) {
            if (!example.starts_with("signalbox ")) continue;
            auto words = split(example);
            words.erase(words.begin());
            words.erase(std::find(words.begin(), words.end(), "<"), words.end());  // the shell's

            const Invocation invocation = parse(words);

            BOOST_TEST(invocation.command != nullptr, example + ": " + invocation.output);
            ++tried;
        }
    }
    BOOST_TEST(tried > 30u);
}

BOOST_AUTO_TEST_CASE(an_expression_may_begin_with_a_minus) {
    const auto invocation = parse({"expr", "eval", "-n | abs", "--data", "-"});

    BOOST_REQUIRE(invocation.command != nullptr);
    BOOST_TEST(invocation.values.text("expr") == " -n | abs");
    BOOST_TEST(invocation.values.text("--data") == "-");
}

BOOST_AUTO_TEST_CASE(values_and_switches_arrive_wherever_the_globals_stand) {
    const Invocation one = parse({"--json", "messages", "list", "--account", "wa", "--limit", "7"});
    const Invocation two = parse({"messages", "--account=wa", "--url", "http://x", "--limit=7", "--json"});

    BOOST_REQUIRE(one.command != nullptr);
    BOOST_TEST(pathOf(*one.command) == "messages list");
    BOOST_TEST(one.globals.is_json);
    BOOST_TEST(one.values.text("--account") == "wa");
    BOOST_REQUIRE(two.command != nullptr);
    BOOST_TEST(pathOf(*two.command) == "messages");
    BOOST_TEST(two.globals.is_json);
    BOOST_TEST(two.globals.url == "http://x");
    BOOST_TEST(two.values.text("--limit") == "7");
    BOOST_TEST(!two.values.has("--status"));
}

BOOST_AUTO_TEST_CASE(an_option_that_may_come_again_keeps_all_its_values) {
    const Invocation invocation =
        parse({"token", "create", "--scope", "a", "--role", "agent", "--scope", "b"});

    BOOST_REQUIRE(invocation.command != nullptr);
    BOOST_TEST(invocation.values.all("--scope") == (std::vector<std::string>{"a", "b"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_cannot_be_meant_is_refused_with_2) {
    const std::vector<std::vector<std::string>> wrong = {{},
                                                         {"nonsense"},
                                                         {"runs", "show"},
                                                         {"runs", "show", "a", "b"},
                                                         {"token", "create"},
                                                         {"workflow"},
                                                         {"messages", "--limi", "3"},
                                                         {"token", "create", "--role", "god"},
                                                         {"runs", "--status", "done"},
                                                         {"messages", "--account", "a", "--account", "b"},
                                                         {"completion", "fish"}};
    for (const auto& arguments : wrong) {
        const Invocation invocation = parse(arguments);

        BOOST_TEST(invocation.command == nullptr);
        BOOST_TEST(static_cast<int>(invocation.exit) == 2);
        BOOST_TEST(!invocation.output.empty());
    }
}

BOOST_AUTO_TEST_CASE(a_command_that_is_none_is_named_with_the_nearest) {
    const auto first = parse({"--url", "http://x", "workflw", "list"});
    const auto second = parse({"workflow", "pubish", "x"});

    BOOST_TEST((first.exit == Exit::Usage));
    BOOST_TEST(first.output.find("no command «workflw» (workflow?)") != std::string::npos, first.output);
    BOOST_TEST(second.output.find("no command «workflow pubish» (publish?)") != std::string::npos,
               second.output);
}

BOOST_AUTO_TEST_CASE(every_word_of_the_help_says_what_it_is) {
    const std::string help = parse({"--help"}).output;
    const auto list = help.find("Subcommands:");
    BOOST_REQUIRE(list != std::string::npos);
    std::istringstream lines(help.substr(list, help.find("\n\n", list) - list));
    std::string line;
    int words = 0;
    for (std::getline(lines, line); std::getline(lines, line); ++words)
        BOOST_TEST(line.size() > 30U, "nothing is said of" << line);
    BOOST_TEST(words > 5);
}

BOOST_AUTO_TEST_CASE(the_version_is_printed) {
    const Invocation invocation = parse({"--version"});

    BOOST_TEST(static_cast<int>(invocation.exit) == 0);
    BOOST_TEST(invocation.output == "signalbox 1.2.3\n");
}

BOOST_AUTO_TEST_CASE(the_environment_gives_what_the_command_line_does_not) {
    ::setenv("SIGNALBOX_URL", "http://from-environment", 1);
    ::setenv("SIGNALBOX_TOKEN", "sbt_environment", 1);

    const Invocation one = parse({"status"});
    const Invocation two = parse({"status", "--url", "http://given"});
    ::unsetenv("SIGNALBOX_URL");
    ::unsetenv("SIGNALBOX_TOKEN");

    BOOST_TEST(one.globals.url == "http://from-environment");
    BOOST_TEST(one.globals.token == "sbt_environment");
    BOOST_TEST(two.globals.url == "http://given");
}

}  // namespace signalbox::client
