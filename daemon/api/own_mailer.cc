#include "daemon/api/own_mailer.h"

#include "base/html_text.h"
#include "hub/access/organizations.h"
#include "hub/answers/templates.h"

namespace signalbox::api {
namespace {

using namespace std::chrono_literals;

constexpr auto kResetLifetime = 30min;  // the token's own time

struct Wording {
    std::string_view kind, subject, text;
};
constexpr Wording kInvitation{
    "invitation", "Invitation to {{organization}}",
    "Hello{{greeting}},\n\nyou are invited to {{organization}}. Choose your password here; the link works "
    "once and ends {{ends_at}}:\n\n{{link}}\n"};
constexpr Wording kReset{
    "password_reset", "A new password for {{organization}}",
    "Hello{{greeting}},\n\nset a new password here; the link works once and ends {{ends_at}}:\n\n{{link}}\n\n"
    "If you did not ask for it, nothing needs to be done.\n"};

Template ownTemplate(const Wording& wording) {
    Template made;
    made.name = wording.kind;
    made.subject = wording.subject;
    made.text = wording.text;
    return made;
}

std::string withToken(std::string url, const Secret& token) {
    static constexpr std::string_view kMark = "{token}";
    if (const auto at = url.find(kMark); at != std::string::npos)
        url.replace(at, kMark.size(), token.reveal());
    return url;
}

OwnMailSettings settingsOf(Store& store, Id org) {
    OwnMailSettings settings;
    store.read([&](Reader& reader) { settings = readOwnMailSettings(reader, org); });
    return settings;
}

}  // namespace

Result<bool> OwnMailer::mailInvitation(const Invitation& invitation) {
    const OwnMailSettings settings = settingsOf(store_, invitation.user.org);
    if (settings.invitation_url.empty()) return false;
    const auto lifetime = std::chrono::duration_cast<std::chrono::seconds>(invitation.ends_at - clock_.now());
    return mail(invitation.user.org, invitation.user.email, "invitation",
                {settings.account, withToken(settings.invitation_url, invitation.token)},
                invitation.user.name, lifetime);
}

bool OwnMailer::mailsResets(Id org) {
    const OwnMailSettings settings = settingsOf(store_, org);
    return !settings.reset_url.empty() && accounts_.byName(org, settings.account) != nullptr;
}

Result<bool> OwnMailer::mailReset(const User& user, const Secret& token) {
    const OwnMailSettings settings = settingsOf(store_, user.org);
    if (settings.reset_url.empty()) return false;
    return mail(user.org, user.email, "password_reset",
                {settings.account, withToken(settings.reset_url, token)}, user.name, kResetLifetime);
}

Result<bool> OwnMailer::mail(Id org, const std::string& to, const std::string& kind, const Link& link,
                             const std::string& name, std::chrono::seconds lifetime) {
    if (link.account.empty() || !accounts_.byName(org, link.account)) return false;
    Template wanted = ownTemplate(kind == kInvitation.kind ? kInvitation : kReset);
    Json values = {{"link", link.url},
                   {"name", name},
                   {"greeting", name.empty() ? "" : " " + name},
                   {"ends_at", toRfc3339(clock_.now() + lifetime)}};
    store_.read([&](Reader& reader) {
        values["organization"] = organizationName(reader, org);
        if (auto own = findTemplateByName(reader, org, kind, "")) wanted = std::move(*own);
    });
    const RenderedTemplate rendered = render(wanted, values);
    OwnMail letter{link.account, to, rendered.subject, rendered.text, rendered.html, lifetime};
    // A template that forgot the link would let nobody in.
    if (letter.text.find(link.url) == std::string::npos) letter.text += "\n\n" + link.url + "\n";
    if (!letter.html.empty() && letter.html.find(escapeHtml(link.url)) == std::string::npos)
        letter.html += "<p><a href=\"" + escapeHtml(link.url) + "\">" + escapeHtml(link.url) + "</a></p>";
    if (letter.subject.empty()) letter.subject = kind == kInvitation.kind ? "Invitation" : "New password";
    const auto prepared = outbox_.prepareOwn(org, letter);
    if (!prepared) return prepared.error();
    const auto written = store_.writeAndWait([&](Tx& tx) { outbox_.enqueue(tx, *prepared); });
    if (!written) return written.error();
    return true;
}

}  // namespace signalbox::api
