// signalboxd: reads its options, then starts the daemon, checks the configuration, or makes a token.
#include <Poco/Util/IntValidator.h>
#include <Poco/Util/Option.h>
#include <Poco/Util/OptionSet.h>
#include <Poco/Util/RegExpValidator.h>
#include <Poco/Util/ServerApplication.h>
#include <signal.h>

#include <algorithm>
#include <iostream>
#include <iterator>

#include "base/log.h"
#include "daemon/app/app.h"
#include "daemon/app/commands.h"
#include "daemon/app/options.h"
#include "daemon/app/search_commands.h"
#include "daemon/config/config.h"
#include "daemon/config/suggestion.h"

// Read by jemalloc: one arena a processor instead of four, since most of the daemon's threads sleep.
extern "C" const char* const malloc_conf = "percpu_arena:phycpu";

namespace signalbox {
namespace {

using Poco::Util::Option;

constexpr int kOk = 0, kRefused = 1, kUsage = 64;

class Daemon : public Poco::Util::ServerApplication {
public:
    void defineOptions(Poco::Util::OptionSet& options) override {
        ServerApplication::defineOptions(options);
        options.addOption(Option("help", "h", "show this text").binding("help", nullptr));
        options.addOption(Option("version", "", "show the version"));
        options.addOption(
            Option("config", "c", "the configuration, e.g. etc/signalbox.yaml").argument("FILE"));
        options.addOption(
            Option("data", "", "folder for the database and files (default: next to FILE)").argument("DIR"));
        options.addOption(
            Option("listen", "", "where to listen, instead of what FILE says; port 0: any free one")
                .argument("HOST:PORT"));
        options.addOption(Option("check", "", "check the configuration, list every problem, and end"));
        options.addOption(Option("org", "", "user create, token create: the organization").argument("NAME"));
        options.addOption(Option("email", "", "user create: how the user signs in").argument("ADDRESS"));
        options.addOption(
            Option("role", "",
                   "user create: admin, agent, crew, subcontractor, customer, viewer or one of the "
                   "organization's own; token create: admin, agent or viewer")
                .argument("ROLE"));
        options.addOption(Option("name", "", "token create: what it is for; user create: the user's name")
                              .argument("NAME"));
        options.addOption(
            Option("password-stdin", "", "user create: the password is read from the standard input"));
    }

    void handleOption(const std::string& name, const std::string& value) override {
        given_[name] = value;
        if (name == "help" || name == "version") stopOptionsProcessing();
    }

    int main(const std::vector<std::string>& words) override {
        if (given_.contains("help")) return help();
        if (given_.contains("version")) return std::cout << "signalboxd " SIGNALBOX_VERSION << '\n', kOk;
        if (const std::string name = nameOf(words); !words.empty() && !isCommand(name))
            return usage("no command «" + name + "»" + config::suggestionFor(name, kCommands) +
                         "; there are: token create, org create, user create, search rebuild");
        if (!given_.contains("config")) return usage("--config FILE is missing");
        auto config = config::loadConfig(given_["config"], config::installedSchemas(), given_["data"]);
        if (!config) return std::cerr << config.error().message << '\n', kRefused;
        log::configure(config->log.level, config->log.format);
        auto options = appOptions(*config, SIGNALBOX_VERSION);
        if (given_.contains("listen") && !listenOn(given_["listen"], options.server)) {
            return usage("--listen takes HOST:PORT, e.g. 127.0.0.1:8080");
        }
        if (given_.contains("check")) {
            if (auto good = checkAccounts(options); !good)
                return std::cerr << good.error().message << '\n', kRefused;
            return std::cout << "configuration ok\n", kOk;
        }
        if (words.empty()) return serve(std::move(options));
        if (words == std::vector<std::string>{"search", "rebuild"}) return rebuildIndex(options);
        return command(words, options);
    }

private:
    inline static const std::vector<std::string> kCommands = {"token create", "org create", "user create",
                                                              "search rebuild"};

    static std::string nameOf(const std::vector<std::string>& words) {
        if (words.empty()) return "";
        return words[0] + (words.size() > 1 ? ' ' + words[1] : "");
    }
    static bool isCommand(const std::string& name) {
        return std::find(kCommands.begin(), kCommands.end(), name) != kCommands.end();
    }

    static int help() {
        std::cout
            << R"(signalboxd receives what providers call back, keeps it, runs workflows on it, and sends what is to be sent.

usage:
  signalboxd --config FILE [--data DIR] [--listen HOST:PORT]
  signalboxd --config FILE --check
  signalboxd token create --config FILE --role ROLE [--org NAME] [--name NAME]
  signalboxd org create --config FILE NAME
  signalboxd user create --config FILE --org NAME --email ADDRESS --role ROLE [--name NAME] --password-stdin
  signalboxd search rebuild --config FILE

options:
  -c, --config FILE      the configuration, e.g. etc/signalbox.yaml
  --check                check it, list every problem, and end
  --data DIR             folder of the database and the files (else: next to FILE)
  --listen HOST:PORT     where to listen, instead of what FILE says; port 0: any free one
  --daemon               go on in the background; --umask=MASK and --pidfile=PATH go with it
  -h, --help             show this text
  --version              show the version

of the commands:
  --org NAME             user create, token create: the organization
  --role ROLE            token create: admin, agent or viewer; user create: also crew, subcontractor, customer,
                         or one of the organization's own
  --email ADDRESS        how the user signs in
  --name NAME            what a token is for; a user's name
  --password-stdin       the password is read from the standard input
)";
        return kOk;
    }

