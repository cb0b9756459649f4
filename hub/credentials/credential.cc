#include "hub/credentials/credential.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/crypto.h"

namespace signalbox {
namespace {

constexpr std::size_t kMaxMember = 8'192, kMaxHosts = 50, kMaxName = 64;
constexpr std::string_view kStandardPrefix = "whsec_";

struct Member {
    const char* name;
    bool is_secret, is_required;
};
struct Type {
    const char* name;
    std::vector<Member> members;
    bool needs_hosts;
};
const std::vector<Type>& types() {
    static const std::vector<Type> all = {
        {"bearer", {{"token", true, true}}, true},
        {"basic", {{"username", false, true}, {"password", true, true}}, true},
        {"header", {{"header", false, true}, {"value", true, true}}, true},
        {"query", {{"parameter", false, true}, {"value", true, true}}, true},
        {"oauth2",
         {{"token_url", false, true},
          {"client_id", false, true},
          {"client_secret", true, true},
          {"scope", false, false},
          {"audience", false, false},
          {"send_in", false, false}},
         true},
        {"url", {{"url", true, true}}, false},
        {"signing", {{"secret", true, true}, {"previous_secret", true, false}}, false}};
    return all;
}

const Type* findType(std::string_view name) {
    for (const Type& type : types())
        if (name == type.name) return &type;
    return nullptr;
}

Error fault(const std::string& place, const std::string& what) {
    return {ErrorKind::Invalid, place + ": " + what, {}, "invalid_request"};
}

bool isClean(std::string_view text) {
    return std::none_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7f;
    });
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    return out;
}

Status readMembers(Credential& credential, const Type& type, const Json& form) {
    for (const Member& member : type.members) {
        const Json& value = memberAt(form, member.name);
        if (value.is_null() && !member.is_required) continue;
        if (!value.is_string() || value.get_ref<const std::string&>().empty())
            return fault(member.name,
                         "is missing; a credential of type " + std::string(type.name) + " has it");
        const auto& text = value.get_ref<const std::string&>();
        if (text.size() > kMaxMember) return fault(member.name, "at most 8192 bytes");
        if (!isClean(text)) return fault(member.name, "must not hold control characters");
        credential.members[member.name] = text;
    }
    return Done{};
}

Status checkKnown(const Json& form, const Type& type) {
    constexpr std::array kShown = {"name",       "type",       "hosts",     "revision",
                                   "changed_by", "created_at", "changed_at"};
    for (const auto& [name, value] : form.items()) {
        const bool is_known = std::find(kShown.begin(), kShown.end(), name) != kShown.end() ||
                              std::any_of(type.members.begin(), type.members.end(),
                                          [&](const Member& member) { return name == member.name; });
        if (!is_known)
            return fault(name.substr(0, 40),
                         "is no member of a credential of type " + std::string(type.name));
    }
    return Done{};
}

Status checkMembers(const Credential& credential) {
    if (credential.type == "oauth2") {
        const std::string url = credential.text("token_url"), where = credential.text("send_in");
        if (!url.starts_with("https://") && !url.starts_with("http://"))
            return fault("token_url", "must be an absolute address");
        if (!where.empty() && where != "header" && where != "body")
            return fault("send_in", "must be header or body");
    }
    if (credential.type == "url" && !credential.text("url").starts_with("https://") &&
        !credential.text("url").starts_with("http://"))
        return fault("url", "must be an absolute address");
    if (credential.type == "basic" && credential.text("username").find(':') != std::string::npos)
        return fault("username", "must not hold a colon");
    for (const char* member : {"secret", "previous_secret"}) {
        const std::string text = credential.text(member);
        if (text.starts_with(kStandardPrefix) &&
            !fromBase64(std::string_view(text).substr(kStandardPrefix.size())))
            return fault(member, "what follows whsec_ must be base64");
    }
    return Done{};
}

Status readHosts(Credential& credential, const Type& type, const Json& hosts) {
    if (hosts.is_null() && !type.needs_hosts) return Done{};
    if (!hosts.is_array() || (hosts.empty() && type.needs_hosts) || hosts.size() > kMaxHosts)
        return fault("hosts", "must be a list of 1 to 50 names such as api.example.org");
    for (const Json& one : hosts) {
        if (!one.is_string()) return fault("hosts", "must be a list of names such as api.example.org");
        if (auto host = parseAllowedHost(one.get_ref<const std::string&>()); !host) return host.error();
        credential.hosts.push_back(one.get<std::string>());
    }
    return Done{};
}

}  // namespace

bool AllowedHost::covers(bool tls, std::string_view name, std::uint16_t number) const {
    if (tls != is_tls || number != port.value_or(is_tls ? 443 : 80)) return false;
    if (host.starts_with('.')) return name.size() > host.size() && name.ends_with(host);
    return name == host;
}

