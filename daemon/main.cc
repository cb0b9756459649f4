// signalboxd: reads its options, then starts the daemon, checks the configuration, or makes a token.
#include <Poco/Util/HelpFormatter.h>
#include <Poco/Util/IntValidator.h>
#include <Poco/Util/Option.h>
#include <Poco/Util/OptionSet.h>
#include <Poco/Util/RegExpValidator.h>
#include <Poco/Util/ServerApplication.h>
#include <signal.h>

#include <iostream>

#include "base/log.h"
#include "daemon/app/app.h"
#include "daemon/app/options.h"
#include "daemon/config/config.h"

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
        options.addOption(Option("role", "", "token create: admin, agent or viewer").argument("ROLE"));
        options.addOption(Option("name", "", "token create: what it is for").argument("NAME"));
    }

    void handleOption(const std::string& name, const std::string& value) override {
        given_[name] = value;
        if (name == "help" || name == "version") stopOptionsProcessing();
    }

    int main(const std::vector<std::string>& words) override {
        if (given_.contains("help")) return help();
        if (given_.contains("version")) return std::cout << "signalboxd " SIGNALBOX_VERSION << '\n', kOk;
        if (!given_.contains("config")) return usage("--config FILE is missing");
        auto config = config::loadConfig(given_["config"], config::installedSchemas(), given_["data"]);
        if (!config) return std::cerr << config.error().message << '\n', kRefused;
        log::configure(config->log.level, config->log.format);
        auto options = appOptions(*config, SIGNALBOX_VERSION);
        if (given_.contains("listen") && !listenOn(given_["listen"], options.server)) {
            return usage("--listen takes HOST:PORT, e.g. 127.0.0.1:8080");
        }
        if (given_.contains("check")) return std::cout << "configuration ok\n", kOk;
        if (words.empty()) return serve(std::move(options));
        if (words == std::vector<std::string>{"token", "create"}) return createToken(options);
        return usage("no command «" + words[0] + "»; there is: token create");
    }

private:
    int help() {
        Poco::Util::HelpFormatter text(options());
        text.setUnixStyle(true);
        text.setCommand("signalboxd");
        text.setUsage(
            "--config FILE [--data DIR] [--listen HOST:PORT]\n"
            "       signalboxd --config FILE --check\n"
            "       signalboxd token create --config FILE --role admin [--name NAME]");
        text.setHeader(
            "Receives what providers call back, keeps it, runs workflows on it, and sends what is to be "
            "sent.");
        text.format(std::cout);
        return kOk;
    }

    static int usage(const std::string& fault) {
        std::cerr << "signalboxd: " << fault << "\nsignalboxd --help tells more\n";
        return kUsage;
    }

    int createToken(const AppOptions& options) {
        const auto role = parseRole(given_.contains("role") ? given_["role"] : "");
        if (!role) return usage("--role takes admin, agent or viewer");
        const auto token =
            makeToken(options, *role, given_.contains("name") ? given_["name"] : "command line");
        if (!token) return std::cerr << "signalboxd: " << token.error().message << '\n', kRefused;
        std::cout << token->text.reveal() << std::endl;
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
