#include "daemon/client/program.h"

#include "daemon/client/command_line.h"
#include "daemon/client/text_width.h"
#include "daemon/client/token_source.h"

namespace signalbox::client {
namespace {

int fail(Terminal terminal, const Error& error) {
    terminal.err << "signalbox: " << printable(error.message) << '\n';
    return static_cast<int>(exitFor(error));
}

}  // namespace

int runProgram(const std::vector<std::string>& arguments, const std::string& version, Terminal terminal,
               Clock& clock) {
    const Invocation invocation = parseCommandLine(arguments, allCommands(), version);
    if (invocation.command == nullptr) {
        (invocation.exit == Exit::Done ? terminal.out : terminal.err) << invocation.output;
        return static_cast<int>(invocation.exit);
    }
    const auto token = findToken(invocation.globals);
    if (!token) return fail(terminal, token.error());
    // Whoever gives a URL to this program may reach it anyway.
    const auto http = makeHttpClient({.allow_any = true, .any_port = true});
    Api api(*http, invocation.globals.url, *token);
    Session session(api, *http, *token, terminal, clock, invocation.globals.is_json);
    const auto exit = invocation.command->run(session, invocation.values);
    terminal.out.flush();
    return exit ? static_cast<int>(*exit) : fail(terminal, exit.error());
}

}  // namespace signalbox::client
