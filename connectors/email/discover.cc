#include "connectors/email/discover.h"

#include <arpa/nameser.h>
#include <netinet/in.h>
#include <resolv.h>

#include <algorithm>
#include <cstdlib>

namespace signalbox::email {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMaxFile = 64 * 1024;

std::vector<std::string> lookUpExchangers(const std::string& domain) {
    std::vector<unsigned char> answer(8 * 1024);
    const int length =
        ::res_query(domain.c_str(), ns_c_in, ns_t_mx, answer.data(), static_cast<int>(answer.size()));
    ns_msg message;
    if (length < 0 || ::ns_initparse(answer.data(), length, &message) != 0) return {};
    std::vector<std::pair<unsigned, std::string>> found;
    for (int i = 0; i < ns_msg_count(message, ns_s_an); ++i) {
        ns_rr record;
        if (::ns_parserr(&message, ns_s_an, i, &record) != 0 || ns_rr_type(record) != ns_t_mx) continue;
        char name[NS_MAXDNAME];
        const unsigned char* data = ns_rr_rdata(record);
        if (::ns_name_uncompress(ns_msg_base(message), ns_msg_end(message), data + 2, name, sizeof name) < 0)
            continue;
        found.emplace_back(ns_get16(data), name);
    }
    std::sort(found.begin(), found.end());
    std::vector<std::string> names;
    for (auto& [preference, name] : found) names.push_back(std::move(name));
    return names;
}

void replaceAll(std::string& text, const std::string& what, const std::string& with) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
        text.replace(at, what.size(), with);
}

std::optional<std::string> fetch(const std::string& url, HttpClient& http, const std::stop_token& stop) {
    HttpRequest request;
    request.target = url;
    HttpOptions options;
    options.connect_timeout = 3s;
    options.read_timeout = options.total_timeout = 6s;
    options.max_response_bytes = kMaxFile;
    auto response = http.send(request, options, stop);
    if (!response || response->status != 200) return std::nullopt;
    return std::move(response->body);
}

// ---- a small reader of the few elements that a config-v1.1.xml holds; anything else is passed by

struct Element {
    std::string_view attributes, inner;
    std::size_t end = 0;
};

std::optional<Element> nextElement(std::string_view xml, std::string_view name, std::size_t from) {
    const std::string open = "<" + std::string(name), close = "</" + std::string(name) + ">";
    auto at = xml.find(open, from);
    while (at != std::string_view::npos) {
        const char after = at + open.size() < xml.size() ? xml[at + open.size()] : ' ';
        if (after == '>' || after == ' ' || after == '\t' || after == '\n' || after == '\r') break;
        at = xml.find(open, at + 1);
    }
    if (at == std::string_view::npos) return std::nullopt;
    const auto tag_end = xml.find('>', at);
    const auto end = xml.find(close, at);
    if (tag_end == std::string_view::npos || end == std::string_view::npos || tag_end > end)
        return std::nullopt;
    return Element{xml.substr(at + open.size(), tag_end - at - open.size()),
                   xml.substr(tag_end + 1, end - tag_end - 1), end + close.size()};
}

std::string textOf(std::string_view xml, std::string_view name) {
    const auto element = nextElement(xml, name, 0);
    if (!element) return "";
    std::string text(element->inner);
    for (const auto& [entity, c] :
         {std::pair{"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&apos;", "'"}, {"&amp;", "&"}})
        replaceAll(text, entity, c);
    const auto from = text.find_first_not_of(" \t\r\n"), to = text.find_last_not_of(" \t\r\n");
    return from == std::string::npos ? "" : text.substr(from, to - from + 1);
}

bool isHostName(std::string_view host) {
    return !host.empty() && host.size() < 254 && std::all_of(host.begin(), host.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
               c == '-';
    });
}

// What stands in a comment does not count.
std::string withoutComments(std::string xml) {
    for (auto at = xml.find("<!--"); at != std::string::npos; at = xml.find("<!--", at)) {
        const auto end = xml.find("-->", at + 4);
        xml.erase(at, end == std::string::npos ? std::string::npos : end + 3 - at);
    }
    return xml;
}

// Files for many domains name theirs so, in names of hosts as well.
std::string filledIn(std::string text, const std::string& address) {
    const auto at = address.rfind('@');
    replaceAll(text, "%EMAILADDRESS%", address);
    replaceAll(text, "%EMAILLOCALPART%", address.substr(0, at));
    replaceAll(text, "%EMAILDOMAIN%", address.substr(at + 1));
    return text;
}

bool hasType(std::string_view attributes, std::string_view type) {
    for (const char quote : {'"', '\''}) {
        if (attributes.find(quote + std::string(type) + quote) != std::string_view::npos) return true;
    }
    return false;
}

