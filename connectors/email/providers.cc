#include "connectors/email/providers.h"

#include <array>

namespace signalbox::email {
namespace {

struct Row {
    const char *name, *domains, *imap_host, *smtp_host;
    std::uint16_t smtp_port;
    Security smtp_security;
    bool saves_sent, wants_oauth;
};

// Domains between blanks.
constexpr std::array kProviders = {
    Row{"google", " gmail.com googlemail.com ", "imap.gmail.com", "smtp.gmail.com", 465, Security::Tls, true,
        true},
    Row{"microsoft", " outlook.com hotmail.com live.com msn.com outlook.de hotmail.de ",
        "outlook.office365.com", "smtp.office365.com", 587, Security::StartTls, true, true},
    Row{"zoho", " zoho.com zohomail.com ", "imap.zoho.com", "smtp.zoho.com", 465, Security::Tls, true, false},
    Row{"zoho", " zoho.eu zohomail.eu ", "imap.zoho.eu", "smtp.zoho.eu", 465, Security::Tls, true, false},
    Row{"zoho", " zoho.in zohomail.in ", "imap.zoho.in", "smtp.zoho.in", 465, Security::Tls, true, false},
    Row{"yahoo", " yahoo.com ymail.com yahoo.de yahoo.co.uk ", "imap.mail.yahoo.com", "smtp.mail.yahoo.com",
        465, Security::Tls, true, false},
    Row{"icloud", " icloud.com me.com mac.com ", "imap.mail.me.com", "smtp.mail.me.com", 587,
        Security::StartTls, true, false},
    Row{"gmx", " gmx.de gmx.net gmx.at gmx.ch ", "imap.gmx.net", "mail.gmx.net", 465, Security::Tls, false,
        false},
    Row{"web.de", " web.de ", "imap.web.de", "smtp.web.de", 587, Security::StartTls, false, false},
    Row{"t-online", " t-online.de ", "secureimap.t-online.de", "securesmtp.t-online.de", 465, Security::Tls,
        false, false},
    Row{"ionos", " ", "imap.ionos.de", "smtp.ionos.de", 465, Security::Tls, false, false},
    Row{"fastmail", " fastmail.com fastmail.fm ", "imap.fastmail.com", "smtp.fastmail.com", 465,
        Security::Tls, false, false},
};

// What mail exchangers and servers are called at those who serve other people's domains.
struct HostRow {
    const char *suffix, *provider;
};
constexpr std::array kHosts = {
    HostRow{"google.com", "google"},
    HostRow{"googlemail.com", "google"},
    HostRow{"gmail.com", "google"},
    HostRow{"outlook.com", "microsoft"},
    HostRow{"office365.com", "microsoft"},
    HostRow{"zoho.com", "zoho"},
    HostRow{"zoho.eu", "zoho"},
    HostRow{"zoho.in", "zoho"},
    HostRow{"kundenserver.de", "ionos"},
    HostRow{"ionos.de", "ionos"},
    HostRow{"messagingengine.com", "fastmail"},
    HostRow{"fastmail.com", "fastmail"},
};

Provider toProvider(const Row& row) {
    return {row.name,
            {row.imap_host, 993, Security::Tls},
            {row.smtp_host, row.smtp_port, row.smtp_security},
            row.saves_sent,
            row.wants_oauth};
}

bool isBelow(std::string_view host, std::string_view suffix) {
    return host == suffix || (host.size() > suffix.size() && host.ends_with(suffix) &&
                              host[host.size() - suffix.size() - 1] == '.');
}

void fill(std::string& field, std::string value) {
    if (field.empty()) field = std::move(value);
}

}  // namespace

std::optional<Provider> findProvider(std::string_view domain) {
    const std::string word = " " + std::string(domain) + " ";
    for (const Row& row : kProviders) {
        if (std::string_view(row.domains).find(word) != std::string_view::npos) return toProvider(row);
    }
    return std::nullopt;
}

std::optional<Provider> findProviderOfHost(std::string_view host) {
    for (const Row& row : kProviders) {
        if (host == row.imap_host || host == row.smtp_host) return toProvider(row);
    }
    for (const HostRow& known : kHosts) {
        if (!isBelow(host, known.suffix)) continue;
        for (const Row& row : kProviders) {
            const bool is_mine = std::string_view(row.name) == known.provider;
            // Zoho has a host for each region; the mail exchanger says which.
            const auto dot = std::string_view(known.suffix).find('.');
            const bool is_region = std::string_view(row.name) != "zoho" ||
                                   isBelow(row.imap_host, std::string_view(known.suffix).substr(dot + 1));
            if (is_mine && is_region) return toProvider(row);
        }
    }
    return std::nullopt;
}

void fillEndpoints(OAuthConfig& config, const std::string& tenant, const std::string& region) {
    if (config.provider == "google") {
        fill(config.authorize_url, "https://accounts.google.com/o/oauth2/v2/auth");
        fill(config.token_url, "https://oauth2.googleapis.com/token");
        fill(config.scope, "https://mail.google.com/");
    } else if (config.provider == "microsoft") {
        const std::string base = "https://login.microsoftonline.com/" + tenant + "/oauth2/v2.0";
        fill(config.authorize_url, base + "/authorize");
        fill(config.token_url, base + "/token");
        fill(config.scope,
             "offline_access https://outlook.office.com/IMAP.AccessAsUser.All "
             "https://outlook.office.com/SMTP.Send");
    } else if (config.provider == "zoho") {
        const std::string base = "https://accounts.zoho." + region + "/oauth/v2";
        fill(config.authorize_url, base + "/auth");
        fill(config.token_url, base + "/token");
        fill(config.scope, "ZohoMail.messages.ALL,ZohoMail.folders.ALL,ZohoMail.accounts.READ");
    }
}

}  // namespace signalbox::email
