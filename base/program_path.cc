#include "base/program_path.h"

#include <filesystem>

namespace signalbox {

std::string programBeside(std::string_view name) {
    const auto folder = std::filesystem::read_symlink("/proc/self/exe").parent_path();
    const auto beside = folder / name, above = folder.parent_path() / name;
    return std::filesystem::exists(beside) || !std::filesystem::exists(above) ? beside : above;
}

}  // namespace signalbox
