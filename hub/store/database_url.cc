#include "hub/store/database_url.h"

#include <algorithm>

#include "base/http_message.h"

namespace signalbox::store {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

constexpr const char* kForms =
    "sqlite:///absolute/path, sqlite://relative/path or postgresql://user:password@host:port/database";

Error wrong(const std::string& problem) {
    return Error{ErrorKind::Invalid, "store: database url: " + problem};
}

bool takePrefix(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

// Cuts `text` at the first `mark` and gives what came after it.
std::string_view cutAfter(std::string_view& text, std::size_t at) {
    if (at == std::string_view::npos) return {};
    const auto after = text.substr(at + 1);
    text = text.substr(0, at);
    return after;
}

void addField(Fields& fields, std::string_view name, std::string_view encoded) {
    if (!encoded.empty()) fields.emplace_back(name, percentDecode(encoded));
}

Result<SqliteUrl> parseSqlite(std::string_view path) {
    if (path.empty() || path.ends_with('/')) return wrong("no file name; write " + std::string(kForms));
    if (path == ":memory:") return wrong("a database in memory cannot be kept; give a path");
    if (path.find('?') != std::string_view::npos) return wrong("sqlite takes no options after ?");
    return SqliteUrl{percentDecode(path)};
}

Result<PostgresUrl> parsePostgres(std::string_view rest) {
    const auto options = cutAfter(rest, rest.find('?'));
    const auto database = cutAfter(rest, rest.find('/'));
    std::string_view host = rest;
    std::string_view user;
    if (const auto at = rest.rfind('@'); at != std::string_view::npos) {
        user = rest.substr(0, at);
        host = rest.substr(at + 1);
    }
    const auto password = cutAfter(user, user.find(':'));
    const auto bracket = host.find(']');  // [::1]:5432
    const auto port = cutAfter(host, host.find(':', bracket == std::string_view::npos ? 0 : bracket));
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);

    PostgresUrl url;
    addField(url.fields, "host", host);
    addField(url.fields, "port", port);
    addField(url.fields, "user", user);
    addField(url.fields, "password", password);
    addField(url.fields, "dbname", database);
    for (const auto& [name, value] : parseForm(options)) url.fields.emplace_back(name, value);
    for (const auto& [name, value] : url.fields) {
        const bool is_word =
            std::all_of(name.begin(), name.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
        if (name.empty() || !is_word) return wrong("an option after ? has no plain name");
        // Poco cuts the connection string at spaces, also inside quotes.
        if (value.find_first_of(std::string_view(" \0", 2)) != std::string::npos)
            return wrong("the value of " + name +
                         " has a space, which cannot be passed on; a password with one goes to "
                         "a file: ?passfile=/path");
    }
    return url;
}

std::string quoted(const std::string& value) {
    std::string out = "'";
    for (const char c : value) {
        if (c == '\'' || c == '\\') out += '\\';
        out += c;
    }
    return out + "'";
}

}  // namespace

std::string PostgresUrl::connectionString() const {
    std::string text;
    for (const auto& [name, value] : fields) text += (text.empty() ? "" : " ") + name + "=" + quoted(value);
    return text;
}

std::string PostgresUrl::shown() const {
    std::string host = "localhost";
    std::string database;
    for (const auto& [name, value] : fields) {
        if (name == "host") host = value;
        if (name == "dbname") database = value;
    }
    return host + "/" + database;
}

Result<std::variant<SqliteUrl, PostgresUrl>> parseDatabaseUrl(std::string_view url) {
    if (takePrefix(url, "sqlite://")) {
        auto sqlite = parseSqlite(url);
        if (!sqlite) return sqlite.error();
        return std::variant<SqliteUrl, PostgresUrl>(*std::move(sqlite));
    }
    if (takePrefix(url, "postgresql://") || takePrefix(url, "postgres://")) {
        auto postgres = parsePostgres(url);
        if (!postgres) return postgres.error();
        return std::variant<SqliteUrl, PostgresUrl>(*std::move(postgres));
    }
    return wrong("write " + std::string(kForms));
}

}  // namespace signalbox::store
