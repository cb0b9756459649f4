// Bodies that are too large for memory: a request's in a file of its own, a response's read piece by piece.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace signalbox {

// A temporary file that goes when the last one lets go of it. Written by one thread, then read by any.
class BodyFile {
public:
    // In `folder`, which exists; the name is gone from there at once, so nothing is left behind by a crash.
    static Result<std::unique_ptr<BodyFile>> create(const std::string& folder);
    ~BodyFile();
    BodyFile(const BodyFile&) = delete;
    BodyFile& operator=(const BodyFile&) = delete;

    Status append(std::string_view bytes);
    std::size_t size() const { return size_; }
    // The content, mapped: it takes no memory of ours. After the last append. Unavailable: cannot be mapped.
    Result<std::string_view> bytes();

private:
    explicit BodyFile(int fd) : fd_(fd) {}
    const int fd_;
    std::size_t size_ = 0;
    void* mapped_ = nullptr;
};

// What a large response is made of. One thread.
class BodySource {
public:
    virtual ~BodySource() = default;
    virtual std::uint64_t size() const = 0;
    // The next bytes, at most `max`; nothing when it cannot go on (the connection then breaks off, so that
    // nobody takes a part for the whole). Short calls only: a network thread asks.
    virtual std::optional<std::string> next(std::size_t max) = 0;
};

// A body file's content from `offset` on.
class BodyFileSource : public BodySource {
public:
    explicit BodyFileSource(std::shared_ptr<BodyFile> file) : file_(std::move(file)) {}
    std::uint64_t size() const override { return file_->size(); }
    std::optional<std::string> next(std::size_t max) override;

private:
    const std::shared_ptr<BodyFile> file_;  // shared with whoever wrote it
    std::size_t at_ = 0;
};

}  // namespace signalbox
