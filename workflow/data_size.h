// How large data are, and how large those of a run may be: what a node gives is kept with its run until the
// run is over, so a small graph could otherwise fill the memory. Pure; used by the walker while a run grows
// and by params while they are filled in.
#pragma once

#include <cstddef>
#include <optional>

#include "base/json.h"
#include "base/result.h"

namespace signalbox::workflow {

// Far below what is read back (kOwnJson), so whatever is within these can be written and read.
inline constexpr std::size_t kMaxRunBytes = 64 << 20, kMaxRunValues = 4'000'000;
inline constexpr unsigned kMaxDataDepth = 100;

// The codes of the errors below.
inline constexpr std::string_view kRunTooLarge = "run_too_large", kDataTooDeep = "data_too_deep";

struct DataSize {
    std::size_t bytes = 0;   // of it as JSON, about
    std::size_t values = 0;  // every text, number, list … in it
    unsigned depth = 0;      // lists and objects inside of each other

    // What is nested deeper than kMaxDataDepth is not looked into.
    static DataSize of(const Json& value);
    DataSize& operator+=(const DataSize& other);
    bool isWithin(std::size_t max_bytes, std::size_t max_values) const {
        return bytes <= max_bytes && values <= max_values;
    }
};

// `what`: "the data of this run". They name the limit and a way out.
Error tooLarge(const std::string& what);
std::optional<Error> depthError(const DataSize& size);

}  // namespace signalbox::workflow