    static int usage(const std::string& fault) {
        std::cerr << "signalboxd: " << fault << "\nsignalboxd --help tells more\n";
        return kUsage;
    }

    std::string given(const std::string& name, const std::string& fallback = "") const {
        const auto it = given_.find(name);
        return it == given_.end() ? fallback : it->second;
    }

    int command(const std::vector<std::string>& words, const AppOptions& options) {
        const std::string name = nameOf(words);
        if (name == "token create" && words.size() == 2) return createToken(options);
        if (name == "org create" && words.size() == 3) return createOrg(options, words[2]);
        if (name == "org create") return usage("org create takes one NAME");
        if (name == "user create" && words.size() == 2) return createUserOf(options);
        return usage(name + " takes no further words");
    }

    int createToken(const AppOptions& options) {
        if (!given_.contains("role")) return usage("--role takes admin, agent or viewer");
        const auto token = makeToken(options, given("org"), given("role"), given("name", "command line"));
        if (!token && token.error().kind == ErrorKind::Invalid) return usage(token.error().message);
        if (!token) return failed(token.error());
        std::cout << token->text.reveal() << std::endl;
        return kOk;
    }

    static int rebuildIndex(const AppOptions& options) {
        const auto rebuilt = rebuildSearch(options);
        if (!rebuilt) return failed(rebuilt.error());
        std::cout << *rebuilt << " in the index\n";
        return kOk;
    }

    static int createOrg(const AppOptions& options, const std::string& name) {
        const auto made = createOrganization(options, name);
        if (!made) return failed(made.error());
        if (!made->is_new) std::cerr << "signalboxd: it exists already\n";
        std::cout << idText(kOrgId, made->id) << std::endl;
        return kOk;
    }

    int createUserOf(const AppOptions& options) {
        for (const char* option : {"org", "email", "role"}) {
            if (!given_.contains(option))
                return usage(std::string("user create: --") + option + " is missing");
        }
        if (!given_.contains("password-stdin"))
            return usage("user create: the password comes on the standard input, with --password-stdin");
        std::string password{std::istreambuf_iterator<char>(std::cin), {}};
        while (!password.empty() && (password.back() == '\n' || password.back() == '\r')) password.pop_back();
        const auto user = createUser(options, {given("org"), given("email"), given("name"), given("role"),
                                               Secret(std::move(password))});
        if (!user) return failed(user.error());
        std::cout << idText(kUserId, *user) << std::endl;
        return kOk;
    }

    int serve(AppOptions options) {
        // Before the first thread: all of them inherit the mask, and only this one takes signals.
        sigset_t signals;
        sigemptyset(&signals);
        for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, number);
        pthread_sigmask(SIG_BLOCK, &signals, nullptr);
        signal(SIGPIPE, SIG_IGN);

        const std::string host = options.server.host;
        const bool is_tls = !options.server.tls_certificate_file.empty();
        auto app = App::create(std::move(options));
        if (!app) return failed(app.error());
        if (auto started = (*app)->start(); !started) return failed(started.error());
        std::cout << "listening on " << (is_tls ? "https://" : "http://") << host << ':' << (*app)->port()
                  << std::endl;
        while (waitForSignal(signals) == SIGHUP) reload(**app);
        log::info("stopping");
        (*app)->stop();
        return (*app)->isBroken() ? kRefused : kOk;
    }

    static int failed(const Error& error) {
        std::cerr << "signalboxd: " << error.message << '\n';
        return kRefused;
    }

    static int waitForSignal(const sigset_t& signals) {
        int number = 0;
        while (sigwait(&signals, &number) != 0) {
        }
        return number;
    }

    void reload(App& app) {
        const auto config = config::loadConfig(given_["config"], config::installedSchemas(), given_["data"]);
        if (!config) {
            log::error("reload_refused", {{"error", config.error().message}});
            return;
        }
        log::configure(config->log.level, config->log.format);
        Status reloaded = Done{};
        try {
            reloaded = app.reload(appOptions(*config, SIGNALBOX_VERSION).accounts);
        } catch (const std::exception& failure) {
            reloaded = Error{ErrorKind::Unavailable, failure.what()};
        }
        if (!reloaded) log::error("reload_failed", {{"error", reloaded.error().message}});
        if (reloaded) log::info("reloaded", {{"accounts", std::to_string(config->accounts.size())}});
    }

    std::map<std::string, std::string> given_;
};

}  // namespace
}  // namespace signalbox

int main(int argc, char** argv) {
    signalbox::Daemon daemon;
    return daemon.run(argc, argv);
}
