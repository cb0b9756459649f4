// A folder of its own in another one, that goes with everything in it. One thread.
#pragma once

#include <string>

namespace signalbox {

class WorkFolder {
public:
    // "" as path: it could not be made.
    explicit WorkFolder(const std::string& parent);
    ~WorkFolder();
    WorkFolder(const WorkFolder&) = delete;
    WorkFolder& operator=(const WorkFolder&) = delete;
    const std::string& path() const { return path_; }

private:
    std::string path_;
};

}  // namespace signalbox
