#include "connectors/email/login_advice.h"

#include <algorithm>
#include <array>

#include "connectors/email/providers.h"

namespace signalbox::email {
namespace {

constexpr std::size_t kLongestAnswer = 300;

// Words of an answer → what to do. The first that is found counts; all in lower case.
struct Phrase {
    const char *words, *remedy;
};
constexpr std::array kPhrases = {
    // support.google.com/mail/?p=InvalidSecondFactor and Yahoo, iCloud, Fastmail, Zoho alike
    Phrase{"application-specific password", "make an app password at the provider and set it as password"},
    Phrase{"app-specific password", "make an app password at the provider and set it as password"},
    Phrase{"invalidsecondfactor", "make an app password at the provider and set it as password"},
    Phrase{"app password", "make an app password at the provider and set it as password"},
    Phrase{"application password", "make an app password at the provider and set it as password"},
    Phrase{"not enabled for imap", "switch IMAP on in the mailbox's settings"},
    Phrase{"yet to enable imap", "switch IMAP on in the mailbox's settings"},
    Phrase{"imap access is disabled", "switch IMAP on in the mailbox's settings"},
    Phrase{"imap is disabled", "switch IMAP on in the mailbox's settings"},
    Phrase{"imap4 is disabled", "switch IMAP on in the mailbox's settings"},
    Phrase{"authenticated but not connected", "switch IMAP on for the mailbox, or give it a license"},
    // learn.microsoft.com/exchange/clients-and-mobile-in-exchange-online/authenticated-client-smtp-submission
    Phrase{"smtpclientauthentication is disabled",
           "an administrator switches SMTP AUTH on for the mailbox (aka.ms/smtp_auth_disabled)"},
    Phrase{"basic authentication is disabled", "set oauth.provider: microsoft and sign in"},
    Phrase{"basicauthblocked", "set oauth.provider: microsoft and sign in"},
    Phrase{"webalert", "sign in to the mailbox with a browser once and confirm that it is you"},
    Phrase{"web login required", "sign in to the mailbox with a browser once and confirm that it is you"},
    Phrase{"webloginrequired", "sign in to the mailbox with a browser once and confirm that it is you"},
    Phrase{"too many simultaneous", "the provider allows fewer connections; close other programs"},
    Phrase{"must issue a starttls", "set security: starttls"},
    Phrase{"privacyrequired", "set security: starttls, or tls on the port for it"},
    Phrase{"plaintext authentication disallowed", "set security: starttls, or tls on the port for it"},
    Phrase{"must be encrypted", "set security: starttls, or tls on the port for it"},
    Phrase{"expired", "the password or the account has expired; renew it at the provider"},
};

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    return out;
}

bool has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

std::string usualPorts(Protocol protocol) {
    return protocol == Protocol::Imap ? "993 with security: tls, 143 with starttls"
                                      : "465 with security: tls, 587 with starttls";
}

std::uint16_t tlsPort(Protocol protocol) {
    return protocol == Protocol::Imap ? 993 : 465;
}

// What the providers ask for when their answer does not say.
std::string ofProvider(std::string_view host, bool is_oauth) {
    const auto provider = findProviderOfHost(host);
    const std::string name = provider ? provider->name : "";
    if (is_oauth) return "sign in again: consent may have been taken back, or username is another mailbox";
    if (name == "google")
        return "Google takes an app password (2-step verification on), or oauth.provider: google";
    if (name == "microsoft") return "Microsoft takes no passwords here: set oauth.provider: microsoft";
    if (name == "yahoo")
        return "Yahoo takes an app password only (account security, «generate app password»)";
    if (name == "icloud") return "Apple takes an app-specific password only (account.apple.com)";
    if (name == "fastmail") return "Fastmail takes an app password only";
    if (name == "zoho")
        return "Zoho: IMAP must be on in the mailbox's settings, two factors need an app password, and the "
               "host "
               "is that of the account's region (imap.zoho.eu, .in …)";
    if (name == "gmx" || name == "web.de")
        return "check the password; access by POP3 and IMAP must be on in the mailbox's settings";
    return "check username and password; username may have to be the whole address, or the name without it";
}

std::string ofLogin(const std::string& said, Protocol protocol, const Server& server, bool is_oauth) {
    for (const Phrase& phrase : kPhrases) {
        if (has(said, phrase.words)) return phrase.remedy;
    }
    if (has(said, "neither plain nor login")) {
        if (server.security == Security::None) return "set security: starttls";
        return "set smtp.login: false when this server asks for no login, or oauth";
    }
    (void)protocol;
    return ofProvider(server.host, is_oauth);
}

std::string ofCertificate(const std::string& said) {
    if (has(said, "self signed") || has(said, "self-signed") || has(said, "issuer") ||
        has(said, "unable to get") || has(said, "unacceptable certificate") ||
        has(said, "certificate verify failed"))
        return "nobody known has signed its certificate, it is over, or it is not this server's: take the "
               "host "
               "that stands in it, renew it, or name its authority in ca_file (configuration file only)";
    return "the certificate is for another name: set host to the name that stands in it";
}

std::string ofConnection(const std::string& said, Protocol protocol, const Server& server) {
    const char* const key = protocol == Protocol::Imap ? "imap" : "smtp";
    if (has(said, "name lookup"))
        return std::string("check ") + key + ".host; `signalbox mail discover ADDRESS` finds it";
    if (has(said, "refused")) return "nothing listens there; usual are " + usualPorts(protocol);
    if (has(said, "wrong version number") || has(said, "unknown protocol") ||
        has(said, "packet length too long"))
        return "this port begins without TLS: set security: starttls, or the port for TLS, " +
               std::to_string(tlsPort(protocol));
    if (has(said, "connect to") && (has(said, "timeout") || has(said, "timed out")))
        return "a firewall or a wrong port; usual are " + usualPorts(protocol);
    const bool is_silent = has(said, "greeting") && (has(said, "no answer") || has(said, "timeout") ||
                                                     has(said, "closed") || has(said, "is not imap"));
    if (is_silent && server.security != Security::Tls)
        return "a port that wants TLS from the first byte says nothing: set security: tls; usual are " +
               usualPorts(protocol);
    if (is_silent) return "there may be another service at this port; usual are " + usualPorts(protocol);
    return "";
}

}  // namespace

