// The entry of libFuzzer, built by `./dev fuzz` with clang; the target is named by SIGNALBOX_FUZZ_TARGET.
// With SIGNALBOX_FUZZ_SEEDS=FOLDER it writes the target's seeds there and ends.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "tests/fuzz/targets.h"

namespace {

const signalbox::fuzz::Target& chosen() {
    static const signalbox::fuzz::Target target = [] {
        const char* name = std::getenv("SIGNALBOX_FUZZ_TARGET");
        for (const auto& known : signalbox::fuzz::targets()) {
            if (name != nullptr && known.name == name) return known;
        }
        std::fputs("SIGNALBOX_FUZZ_TARGET must name one of:", stderr);
        for (const auto& known : signalbox::fuzz::targets()) std::fprintf(stderr, " %s", known.name.c_str());
        std::fputs("\n", stderr);
        std::exit(2);
    }();
    return target;
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    const char* folder = std::getenv("SIGNALBOX_FUZZ_SEEDS");
    if (folder == nullptr) return 0;
    int number = 0;
    for (const auto& seed : chosen().seeds) {
        std::ofstream(std::string(folder) + "/seed" + std::to_string(number++), std::ios::binary) << seed;
    }
    std::exit(0);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    chosen().run({reinterpret_cast<const char*>(data), size});
    return 0;
}
