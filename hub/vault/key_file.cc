#include "hub/vault/key_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "base/aead.h"
#include "base/crypto.h"

namespace signalbox {
namespace {

Error failure(const std::filesystem::path& file, const std::string& what) {
    return {ErrorKind::Unavailable, "vault key file " + file.string() + ": " + what, {}, "vault_key_file"};
}

bool writeAll(int file, std::string_view text) {
    while (!text.empty()) {
        const auto written = ::write(file, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

void syncFolder(const std::filesystem::path& folder) {
    const int opened = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (opened < 0) return;
    (void)fsync(opened);
    ::close(opened);
}

}  // namespace

VaultKey makeVaultKey(std::int64_t number) {
    return {number, Secret(randomBytes(kAeadKeyBytes))};
}

Result<std::vector<VaultKey>> readKeyFile(const std::filesystem::path& file) {
    struct stat about {};
    if (::stat(file.c_str(), &about) != 0) {
        if (errno == ENOENT)
            return Error{ErrorKind::NotFound,
                         "vault key file " + file.string() + " is not there",
                         {},
                         "vault_key_file"};
        return failure(file, std::strerror(errno));
    }
    if ((about.st_mode & 077U) != 0)
        return Error{ErrorKind::Invalid,
                     "vault key file " + file.string() + ": others may read it; chmod 0400 it",
                     {},
                     "vault_key_file"};
    std::ifstream in(file);
    if (!in) return failure(file, "cannot be read");
    std::vector<VaultKey> keys;
    for (std::string line; std::getline(in, line);) {
        if (line.empty() || line.starts_with('#')) continue;
        std::istringstream words(line);
        VaultKey key;
        std::string text;
        words >> key.number >> text;
        const auto bytes = fromBase64(text);
        if (key.number < 1 || !bytes || bytes->size() != kAeadKeyBytes)
            return Error{ErrorKind::Invalid,
                         "vault key file " + file.string() + ": a line is no «number base64-of-32-bytes»",
                         {},
                         "vault_key_file"};
        key.key = Secret(*bytes);
        keys.push_back(std::move(key));
    }
    if (keys.empty())
        return Error{
            ErrorKind::Invalid, "vault key file " + file.string() + ": no key in it", {}, "vault_key_file"};
    return keys;
}

Status writeKeyFile(const std::filesystem::path& file, const std::vector<VaultKey>& keys) {
    std::string text =
        "# Keys of signalbox's vault. Without them the stored credentials cannot be opened: keep a copy.\n";
    for (const VaultKey& key : keys)
        text += std::to_string(key.number) + ' ' + toBase64(key.key.reveal()) + '\n';
    const std::filesystem::path fresh = file.string() + ".new";
    ::unlink(fresh.c_str());
    const int opened = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400);
    if (opened < 0) return failure(file, std::string("cannot be written: ") + std::strerror(errno));
    const bool is_written = writeAll(opened, text) && fsync(opened) == 0;
    ::close(opened);
    if (!is_written) return failure(file, std::string("cannot be written: ") + std::strerror(errno));
    std::error_code renamed;
    std::filesystem::rename(fresh, file, renamed);
    if (renamed) return failure(file, "cannot be written: " + renamed.message());
    syncFolder(file.parent_path());
    return Done{};
}

}  // namespace signalbox
