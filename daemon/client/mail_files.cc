#include "daemon/client/mail_files.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "daemon/client/session.h"

namespace signalbox::client {
namespace {

namespace fs = std::filesystem;

bool hasEnding(const std::string& name, std::initializer_list<std::string_view> endings) {
    return std::any_of(endings.begin(), endings.end(),
                       [&](std::string_view ending) { return name.ends_with(ending); });
}

bool isHeaderLine(std::string_view line) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) return false;
    std::string name(line.substr(0, colon));
    while (!name.empty() && (name.back() == ' ' || name.back() == '\t')) name.pop_back();
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    static const std::set<std::string> kNames{"from",
                                              "to",
                                              "cc",
                                              "bcc",
                                              "subject",
                                              "date",
                                              "sender",
                                              "reply-to",
                                              "message-id",
                                              "received",
                                              "return-path",
                                              "delivered-to",
                                              "mime-version",
                                              "content-type",
                                              "content-transfer-encoding",
                                              "in-reply-to",
                                              "references",
                                              "list-id",
                                              "resent-from",
                                              "authentication-results",
                                              "arc-seal",
                                              "dkim-signature",
                                              "envelope-to",
                                              "delivery-date"};
    return kNames.contains(name) || name.starts_with("x-");
}

// A folder of mails has other files too: notes, expected results, indexes. A mail is what is named like one,
// or has a header line that mails have among its first lines.
bool isMail(const fs::path& path) {
    std::string name = path.filename().string();
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (name.starts_with('.')) return false;
    if (hasEnding(name, {".eml", ".msg", ".mbox", ".mail", ".email", ".emlx", ".rfc822"})) return true;
    if (hasEnding(name, {".json", ".yaml", ".yml", ".md", ".html", ".htm", ".py", ".pl", ".rb", ".js", ".go",
                         ".xml", ".csv", ".pdf", ".png", ".jpg", ".gif", ".zip", ".gz"}))
        return false;
    std::ifstream in(path, std::ios::binary);
    std::string head(16 * 1024, '\0');
    in.read(head.data(), static_cast<std::streamsize>(head.size()));
    head.resize(static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0)));
    if (head.starts_with("From ")) return true;
    std::istringstream lines(head);
    bool is_begun = false;
    for (std::string line; std::getline(lines, line);) {
        if (!line.empty() && line.back() == '\r') line.pop_back();
        if (line.empty() && is_begun) return false;
        is_begun = is_begun || !line.empty();
        if (isHeaderLine(line)) return true;
    }
    return false;
}

// «From ada@example.org Mon Jan  2 10:00:00 2006», the line between the mails of an mbox file.
bool isEnvelopeLine(std::string_view line) {
    if (!line.starts_with("From ") || line.size() > 300) return false;
    static constexpr std::string_view kDays = "MonTueWedThuFriSatSun";
    for (std::size_t i = 5; i + 4 < line.size(); ++i) {
        const auto day = kDays.find(line.substr(i + 1, 3));
        if (line[i] == ' ' && line[i + 4] == ' ' && day != std::string_view::npos && day % 3 == 0)
            return true;
    }
    return false;
}

// «From 5e0b… Mon Sep 17 00:00:00 2001»: git writes this date above each patch, also inside of mails.
bool isPatchLine(std::string_view line) {
    return line.starts_with("From ") && line.find(" Mon Sep 17 00:00:00 2001") != std::string_view::npos;
}

}  // namespace

std::vector<std::string> mailFiles(const std::vector<std::string>& names) {
    std::vector<std::string> files;
    for (const std::string& name : names) {
        std::error_code error;
        if (name == "-" || !fs::is_directory(name, error)) {
            files.push_back(name);
            continue;
        }
        std::vector<std::string> inside;
        for (auto it =
                 fs::recursive_directory_iterator(name, fs::directory_options::skip_permission_denied, error);
             it != fs::recursive_directory_iterator(); it.increment(error)) {
            if (error) break;
            if (it->is_regular_file(error) && isMail(it->path())) inside.push_back(it->path().string());
        }
        std::sort(inside.begin(), inside.end());
        files.insert(files.end(), inside.begin(), inside.end());
    }
    return files;
}

std::string otherThanMail(std::string_view bytes) {
    using namespace std::string_view_literals;
    if (bytes.empty()) return "an empty file";
    static constexpr std::pair<std::string_view, const char*> kBegin[] = {
        {"\x1f\x8b"sv, "a gzip file; unpack it first"},
        {"PK\x03\x04"sv, "a zip file; unpack it first"},
        {"BZh"sv, "a bzip2 file; unpack it first"},
        {"\xfd"
         "7zXZ"sv,
         "an xz file; unpack it first"},
        {"\x28\xb5\x2f\xfd"sv, "a zstd file; unpack it first"},
        {"\xd0\xcf\x11\xe0"sv, "a message of Outlook (.msg); save it as .eml, or convert it"},
        {"\xff\xfe"sv, "UTF-16 text; a mail is saved as it came, byte for byte"},
        {"\xfe\xff"sv, "UTF-16 text; a mail is saved as it came, byte for byte"},
        {"%PDF"sv, "a PDF"}};
    for (const auto& [begin, what] : kBegin)
        if (bytes.starts_with(begin)) return what;
    if (bytes.size() > 262 && bytes.substr(257, 5) == "ustar") return "a tar archive; unpack it first";
    return "";
}

Result<std::string> readMailFile(const std::string& name) {
    std::error_code error;
    if (name == "-") {
        std::string bytes;
        char buffer[65536];
        while (const std::size_t count = std::fread(buffer, 1, sizeof buffer, stdin))
            bytes.append(buffer, count);
        return bytes;
    }
    if (fs::is_directory(name, error)) return usageError(name + ": is a folder");
    std::ifstream in(name, std::ios::binary);
    if (!in) return usageError(name + ": cannot be read; does it exist and may you read it?");
    std::string bytes((std::istreambuf_iterator<char>(in)), {});
    if (in.bad()) return usageError(name + ": cannot be read to its end");
    return bytes;
}

std::vector<std::string_view> mailsOf(std::string_view bytes) {
    std::vector<std::string_view> mails;
    if (!bytes.starts_with("From ")) return {bytes};
    const bool is_patches = isPatchLine(bytes.substr(0, bytes.find('\n')));
    std::size_t begin = 0;
    bool is_after_empty = false;
    for (std::size_t at = 0; at < bytes.size();) {
        const auto end = std::min(bytes.find('\n', at), bytes.size());
        const std::string_view line = bytes.substr(at, end - at);
        if (at > begin && is_after_empty && isEnvelopeLine(line) && (is_patches || !isPatchLine(line))) {
            mails.push_back(bytes.substr(begin, at - begin));
            begin = at;
        }
        is_after_empty = line.empty() || line == "\r";
        at = std::min(end + 1, bytes.size());
    }
    mails.push_back(bytes.substr(begin));
    return mails;
}

}  // namespace signalbox::client
