#include "daemon/confined/work_folder.h"

#include <cstdlib>
#include <filesystem>

namespace signalbox {

WorkFolder::WorkFolder(const std::string& parent) : path_(parent + "/work-XXXXXX") {
    if (mkdtemp(path_.data()) == nullptr) path_.clear();
}

WorkFolder::~WorkFolder() {
    std::error_code error;
    if (!path_.empty()) std::filesystem::remove_all(path_, error);
}

}  // namespace signalbox
