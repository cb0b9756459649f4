#include "hub/files/blob_cipher.h"

#include <openssl/evp.h>

#include <algorithm>
#include <stdexcept>

#include "base/crypto.h"

namespace signalbox {
namespace {

constexpr std::string_view kMagic("SBXBLOB1", 8);
constexpr std::size_t kSalt = 32, kHead = 8 + 8 + 8 + kSalt;
constexpr std::size_t kPiece = 64 * 1024, kTag = 16, kNonce = 12;

struct ContextEnd {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, ContextEnd>;

std::string bigEndian(std::uint64_t value) {
    std::string out(8, '\0');
    for (int i = 7; i >= 0; --i, value >>= 8)
        out[static_cast<std::size_t>(i)] = static_cast<char>(value & 0xFF);
    return out;
}

std::uint64_t readBigEndian(std::string_view bytes) {
    std::uint64_t value = 0;
    for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
    return value;
}

const unsigned char* bytesOf(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytesOf(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}

// 1 for the last piece, three zeros, the piece's number.
std::string nonceOf(std::uint64_t piece, bool is_last) {
    return std::string{static_cast<char>(is_last), '\0', '\0', '\0'} + bigEndian(piece);
}

// The pieces of one blob under its own key.
class PieceCipher {
public:
    PieceCipher(const Secret& key, std::string head, std::string name)
        : key_(hmac(HashAlgorithm::Sha256, key.reveal(), head.substr(kHead - kSalt))),
          bound_(std::move(head) + std::move(name)),
          context_(EVP_CIPHER_CTX_new()) {
        if (!context_) throw std::bad_alloc();
    }

    std::string seal(std::string_view plain, std::uint64_t piece, bool is_last) {
        begin(piece, is_last, true);
        std::string out(plain.size() + kTag, '\0');
        int length = 0;
        check(EVP_EncryptUpdate(context_.get(), bytesOf(out), &length, bytesOf(plain),
                                static_cast<int>(plain.size())));
        check(EVP_EncryptFinal_ex(context_.get(), bytesOf(out) + length, &length));
        check(EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_GCM_GET_TAG, kTag, out.data() + plain.size()));
        return out;
    }

    std::optional<std::string> open(std::string_view sealed, std::uint64_t piece, bool is_last) {
        if (sealed.size() < kTag) return std::nullopt;
        begin(piece, is_last, false);
        std::string tag(sealed.substr(sealed.size() - kTag));
        sealed.remove_suffix(kTag);
        std::string out(sealed.size(), '\0');
        int length = 0;
        check(EVP_DecryptUpdate(context_.get(), bytesOf(out), &length, bytesOf(sealed),
                                static_cast<int>(sealed.size())));
        check(EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_GCM_SET_TAG, kTag, tag.data()));
        if (EVP_DecryptFinal_ex(context_.get(), bytesOf(out) + length, &length) != 1) return std::nullopt;
        return out;
    }

private:
    static void check(int result) {
        if (result != 1) throw std::runtime_error("file store: the cipher failed");
    }
    void begin(std::uint64_t piece, bool is_last, bool is_sealing) {
        const std::string nonce = nonceOf(piece, is_last);
        check(EVP_CipherInit_ex(context_.get(), EVP_aes_256_gcm(), nullptr, bytesOf(key_.reveal()),
                                bytesOf(nonce), is_sealing ? 1 : 0));
        int length = 0;
        check(EVP_CipherUpdate(context_.get(), nullptr, &length, bytesOf(bound_),
                               static_cast<int>(bound_.size())));
    }

    const Secret key_;
    const std::string bound_;
    const Context context_;
};

std::uint64_t piecesOf(std::uint64_t plain) {
    return plain == 0 ? 1 : (plain + kPiece - 1) / kPiece;
}

class Encrypting : public ObjectSource {
public:
    Encrypting(ObjectSource& plain, const BlobKey& key, std::string name)
        : plain_(plain),
          ready_(std::string(kMagic) + bigEndian(static_cast<std::uint64_t>(key.number)) +
                 bigEndian(plain.size()) + randomBytes(kSalt)),
          cipher_(key.key, ready_, std::move(name)),
          pieces_(piecesOf(plain.size())) {}

