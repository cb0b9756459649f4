#include "hub/store/postgres_values.h"

#include <libpq-fe.h>

#include <bit>
#include <charconv>
#include <limits>

#include "hub/store/postgres_text.h"

namespace signalbox::store {
namespace {

// pg_type.oid, fixed by PostgreSQL.
constexpr Oid kUnknown = 0, kBool = 16, kBytea = 17, kInt8 = 20, kInt2 = 21, kInt4 = 23, kText = 25,
              kOid = 26, kFloat4 = 700, kFloat8 = 701, kNumeric = 1700;
constexpr int kBinary = 1;

double realOf(std::string_view text) {
    double real = std::numeric_limits<double>::quiet_NaN();
    std::from_chars(text.data(), text.data() + text.size(), real);  // also NaN and Infinity
    return real;
}

// SUM and AVG over BIGINT are «numeric»: whole numbers stay whole, as in SQLite.
Cell numberOf(std::string_view text) {
    std::int64_t integer = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), integer);
    if (read.ec == std::errc() && read.ptr == text.data() + text.size()) return integer;
    return realOf(text);
}

std::string bytesOf(const char* text) {
    std::size_t size = 0;
    const std::unique_ptr<unsigned char, decltype(&PQfreemem)> bytes(
        PQunescapeBytea(reinterpret_cast<const unsigned char*>(text), &size), &PQfreemem);
    if (!bytes) throw std::bad_alloc();
    return {reinterpret_cast<const char*>(bytes.get()), size};
}

Cell cellOf(const PGresult* result, int row, int column) {
    if (PQgetisnull(result, row, column) != 0) return nullptr;
    const char* value = PQgetvalue(result, row, column);
    const std::string_view text(value, static_cast<std::size_t>(PQgetlength(result, row, column)));
    switch (PQftype(result, column)) {
        case kInt8:
        case kInt4:
        case kInt2:
        case kOid:
        case kNumeric:
            return numberOf(text);
        case kFloat4:
        case kFloat8:
            return realOf(text);
        case kBool:
            return static_cast<std::int64_t>(text == "t");
        case kBytea:
            return bytesOf(value);
        default:
            return std::string(text);
    }
}

}  // namespace

PostgresParameters::PostgresParameters(std::span<const Value> values) {
    types_.reserve(values.size());
    values_.reserve(values.size());
    for (const auto& value : values) {
        if (const auto* integer = std::get_if<std::int64_t>(&value)) {
            addNumber('i', kInt8, static_cast<std::uint64_t>(*integer));
        } else if (const auto* text = std::get_if<std::string_view>(&value)) {
            add('t', kText, isStorableText(*text) ? *text : owned_.emplace_back(storableText(*text)));
        } else if (const auto* blob = std::get_if<Blob>(&value)) {
            add('b', kBytea, blob->bytes);
        } else if (const auto* real = std::get_if<double>(&value)) {
            addNumber('r', kFloat8, std::bit_cast<std::uint64_t>(*real));
        } else {
            add('n', kUnknown, {});  // the column it meets tells the type
            values_.back() = nullptr;
        }
    }
}

void PostgresParameters::add(char letter, unsigned type, std::string_view bytes) {
    signature_ += letter;
    types_.push_back(type);
    values_.push_back(bytes.empty() ? "" : bytes.data());
    lengths_.push_back(static_cast<int>(bytes.size()));
    formats_.push_back(kBinary);
}

void PostgresParameters::addNumber(char letter, unsigned type, std::uint64_t bits) {
    std::string bytes(8, '\0');
    for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<char>(bits >> (56 - 8 * i));
    add(letter, type, owned_.emplace_back(std::move(bytes)));
}

Rows rowsOf(const PGresult* result) {
    const int columns = PQnfields(result);
    const int count = PQntuples(result);
    Rows rows;
    rows.reserve(static_cast<std::size_t>(count));
    for (int row = 0; row < count; ++row) {
        std::vector<Cell> cells;
        cells.reserve(static_cast<std::size_t>(columns));
        for (int column = 0; column < columns; ++column) cells.push_back(cellOf(result, row, column));
        rows.emplace_back(std::move(cells));
    }
    return rows;
}

}  // namespace signalbox::store
