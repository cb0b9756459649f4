// Keeps a second process away from a SQLite database: an flock on «<database>.lock», gone with the process.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"

namespace signalbox::store {

class LockFile {
public:
    // Conflict when another process holds it; the message names its number.
    static Result<std::unique_ptr<LockFile>> take(const std::string& path);
    ~LockFile();
    LockFile(const LockFile&) = delete;
    LockFile& operator=(const LockFile&) = delete;

private:
    explicit LockFile(int file) : file_(file) {}
    const int file_;
};

}  // namespace signalbox::store