Result<AllowedHost> parseAllowedHost(std::string_view text) {
    const Error wrong = fault("hosts", "\"" + std::string(text.substr(0, 100)) +
                                           "\" is no host; write api.example.org, *.example.org, "
                                           "api.example.org:8443 or http://10.0.0.5:8080");
    AllowedHost host;
    if (text.starts_with("https://")) {
        text.remove_prefix(8);
    } else if (text.starts_with("http://")) {
        host.is_tls = false;
        text.remove_prefix(7);
    }
    const bool is_v6 = text.starts_with('[');
    const auto end = is_v6 ? text.find(']') : text.find(':');
    std::string_view rest = end == std::string_view::npos ? "" : text.substr(end + (is_v6 ? 1 : 0));
    host.host =
        lower(is_v6 ? text.substr(1, end == std::string_view::npos ? end : end - 1) : text.substr(0, end));
    if (host.host.starts_with("*.")) host.host.erase(0, 1);
    constexpr std::string_view kName = "abcdefghijklmnopqrstuvwxyz0123456789.-_";
    constexpr std::string_view kV6 = "0123456789abcdef:.";
    if (host.host.size() < 2 || host.host.find_first_not_of(is_v6 ? kV6 : kName) != std::string::npos)
        return wrong;
    if (host.host.starts_with('.') && host.host.find('.', 1) == std::string::npos) return wrong;  // *.com
    if (rest.empty()) return host;
    std::uint16_t port = 0;
    const auto read = std::from_chars(rest.data() + 1, rest.data() + rest.size(), port);
    if (rest[0] != ':' || read.ec != std::errc() || read.ptr != rest.data() + rest.size() || port == 0)
        return wrong;
    host.port = port;
    return host;
}

std::vector<Secret> Credential::secrets() const {
    std::vector<Secret> out;
    const Type* found = findType(type);
    if (found == nullptr) return out;
    for (const Member& member : found->members) {
        if (member.is_secret && members.contains(member.name)) out.emplace_back(text(member.name));
    }
    if (type == "basic") out.emplace_back(toBase64(text("username") + ':' + text("password")));
    return out;
}

Status Credential::mayGoTo(bool is_tls, std::string_view host, std::uint16_t port) const {
    for (const std::string& allowed : hosts) {
        const auto one = parseAllowedHost(allowed);
        if (one && one->covers(is_tls, lower(host), port)) return Done{};
    }
    std::string place = is_tls ? "" : "http://";
    place += host;
    if (port != (is_tls ? 443 : 80)) place += ':' + std::to_string(port);
    return Error{ErrorKind::Rejected,
                 "credential \"" + name + "\": must not be sent to " + place +
                     "; add that to its hosts if it is right",
                 {},
                 "credential_host"};
}

Result<Credential> readCredential(const Json& form) {
    if (!form.is_object()) return fault("body", "must be an object with name, type and hosts");
    Credential credential;
    credential.name = textAt(form, "name");
    if (credential.name.empty() || credential.name.size() > kMaxName ||
        credential.name.find_first_not_of(
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") != std::string::npos)
        return fault("name", "1–64 of a–z A–Z 0–9 . _ -");
    credential.type = textAt(form, "type");
    const Type* type = findType(credential.type);
    if (type == nullptr) {
        std::string words;
        for (const auto& name : credentialTypes()) words += (words.empty() ? "" : ", ") + name;
        return fault("type", "one of " + words);
    }
    if (auto known = checkKnown(form, *type); !known) return known.error();
    if (auto read = readMembers(credential, *type, form); !read) return read.error();
    if (auto checked = checkMembers(credential); !checked) return checked.error();
    if (auto read = readHosts(credential, *type, memberAt(form, "hosts")); !read) return read.error();
    return credential;
}

Json shownForm(const Credential& credential) {
    Json out = {{"name", credential.name}, {"type", credential.type}, {"hosts", credential.hosts}};
    const Type* type = findType(credential.type);
    if (type == nullptr) return out;
    for (const Member& member : type->members) {
        if (!credential.members.contains(member.name)) continue;
        out[member.name] = member.is_secret ? Json("***") : credential.members[member.name];
    }
    return out;
}

std::vector<std::string> credentialTypes() {
    std::vector<std::string> names;
    for (const Type& type : types()) names.emplace_back(type.name);
    return names;
}

std::vector<Secret> signingKeys(const Credential& credential) {
    std::vector<Secret> keys;
    for (const char* member : {"secret", "previous_secret"}) {
        const std::string text = credential.text(member);
        if (text.empty()) continue;
        if (!text.starts_with(kStandardPrefix)) {
            keys.emplace_back(text);
        } else if (auto key = fromBase64(std::string_view(text).substr(kStandardPrefix.size()))) {
            keys.emplace_back(std::move(*key));
        }
    }
    return keys;
}

}  // namespace signalbox
