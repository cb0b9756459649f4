#include "hub/files/blob_store.h"

#include <algorithm>
#include <set>

#include "base/crypto.h"
#include "hub/files/disk_objects.h"

namespace signalbox {
namespace {

constexpr std::size_t kHexDigits = 64;
constexpr std::size_t kPiece = 1024 * 1024, kFarPiece = 8 * 1024 * 1024;
constexpr std::string_view kEncrypted = ".e";

const Error& missing() {
    static const Error error{ErrorKind::NotFound, "file store: no such file", {}, "not_found"};
    return error;
}

bool isSha256(std::string_view text) {
    return text.size() == kHexDigits && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

class BlobSource : public BodySource {
public:
    BlobSource(std::unique_ptr<ObjectReader> reader, std::uint64_t offset, std::uint64_t length)
        : reader_(std::move(reader)), at_(offset), left_(length), size_(length) {}
    std::uint64_t size() const override { return size_; }
    std::optional<std::string> next(std::size_t max) override {
        auto piece = reader_->read(at_, static_cast<std::size_t>(std::min<std::uint64_t>(left_, max)));
        if (!piece || (piece->empty() && left_ > 0)) return std::nullopt;
        at_ += piece->size();
        left_ -= piece->size();
        return *std::move(piece);
    }

private:
    const std::unique_ptr<ObjectReader> reader_;
    std::uint64_t at_, left_;
    const std::uint64_t size_;
};

class ReaderSource : public ObjectSource {
public:
    explicit ReaderSource(ObjectReader& reader) : reader_(reader) {}
    std::uint64_t size() const override { return reader_.size(); }
    Result<std::string> next(std::size_t max) override {
        auto piece = reader_.read(at_, max);
        if (piece) at_ += piece->size();
        return piece;
    }

private:
    ObjectReader& reader_;
    std::uint64_t at_ = 0;
};

// What lies afar is fetched whole first: a network thread cannot wait for it.
Result<std::unique_ptr<BodySource>> spooled(ObjectReader& reader, std::uint64_t offset, std::uint64_t length,
                                            const std::string& folder) {
    auto made = BodyFile::create(folder);
    if (!made) return made.error();
    std::shared_ptr<BodyFile> file = *std::move(made);
    while (length > 0) {
        const auto piece =
            reader.read(offset, static_cast<std::size_t>(std::min<std::uint64_t>(length, kFarPiece)));
        if (!piece) return piece.error();
        if (piece->empty()) break;
        if (auto kept = file->append(*piece); !kept) return kept.error();
        offset += piece->size();
        length -= piece->size();
    }
    return std::unique_ptr<BodySource>(std::make_unique<BodyFileSource>(std::move(file)));
}

}  // namespace

BlobStore::BlobStore(std::filesystem::path root, std::size_t max_bytes)
    : BlobStore(std::make_unique<DiskObjects>(std::move(root)), {}, "", max_bytes) {}

BlobStore::BlobStore(std::unique_ptr<ObjectStore> objects, BlobCipher cipher, std::string spool,
                     std::size_t max_bytes)
    : objects_(std::move(objects)),
      cipher_(std::move(cipher)),
      spool_(std::move(spool)),
      max_bytes_(max_bytes) {}

Status BlobStore::open() {
    return objects_->open();
}

Result<StoredBlob> BlobStore::put(std::string_view bytes) const {
    if (bytes.size() > max_bytes_) {
        return Error{ErrorKind::Invalid,
                     "file store: " + std::to_string(bytes.size()) + " bytes are more than the " +
                         std::to_string(max_bytes_) + " allowed",
                     {},
                     "too_large"};
    }
    const StoredBlob blob{toHex(hash(HashAlgorithm::Sha256, bytes)), static_cast<std::int64_t>(bytes.size())};
    if (ask_) {
        if (auto agreed = ask_(blob.sha256); !agreed) return agreed.error();
    }
    for (const std::string_view ending : {kEncrypted, std::string_view()}) {
        const auto is_there = objects_->has(blob.sha256 + std::string(ending));
        if (!is_there) return is_there.error();
        if (*is_there) return blob;
    }
    MemorySource source(bytes);
    if (auto stored = store(blob.sha256, source); !stored) return stored.error();
    return blob;
}

Status BlobStore::store(const std::string& sha256, ObjectSource& plain) const {
    if (!cipher_.newest) return objects_->put(sha256, plain);
    const BlobKey key = cipher_.newest();
    return objects_->put(sha256 + std::string(kEncrypted), *encrypting(plain, key, sha256));
}

Result<std::unique_ptr<ObjectReader>> BlobStore::reader(const std::string& sha256) const {
    if (!isSha256(sha256)) return missing();  // never a path of the caller's making
    // A blob is encrypted after all while somebody asks for it: look for the encrypted one again.
    for (int attempt = 0; attempt < 2; ++attempt) {
        if (cipher_.find) {
            auto sealed = objects_->read(sha256 + std::string(kEncrypted));
            if (sealed) return decrypting(*std::move(sealed), cipher_.find, sha256);
            if (sealed.error().kind != ErrorKind::NotFound) return sealed.error();
        }
        auto plain = objects_->read(sha256);
        if (plain || plain.error().kind != ErrorKind::NotFound) return plain;
    }
    return missing();
}

Result<std::unique_ptr<BodySource>> BlobStore::open(std::string_view sha256, std::uint64_t offset,
                                                    std::uint64_t length) const {
    auto opened = reader(std::string(sha256));
    if (!opened) return opened.error();
    if (!objects_->isLocal()) return spooled(**opened, offset, length, spool_);
    return std::unique_ptr<BodySource>(std::make_unique<BlobSource>(*std::move(opened), offset, length));
}

Result<std::string> BlobStore::read(std::string_view sha256) const {
    auto opened = reader(std::string(sha256));
    if (!opened) return opened.error();
    std::string bytes;
    bytes.reserve((*opened)->size());
    while (bytes.size() < (*opened)->size()) {
        const auto piece = (*opened)->read(bytes.size(), objects_->isLocal() ? kPiece : kFarPiece);
        if (!piece) return piece.error();
        if (piece->empty()) break;
        bytes += *piece;
    }
    if (toHex(hash(HashAlgorithm::Sha256, bytes)) != sha256)
        return Error{ErrorKind::Unavailable, "file store: read: the content is damaged", {}, "damaged"};
    return bytes;
}

Status BlobStore::remove(const std::string& sha256) const {
    if (!isSha256(sha256)) return missing();
    if (auto removed = objects_->remove(sha256); !removed) return removed;
    return objects_->remove(sha256 + std::string(kEncrypted));
}

Status BlobStore::list(const std::function<void(const std::string&)>& tell,
                       const std::stop_token& stop) const {
    return objects_->list(
        [&](const std::string& name) {
            std::string sha256 = name;
            if (sha256.ends_with(kEncrypted)) sha256.resize(sha256.size() - kEncrypted.size());
            if (isSha256(sha256)) tell(sha256);
        },
        stop);
}

Result<bool> BlobStore::encryptAnew(const std::string& sha256) const {
    if (!cipher_.newest || !isSha256(sha256)) return false;
    const auto has_plain = objects_->has(sha256);
    if (!has_plain) return has_plain.error();
    auto sealed = objects_->read(sha256 + std::string(kEncrypted));
    if (!sealed && sealed.error().kind != ErrorKind::NotFound) return sealed.error();
    if (sealed) {
        const auto number = keyNumberOf(**sealed);
        if (!number) return number.error();
        if (*number == cipher_.newest().number && !*has_plain) return false;
    }
    auto plain = reader(sha256);
    if (!plain && plain.error().kind == ErrorKind::NotFound) return false;  // collected meanwhile
    if (!plain) return plain.error();
    ReaderSource source(**plain);
    if (auto stored = store(sha256, source); !stored) return stored.error();
    if (*has_plain) {
        if (auto removed = objects_->remove(sha256); !removed) return removed.error();
    }
    return true;
}

}  // namespace signalbox
