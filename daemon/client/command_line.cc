#include "daemon/client/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <deque>

#include "daemon/config/suggestion.h"

namespace signalbox::client {
namespace {

constexpr const char* kIntroduction =
    "signalbox: talks to a running signalboxd.\n"
    "\n"
    "The token is looked for in --token, SIGNALBOX_TOKEN, --token-file, SIGNALBOX_TOKEN_FILE,\n"
    "~/.config/signalbox/token and, for a daemon on this machine, build/demo/token.";

constexpr const char* kFooter =
    "Exit codes: 0 done; 1 refused by the daemon, or it came out badly; 2 wrong usage;\n"
    "            3 daemon not reachable; 4 sent, but no answer came\n"
    "\n"
    "`signalbox COMMAND --help` shows what a command takes, with examples.";

// What CLI11 fills in for one command; it keeps pointers, so these never move.
struct Bound {
    const Command* command;
    CLI::App* app;
    std::deque<std::pair<const Option*, std::vector<std::string>>> values;
    std::deque<std::pair<const Option*, bool>> switches;
};

constexpr int kMaxArguments = 1'000'000;

std::string footerOf(const Command& command) {
    std::string text = command.examples.empty() ? "" : "Examples:";
    for (const std::string& example : command.examples) text += "\n  " + example;
    return text;
}

void bindOption(Bound& bound, const Option& option) {
    if (option.value.empty() && !option.isPositional()) {
        auto& [of, is_set] = bound.switches.emplace_back(&option, false);
        bound.app->add_flag(option.name, is_set, option.help);
        return;
    }
    auto& [of, values] = bound.values.emplace_back(&option, std::vector<std::string>{});
    CLI::Option* added = bound.app->add_option(option.name, values, option.help);
    added->required(option.is_required);
    if (!option.value.empty()) added->type_name(option.value);
    if (!option.choices.empty()) added->check(CLI::IsMember(option.choices));
    // One value each time the option is given, so that what follows is not taken for another.
    added->type_size(1)->expected(1)->allow_extra_args(false);
    // An argument without a name takes all that is left.
    if (option.isPositional() && option.is_repeatable)
        added->expected(1, kMaxArguments)->allow_extra_args(true);
    added->multi_option_policy(option.is_repeatable ? CLI::MultiOptionPolicy::TakeAll
                                                    : CLI::MultiOptionPolicy::Throw);
}

// What a word means that is no command itself.
std::string aboutGroup(std::string_view path) {
    static constexpr auto kGroups = std::to_array<std::pair<std::string_view, std::string_view>>(
        {{" workflow", "Workflow graphs: check, store, publish, run, take along"},
         {" token", "API tokens: make, list, revoke"},
         {" vault", "The key that seals stored credentials"},
         {" mail", "Read mails without a daemon; find an address's mail servers"},
         {" simulate", "Post what a provider would post, signed: to try a workflow"},
         {" cron", "When a cron expression is due"},
         {" expr", "What an expression of a workflow gives"}});
    for (const auto& [word, about] : kGroups)
        if (word == path) return std::string(about);
    return "";
}

class Tree {
public:
    explicit Tree(const std::vector<Command>& commands) {
        root_.name("signalbox");
        root_.description(kIntroduction);
        root_.footer(kFooter);
        root_.require_subcommand(1);
        for (const Command& command : commands) add(command);
    }

    CLI::App& root() { return root_; }

    // The last one on the way that was parsed.
    Bound* chosen() {
        Bound* deepest = nullptr;
        for (Bound& bound : bound_) {
            const bool is_deeper =
                deepest == nullptr || bound.command->path.size() > deepest->command->path.size();
            if (bound.app->parsed() && is_deeper) deepest = &bound;
        }
        return deepest;
    }

private:
    void add(const Command& command) {
        CLI::App* app = &root_;
        std::string path;
        for (const std::string& word : command.path) app = child(*app, path += ' ' + word, word);
        app->description(command.summary);
        app->footer(footerOf(command));
        app->require_subcommand(0, 1);
        Bound& bound = bound_.emplace_back(Bound{&command, app, {}, {}});
        for (const Option& option : command.options) bindOption(bound, option);
    }

