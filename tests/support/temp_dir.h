// A folder that goes away with the test.
#pragma once

#include <filesystem>
#include <string>

#include "base/crypto.h"

namespace signalbox {

class TempDir {
public:
    TempDir() : path_(std::filesystem::temp_directory_path() / ("signalbox-test-" + toHex(randomBytes(6)))) {
        std::filesystem::create_directories(path_);
    }
    ~TempDir() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;

    std::string path() const { return path_.string(); }
    std::string file(const std::string& name) const { return (path_ / name).string(); }
    std::string sqliteUrl() const {
        return "sqlite://" + file("test.db");
    }  // path() is absolute: three slashes

private:
    std::filesystem::path path_;
};

}  // namespace signalbox
