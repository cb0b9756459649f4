#include <set>

#include "daemon/client/command_groups.h"
#include "daemon/client/session.h"

namespace signalbox::client {
namespace {

constexpr const char* kGlobals = "--help --url --token --token-file --json";

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
    return text;
}

// What may come behind each sequence of command words.
std::map<std::string, std::string> nextWords() {
    std::map<std::string, std::set<std::string>> subcommands;
    std::map<std::string, std::string> options;
    for (const Command& command : allCommands()) {
        std::string path;
        for (const std::string& word : command.path) {
            subcommands[path].insert(word);
            path += (path.empty() ? "" : " ") + word;
        }
        for (const Option& option : command.options) {
            if (!option.isPositional()) options[path] += ' ' + option.name;
        }
        options[path] += "";
    }
    std::map<std::string, std::string> words;
    for (const auto& [path, names] : subcommands)
        words[path] = joined({names.begin(), names.end()}) + (path.empty() ? " --version" : "");
    for (const auto& [path, names] : options) words[path] += names;
    return words;
}

std::string script() {
    std::string cases, choices;
    std::set<std::string> paths;
    for (const auto& [path, words] : nextWords()) {
        cases += "        '" + path + "') words='" + words + "' ;;\n";
        if (!path.empty()) paths.insert(path);
    }
    std::map<std::string, std::string> by_option;
    for (const Command& command : allCommands()) {
        for (const Option& option : command.options) {
            if (!option.choices.empty())
                by_option[joined(command.path) + ' ' + option.name] = joined(option.choices);
        }
    }
    for (const auto& [key, words] : by_option) choices += "        '" + key + "') words='" + words + "' ;;\n";
    return "# bash completion for signalbox, made by `signalbox completion bash`\n"
           "_signalbox() {\n"
           "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}\n"
           "    local path='' next word words='' i\n"
           "    for ((i = 1; i < COMP_CWORD; ++i)); do\n"
           "        word=${COMP_WORDS[i]}\n"
           "        next=\"${path:+$path }$word\"\n"
           "        case \"|" +
           [&] {
               std::string all;
               for (const std::string& path : paths) all += path + '|';
               return all;
           }() +
           "\" in *\"|$next|\"*) path=$next ;; esac\n"
           "    done\n"
           "    case \"$previous\" in\n"
           "        --config | --token-file | --input | --body) COMPREPLY=($(compgen -f -- \"$current\")); "
           "return ;;\n"
           "    esac\n"
           "    case \"$path $previous\" in\n" +
           choices +
           "    esac\n"
           "    if [ -z \"$words\" ]; then\n"
           "        case \"$path\" in\n" +
           cases +
           "        esac\n"
           "        words=\"$words " +
           kGlobals +
           "\"\n"
           "    fi\n"
           "    COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
           "    [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- \"$current\"))\n"
           "}\n"
           "complete -F _signalbox signalbox\n";
}

Result<Exit> completion(Session& session, const Values&) {
    session.out() << script();
    return Exit::Done;
}

}  // namespace

std::vector<Command> completionCommands() {
    return {{{"completion"},
             "Print what makes a shell complete commands and options",
             {{"shell", "SHELL", "The shell", true, false, {"bash"}}},
             {"source <(signalbox completion bash)",
              "signalbox completion bash > ~/.local/share/bash-completion/completions/signalbox"},
             completion}};
}

}  // namespace signalbox::client