struct FoundServer {
    Server server;
    std::string username;
    bool wants_oauth = false;
};

// The first encrypted server of this type; files list the best one first.
std::optional<FoundServer> serverOf(std::string_view xml, std::string_view element_name,
                                    std::string_view type, const std::string& address) {
    std::optional<Element> element = nextElement(xml, element_name, 0);
    for (; element; element = nextElement(xml, element_name, element->end)) {
        if (!hasType(element->attributes, type)) continue;
        const std::string security = textOf(element->inner, "socketType");
        const std::string port = textOf(element->inner, "port");
        FoundServer found;
        found.server.host = filledIn(textOf(element->inner, "hostname"), address);
        const int number = std::atoi(port.c_str());
        if (!isHostName(found.server.host) || number <= 0 || number > 65535) continue;
        if (security != "SSL" && security != "STARTTLS") continue;
        found.server.port = static_cast<std::uint16_t>(number);
        found.server.security = security == "SSL" ? Security::Tls : Security::StartTls;
        found.username = textOf(element->inner, "username");
        found.wants_oauth = textOf(element->inner, "authentication") == "OAuth2";
        return found;
    }
    return std::nullopt;
}

const char* wordOf(Security security) {
    if (security == Security::StartTls) return "starttls";
    return security == Security::None ? "none" : "tls";
}

Json toJson(const Server& server) {
    return {{"host", server.host}, {"port", server.port}, {"security", wordOf(server.security)}};
}

}  // namespace

Result<Discovered> readAutoconfig(const std::string& file, const std::string& address) {
    const Error useless{ErrorKind::NotFound,
                        "autoconfig: the file names no encrypted IMAP and SMTP server",
                        {},
                        "autoconfig"};
    if (file.find("<!ENTITY") != std::string::npos) return useless;
    const std::string xml = withoutComments(file);
    const auto imap = serverOf(xml, "incomingServer", "imap", address);
    const auto smtp = serverOf(xml, "outgoingServer", "smtp", address);
    if (!imap || !smtp) return useless;
    Discovered found;
    found.provider = {imap->server.host, imap->server, smtp->server, false, imap->wants_oauth};
    if (const auto known = findProviderOfHost(imap->server.host)) {
        found.provider.name = known->name;
        found.provider.saves_sent = known->saves_sent;
    }
    found.username = filledIn(imap->username.empty() ? "%EMAILADDRESS%" : imap->username, address);
    found.source = "autoconfig";
    return found;
}

Result<Discovered> discover(const std::string& address, const DiscoverParts& parts,
                            const std::stop_token& stop) {
    const auto at = address.rfind('@');
    if (at == std::string::npos || at == 0 || !isHostName(address.substr(at + 1)))
        return Error{ErrorKind::Invalid, "address: no e-mail address", {}, "invalid_request"};
    std::string domain = address.substr(at + 1);
    for (char& c : domain) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    if (const auto known = findProvider(domain)) return Discovered{*known, address, "provider"};
    const auto exchangers = parts.exchangers ? parts.exchangers(domain) : lookUpExchangers(domain);
    for (const std::string& exchanger : exchangers) {
        if (const auto known = findProviderOfHost(exchanger)) return Discovered{*known, address, "mx"};
    }
    std::vector<std::string> places = parts.places;
    if (places.empty()) {
        places = {"https://autoconfig.{domain}/mail/config-v1.1.xml?emailaddress={address}",
                  "https://{domain}/.well-known/autoconfig/mail/config-v1.1.xml?emailaddress={address}",
                  "https://autoconfig.thunderbird.net/v1.1/{domain}"};
    }
    for (std::string place : places) {
        replaceAll(place, "{domain}", domain);
        replaceAll(place, "{address}", percentEncode(address));
        const auto xml = fetch(place, parts.http, stop);
        auto found =
            xml ? readAutoconfig(*xml, address) : Result<Discovered>(Error{ErrorKind::NotFound, "", {}, ""});
        if (found) return found;
    }
    return Error{
        ErrorKind::NotFound,
        "mail: nobody tells the servers of " + domain + "; ask the provider for its IMAP and SMTP host",
        {},
        "not_found"};
}

Json toJson(const Discovered& found, const std::string& address) {
    Json config = {{"type", "email"},
                   {"address", address},
                   {"imap", toJson(found.provider.imap)},
                   {"smtp", toJson(found.provider.smtp)}};
    if (found.username != address) config["username"] = found.username;
    return {{"provider", found.provider.name},
            {"source", found.source},
            {"wants_oauth", found.provider.wants_oauth},
            {"config", std::move(config)}};
}

}  // namespace signalbox::email
