#include "hub/outbox/unsubscribe.h"

#include <algorithm>

namespace signalbox {
namespace {

// The daemon's own idea of where it listens is nothing for other people's mail programs.
bool isReachable(const std::string& public_url) {
    constexpr std::string_view kScheme = "https://";
    if (!public_url.starts_with(kScheme)) return false;
    const std::string_view host = std::string_view(public_url).substr(kScheme.size());
    for (const char* own : {"127.", "0.0.0.0", "localhost", "["}) {
        if (host.starts_with(own)) return false;
    }
    return true;
}

}  // namespace

Json unsubscribeWays(const std::string& token, const std::string& own_address, const std::string& public_url,
                     bool has_one_recipient) {
    Json ways = Json::array();
    if (has_one_recipient && isReachable(public_url)) {
        const bool has_slash = public_url.ends_with('/');
        ways.push_back((has_slash ? public_url.substr(0, public_url.size() - 1) : public_url) +
                       std::string(kUnsubscribePath) + token);
    }
    ways.push_back("mailto:" + own_address + "?subject=unsubscribe%20" + token);
    return ways;
}

std::optional<Suppression> unsubscription(Reader& reader, Id message, const std::string& sender) {
    const auto written = findOwnMail(reader, message);
    if (!written) return std::nullopt;
    const auto& parties = written->parties;
    const bool is_party = std::find(parties.begin(), parties.end(), sender) != parties.end();
    std::string address = is_party ? sender : "";
    // Only the one recipient of that mail has the link, whoever joined the conversation later; and a person
    // may write from another address.
    if (address.empty() && (sender.empty() || parties.size() == 1)) address = written->peer;
    if (address.empty()) return std::nullopt;
    Suppression entry;
    entry.org = written->org;
    entry.address = address;
    entry.reason = "unsubscribed";
    entry.detail = sender.empty() ? "by the link in a mail" : "by mail";
    entry.message = message;
    entry.added_by = "recipient";
    return entry;
}

}  // namespace signalbox