    std::uint64_t size() const override { return kHead + plain_.size() + pieces_ * kTag; }

    Result<std::string> next(std::size_t max) override {
        while (ready_.size() < max && at_ < pieces_) {
            const auto piece = plain_.next(kPiece);
            if (!piece) return piece.error();
            ready_ += cipher_.seal(*piece, at_, at_ + 1 == pieces_);
            ++at_;
        }
        std::string out = ready_.substr(0, max);
        ready_.erase(0, out.size());
        return out;
    }

private:
    ObjectSource& plain_;
    std::string ready_;
    PieceCipher cipher_;
    const std::uint64_t pieces_;
    std::uint64_t at_ = 0;
};

Error damaged() {
    return {ErrorKind::Unavailable, "file store: the content is damaged", {}, "damaged"};
}

class Decrypting : public ObjectReader {
public:
    Decrypting(std::unique_ptr<ObjectReader> sealed, const Secret& key, const std::string& head,
               std::string name)
        : sealed_(std::move(sealed)),
          size_(readBigEndian(std::string_view(head).substr(16, 8))),
          cipher_(key, head, std::move(name)) {}

    std::uint64_t size() const override { return size_; }

    Result<std::string> read(std::uint64_t offset, std::size_t length) override {
        std::string out;
        while (out.size() < length && offset < size_) {
            const auto piece = pieceAt(offset / kPiece);
            if (!piece) return piece.error();
            const auto part = std::string_view(*piece).substr(static_cast<std::size_t>(offset % kPiece),
                                                              length - out.size());
            if (part.empty()) return damaged();
            out += part;
            offset += part.size();
        }
        return out;
    }

private:
    // Readers come in order and in parts: the piece at hand is kept.
    Result<std::string> pieceAt(std::uint64_t number) {
        if (number == kept_number_) return kept_;
        const bool is_last = number + 1 == piecesOf(size_);
        const auto sealed = sealed_->read(kHead + number * (kPiece + kTag), kPiece + kTag);
        if (!sealed) return sealed.error();
        auto plain = cipher_.open(*sealed, number, is_last);
        if (!plain) return damaged();
        kept_ = *std::move(plain);
        kept_number_ = number;
        return kept_;
    }

    const std::unique_ptr<ObjectReader> sealed_;
    const std::uint64_t size_;
    PieceCipher cipher_;
    std::uint64_t kept_number_ = ~std::uint64_t{0};
    std::string kept_;
};

}  // namespace

std::unique_ptr<ObjectSource> encrypting(ObjectSource& plain, const BlobKey& key, std::string name) {
    return std::make_unique<Encrypting>(plain, key, std::move(name));
}

Result<std::int64_t> keyNumberOf(ObjectReader& sealed) {
    const auto head = sealed.read(0, kHead);
    if (!head) return head.error();
    if (head->size() < kHead || !head->starts_with(kMagic)) return damaged();
    return static_cast<std::int64_t>(readBigEndian(std::string_view(*head).substr(8, 8)));
}

Result<std::unique_ptr<ObjectReader>> decrypting(std::unique_ptr<ObjectReader> sealed,
                                                 const FindBlobKey& keys, std::string name) {
    const auto number = keyNumberOf(*sealed);
    if (!number) return number.error();
    const auto head = sealed->read(0, kHead);
    if (!head) return head.error();
    const auto key = keys(*number);
    if (!key)
        return Error{ErrorKind::Unavailable,
                     "file store: key " + std::to_string(*number) +
                         " of stored content is not in the database; restore the table blob_keys",
                     {},
                     "blob_key"};
    return std::unique_ptr<ObjectReader>(
        std::make_unique<Decrypting>(std::move(sealed), *key, *head, std::move(name)));
}

}  // namespace signalbox
