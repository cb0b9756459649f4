// The randomness of a walk: the same numbers each time it is repeated.
#pragma once

#include <cstdint>

namespace signalbox::workflow {

// The step of SplitMix64: neighbouring numbers become unrelated ones.
inline std::uint64_t mix(std::uint64_t x) {
    x += 0x9e3779b97f4a7c15;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
}

}  // namespace signalbox::workflow