std::string quoted(std::string_view answer, const Credentials* credentials) {
    constexpr std::size_t kShortestSecret = 4;
    std::string text(answer);
    std::replace_if(
        text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
    if (credentials != nullptr) {
        for (const Secret* secret : {&credentials->password, &credentials->access_token}) {
            const std::string& hidden = secret->reveal();
            if (hidden.size() < kShortestSecret) continue;
            for (auto at = text.find(hidden); at != std::string::npos; at = text.find(hidden, at + 3))
                text.replace(at, hidden.size(), "***");
        }
    }
    if (text.size() > kLongestAnswer) {
        std::size_t end = kLongestAnswer;
        while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
        text.resize(end);
    }
    while (!text.empty() && text.back() == ' ') text.pop_back();
    return text;
}

Error withAdvice(Error error, Protocol protocol, const Server& server, const Credentials* credentials) {
    const std::string said = lower(error.message);
    std::string remedy;
    if (error.code == "certificate") {
        remedy = ofCertificate(said);
    } else if (error.code == "starttls") {
        remedy = "set security: tls and port " + std::to_string(tlsPort(protocol));
    } else if (error.code == "folder" && has(said, "authenticated but not connected")) {
        remedy = ofLogin(said, protocol, server, false);
    } else if (error.kind == ErrorKind::Unauthorized || error.code == "auth") {
        remedy =
            ofLogin(said, protocol, server, credentials != nullptr && !credentials->access_token.empty());
    } else {
        remedy = ofConnection(said, protocol, server);
    }
    const std::string where = server.host + ":" + std::to_string(server.port);
    if (!has(error.message, where)) error.message += " (" + where + ")";
    if (!remedy.empty()) error.message += "; " + remedy;
    return error;
}

}  // namespace signalbox::email