    CLI::App* child(CLI::App& parent, const std::string& path, const std::string& word) {
        CLI::App*& made = by_path_[path];
        if (made != nullptr) return made;
        made = parent.add_subcommand(word, aboutGroup(path));
        made->fallthrough();
        made->require_subcommand(1);
        return made;
    }

    CLI::App root_;
    std::map<std::string, CLI::App*> by_path_;
    std::deque<Bound> bound_;
};

void bindGlobals(CLI::App& root, GlobalValues& globals) {
    globals.url = "http://127.0.0.1:8080";
    root.add_option("--url", globals.url, "Where the daemon is [SIGNALBOX_URL, http://127.0.0.1:8080]")
        ->envname("SIGNALBOX_URL")
        ->type_name("URL");
    root.add_option("--token", globals.token,
                    "API token; others on this machine can see it, a file is better")
        ->envname("SIGNALBOX_TOKEN")
        ->type_name("TOKEN");
    root.add_option("--token-file", globals.token_file, "File that holds the API token")
        ->envname("SIGNALBOX_TOKEN_FILE")
        ->type_name("FILE");
    root.add_flag("--json", globals.is_json, "Print JSON, for programs");
}

// The first word that no command is called; "" when there is none.
std::string unknownCommand(CLI::App& root, const std::vector<std::string>& arguments) {
    CLI::App* at = &root;
    std::string path;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string& word = arguments[i];
        if (word.starts_with('-')) {
            if (word == "--url" || word == "--token" || word == "--token-file") ++i;
            continue;
        }
        std::vector<std::string> names;
        CLI::App* next = nullptr;
        for (CLI::App* one : at->get_subcommands([](CLI::App*) { return true; })) {
            names.push_back(one->get_name());
            if (one->get_name() == word) next = one;
        }
        if (names.empty()) return "";
        if (next == nullptr) return "no command «" + path + word + "»" + config::suggestionFor(word, names);
        path += word + ' ';
        at = next;
    }
    return "";
}

// An expression may begin with a minus (`-n`); a space before it means nothing and tells it from an option.
std::vector<std::string> withMarkedExpression(std::vector<std::string> arguments) {
    const auto eval = std::find(arguments.begin(), arguments.end(), "eval");
    if (eval == arguments.begin() || eval == arguments.end() || *std::prev(eval) != "expr") return arguments;
    for (auto at = std::next(eval); at != arguments.end(); ++at) {
        const bool is_short = at->size() > 1 && at->front() == '-' && (*at)[1] != '-' && *at != "-h";
        if (is_short) at->insert(0, 1, ' ');
    }
    return arguments;
}

}  // namespace

Invocation parseCommandLine(const std::vector<std::string>& given, const std::vector<Command>& commands,
                            const std::string& version) {
    const auto arguments = withMarkedExpression(given);
    Invocation invocation;
    Tree tree(commands);
    bindGlobals(tree.root(), invocation.globals);
    if (arguments.empty()) {
        invocation.exit = Exit::Usage;
        invocation.output = tree.root().help();
        return invocation;
    }
    tree.root().set_version_flag("--version", "signalbox " + version, "Print the version");
    try {
        tree.root().parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    } catch (const CLI::ParseError& end) {
        std::ostringstream out, err;
        const bool is_help = tree.root().exit(end, out, err) == 0;
        invocation.exit = is_help ? Exit::Done : Exit::Usage;
        invocation.output = is_help ? out.str() : err.str();
        if (const auto unknown = is_help ? "" : unknownCommand(tree.root(), arguments); !unknown.empty())
            invocation.output = "signalbox: " + unknown + "\nsignalbox --help tells which there are\n";
        return invocation;
    }
    Bound* chosen = tree.chosen();
    if (chosen == nullptr) throw std::logic_error("a command was parsed that is none");
    invocation.command = chosen->command;
    for (auto& [option, values] : chosen->values) {
        if (!values.empty()) invocation.values.add(option->name, std::move(values));
    }
    for (auto& [option, is_set] : chosen->switches) {
        if (is_set) invocation.values.add(option->name, {});
    }
    return invocation;
}

}  // namespace signalbox::client
