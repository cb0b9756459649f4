// Objects as files of one folder: <root>/ab/abcdef…. File and folder are flushed before `put` returns, and a
// half-written one is never seen under its name. Thread-safe, also over several processes.
#pragma once

#include <filesystem>

#include "hub/files/object_store.h"

namespace signalbox {

class DiskObjects : public ObjectStore {
public:
    explicit DiskObjects(std::filesystem::path root) : root_(std::move(root)) {}

    // Makes the folders and clears what a crash left half written.
    Status open() override;
    Result<bool> has(const std::string& name) override;
    Status put(const std::string& name, ObjectSource& source) override;
    Result<std::unique_ptr<ObjectReader>> read(const std::string& name) override;
    Status remove(const std::string& name) override;
    Status list(const std::function<void(const std::string&)>& tell, const std::stop_token& stop) override;
    bool isLocal() const override { return true; }

private:
    std::filesystem::path pathOf(const std::string& name) const;

    const std::filesystem::path root_;
};

}  // namespace signalbox
