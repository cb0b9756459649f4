// Where the bytes of stored content lie: named objects, written once as a whole, read in pieces. Implemented
// by DiskObjects (a folder) and by daemon/storage (S3). What the bytes are is the blob store's affair. All
// implementations are thread-safe, also over several processes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.h"

namespace signalbox {

// What is to be stored, piece by piece. One thread.
class ObjectSource {
public:
    virtual ~ObjectSource() = default;
    virtual std::uint64_t size() const = 0;
    // At most `max` bytes, fewer only at the end; empty: that was all.
    virtual Result<std::string> next(std::size_t max) = 0;
};

// One object, open for reading. One thread.
class ObjectReader {
public:
    virtual ~ObjectReader() = default;
    virtual std::uint64_t size() const = 0;
    // Fewer bytes than asked for only at the end.
    virtual Result<std::string> read(std::uint64_t offset, std::size_t length) = 0;
};

class ObjectStore {
public:
    virtual ~ObjectStore() = default;
    // Once, before anything else.
    virtual Status open() = 0;
    virtual Result<bool> has(const std::string& name) = 0;
    // Stored for good before it returns; an older object of this name is replaced as a whole.
    virtual Status put(const std::string& name, ObjectSource& source) = 0;
    // NotFound: there is none of this name.
    virtual Result<std::unique_ptr<ObjectReader>> read(const std::string& name) = 0;
    // Done as well when there is none.
    virtual Status remove(const std::string& name) = 0;
    // Every object's name, in no order. What is put or removed meanwhile may be told or not.
    virtual Status list(const std::function<void(const std::string&)>& tell, const std::stop_token& stop) = 0;
    // Reads are so quick that a network thread may wait for them.
    virtual bool isLocal() const = 0;
};

// The bytes in memory; borrowed.
class MemorySource : public ObjectSource {
public:
    explicit MemorySource(std::string_view bytes) : left_(bytes), size_(bytes.size()) {}
    std::uint64_t size() const override { return size_; }
    Result<std::string> next(std::size_t max) override {
        std::string piece(left_.substr(0, max));
        left_.remove_prefix(piece.size());
        return piece;
    }

private:
    std::string_view left_;
    const std::uint64_t size_;
};

}  // namespace signalbox
