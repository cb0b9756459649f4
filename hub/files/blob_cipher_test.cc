#include "hub/files/blob_cipher.h"

#include <boost/test/unit_test.hpp>

#include "base/crypto.h"

namespace signalbox {
namespace {

const BlobKey kKey{7, Secret(std::string(32, 'k'))};

class MemoryReader : public ObjectReader {
public:
    explicit MemoryReader(std::string bytes) : bytes_(std::move(bytes)) {}
    std::uint64_t size() const override { return bytes_.size(); }
    Result<std::string> read(std::uint64_t offset, std::size_t length) override {
        return offset > bytes_.size() ? std::string() : bytes_.substr(offset, length);
    }

private:
    const std::string bytes_;
};

std::string sealed(std::string_view plain, const std::string& name = "name", std::size_t piece = 1000) {
    MemorySource source(plain);
    const auto encrypted = encrypting(source, kKey, name);
    std::string out;
    for (auto next = encrypted->next(piece); next && !next->empty(); next = encrypted->next(piece))
        out += *next;
    BOOST_TEST(out.size() == encrypted->size());
    return out;
}

Result<std::unique_ptr<ObjectReader>> opened(std::string bytes, const std::string& name = "name") {
    return decrypting(
        std::make_unique<MemoryReader>(std::move(bytes)),
        [](std::int64_t number) { return number == kKey.number ? std::optional(kKey.key) : std::nullopt; },
        name);
}

// What reading all of it says: the content, or the error's code.
std::string readAll(std::string bytes, const std::string& name = "name") {
    auto reader = opened(std::move(bytes), name);
    if (!reader) return reader.error().code;
    const auto read = (*reader)->read(0, static_cast<std::size_t>((*reader)->size()));
    return read ? *read : read.error().code;
}

std::string text(std::size_t size) {
    std::string out;
    while (out.size() < size) out += "line " + std::to_string(out.size()) + "\n";
    out.resize(size);
    return out;
}

constexpr std::size_t kPiece = 64 * 1024;

}  // namespace

BOOST_AUTO_TEST_CASE(what_was_encrypted_comes_back_whole_and_in_any_part) {
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{1}, kPiece - 1, kPiece, kPiece + 1, 3 * kPiece + 17}) {
        const std::string plain = text(size), bytes = sealed(plain);

        BOOST_TEST((readAll(bytes) == plain));
        BOOST_TEST(bytes.find("line 0") == std::string::npos);
        const auto reader = opened(bytes);
        BOOST_REQUIRE(reader.ok());
        BOOST_TEST((*reader)->size() == size);
        for (const std::size_t offset : {std::size_t{0}, size / 2, kPiece - 3, kPiece, 2 * kPiece + 5}) {
            const std::string wanted = offset < size ? plain.substr(offset, 100'000) : "";
            BOOST_TEST((*(*reader)->read(offset, 100'000) == wanted));
        }
    }
}

BOOST_AUTO_TEST_CASE(the_same_content_looks_different_each_time) {
    BOOST_TEST((sealed("hello") != sealed("hello")));
}

BOOST_AUTO_TEST_CASE(a_changed_byte_anywhere_is_noticed) {
    const std::string bytes = sealed("what nobody may change");

    for (std::size_t i = 0; i < bytes.size(); ++i) {
        std::string changed = bytes;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        const std::string said = readAll(changed);
        BOOST_TEST((said == "damaged" || said == "blob_key"), "byte " << i << ": " << said);
    }
}

BOOST_AUTO_TEST_CASE(pieces_cannot_be_cut_off_swapped_or_moved_to_another_name) {
    const std::string bytes = sealed(text(3 * kPiece));
    constexpr std::size_t kHead = 56, kSealedPiece = kPiece + 16;
    std::string swapped = bytes;
    std::swap_ranges(swapped.begin() + kHead, swapped.begin() + kHead + kSealedPiece,
                     swapped.begin() + kHead + kSealedPiece);

    BOOST_TEST(readAll(bytes.substr(0, bytes.size() - kSealedPiece)) == "damaged");
    BOOST_TEST(readAll(bytes.substr(0, 20)) == "damaged");
    BOOST_TEST(readAll(swapped) == "damaged");
    BOOST_TEST(readAll(bytes, "another name") == "damaged");
}

}  // namespace signalbox
