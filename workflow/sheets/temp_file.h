// A file without a name, for what is too large for memory; it goes with its owner, and with the process.
// Written by one thread, then read by any.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace signalbox::workflow {

class TempFile {
public:
    // Unavailable: no file can be made in `folder`.
    static Result<std::unique_ptr<TempFile>> create(const std::string& folder);
    ~TempFile();
    TempFile(const TempFile&) = delete;
    TempFile& operator=(const TempFile&) = delete;

    Status append(std::string_view bytes);
    // Before the first read.
    Status flush();
    std::uint64_t size() const { return size_; }
    // How many bytes were read: fewer than `length` at the end only; -1: the disk.
    std::int64_t read(std::uint64_t at, char* out, std::uint64_t length) const;
    // Exactly `length` bytes. Unavailable: they are not there.
    Result<std::string> piece(std::uint64_t at, std::uint64_t length) const;

private:
    explicit TempFile(int fd) : fd_(fd) {}

    const int fd_;
    std::string buffer_;
    std::uint64_t size_ = 0;
};

}  // namespace signalbox::workflow
