// A throw-away PostgreSQL for tests: one server for each test program, in a folder of its own, reachable only
// through a socket there; it dies with the program. Used from one thread.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/support/temp_folder.h"

namespace signalbox {

class PostgresServer {
public:
    // False where the server's programs are not installed: tests then leave PostgreSQL out. Installed but
    // not starting is a failure.
    static bool isInstalled();
    // The program's server, started at the first call. Throws std::runtime_error when it does not start.
    static PostgresServer& instance();

    ~PostgresServer();
    PostgresServer(const PostgresServer&) = delete;
    PostgresServer& operator=(const PostgresServer&) = delete;

    // A new empty database; the URL for openStore.
    std::string createDatabase();

    // As if the machine had failed: connections break at once.
    void kill();
    void start();

private:
    PostgresServer();
    void stop(int signal);

    TempFolder folder_;
    pid_t process_ = -1;
    int databases_ = 0;
};

}  // namespace signalbox
