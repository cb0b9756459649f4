// Values on their way to PostgreSQL and back: parameters in its binary form with their types said, results
// by the type of their column.
#pragma once

#include <deque>

#include "hub/store/store.h"

struct pg_result;

namespace signalbox::store {

// Borrows the bytes of `values`.
class PostgresParameters {
public:
    explicit PostgresParameters(std::span<const Value> values);
    PostgresParameters(const PostgresParameters&) = delete;
    PostgresParameters& operator=(const PostgresParameters&) = delete;

    int count() const { return static_cast<int>(values_.size()); }
    const unsigned* types() const { return types_.data(); }
    const char* const* values() const { return values_.data(); }
    const int* lengths() const { return lengths_.data(); }
    const int* formats() const { return formats_.data(); }
    // One letter a value: statements are prepared for the types of their values.
    const std::string& signature() const { return signature_; }

private:
    void add(char letter, unsigned type, std::string_view bytes);
    void addNumber(char letter, unsigned type, std::uint64_t bits);

    std::vector<unsigned> types_;
    std::vector<const char*> values_;
    std::vector<int> lengths_;
    std::vector<int> formats_;
    std::string signature_;
    std::deque<std::string> owned_;  // numbers in network order, repaired text; a deque does not move them
};

Rows rowsOf(const pg_result* result);

}  // namespace signalbox::store
