#include "connectors/email/mime/bounce_phrases.h"

#include <algorithm>

namespace signalbox::mime {
namespace {

struct Group {
    std::string_view reason;
    std::string_view phrases;  // parted by «; »; "a|b": b somewhere behind a
};

const std::vector<Group>& groups() {
    static const std::vector<Group> all = {
        {"user_unknown", "that domain or user isn't in my list"},
        // What is meant by the whole session comes first.
        {"relay_denied",
         "relaying denied; relay access denied; unable to relay; relay not permitted; relaying "
         "not allowed; relaying is prohibited; relay denied; relaying to|prohibited; not "
         "permitted to relay; relay is prohibited; mail relay denied; we do not relay; no "
         "relaying; insecure mail relay; that domain isn't in my list of allowed rcpthosts; "
         "isn't in my list of allowed rcpthosts; not in my list of allowed; open relay; as a "
         "relay; relay operation rejected; cannot relay; not a gateway; rejected by "
         "non-relaying; relaying mail to|is not allowed; this system is not configured to "
         "relay mail; unauthenticated senders not allowed; administrative prohibition: relay; "
         "resolver.adr.relayaccess"},
        // The sender is meant, whatever is said of users and hosts beside.
        {"rejected",
         "sender verify fail; sender verification fail; sender address has null mx; sender has no "
         "valid mx; domain of sender|does not; sender domain|does not exist; sender domain|not found; "
         "sender|does not resolve; unroutable sender; sender address|does not exist; sender "
         "address rejected; sender rejected; unknown sender; envelope sender domain; server sending "
         "your mail; rule imposed mailbox access; permission to post; 投稿する権限; server does not "
         "accept mail from; invalid domain, see <url; does not exist e2110"},
        // By the wish of the recipient.
        {"blocked",
         "no matches to nameserver query; due to recipient preferences; recipient has blocked you; too many "
         "unwanted messages have been "
         "sent; no valid recipients from; unresolvable "
         "relay host name"},
        // Carriers that say so of whoever is kept out by the recipient's list.
        {"filtered", "mail delivery failed... user unknown"},
        // Full mailboxes.
        {"mailbox_full",
         "mailbox unavailable (not enough free space); full mailbox; mailbox exceeded the local limit; "
         "mailbox is full; "
         "mailbox full; mailbox "
         "quota; mailbox size limit; mailbox for|is full; mailbox has exceeded; mailbox "
         "exceeds allowed size; mail box full; mail box space not enough; mail file size "
         "exceeds; mail folder is full; maildir over quota; maildir "
         "delivery failed: user quota; maildir delivery failed: domain; quota exceeded; quota "
         "exceed; over quota; overquota; over-quota; over the quota; over the allowed quota; "
         "over his quota; exceeded his quota; exceeded storage; exceeded the quota; exceeded "
         "their disk space; exceeded the maximum mailbox; exceeds his quota; quota violation; "
         "out of quota; exceeded its quota; disk quota; disk space limit; user is over the "
         "quota; user has exceeded; user has too many messages; user has used up; user's disk "
         "quota; inbox is full; inbox full; recipient's mailbox is full; account is full; "
         "account is over; account|over quota; account has exceeded; not enough storage space; "
         "insufficient disk space; storage limit; storage quota; exceeded email quota; exceeds "
         "the quota; exceed mailbox quota; mailbox would exceed; would be over the allowed "
         "quota; out of storage; no space left on; not enough free space in mailbox; message "
         "quota exceeded; quota for this mailbox; the user's space has been used up; "
         "temporarily over quota; this account is protected by quota; mbox full; mailfolder is "
         "full; too much mail data; too full; mailbox is over; boîte du destinataire pleine; "
         "boite du destinataire pleine; postfach voll; postfach ist voll; buzón lleno; buzon "
         "lleno; submission.storagetoofull; mapiexceptionshutoffquotaexceeded; quotaexceeded; "
         "ogc_quota"},
        // Too big.
        {"too_big",
         "exceeded maximum inbound message size; max message size exceeded; maximum message "
         "size; message size exceeds; message exceeds; message file too big; message header "
         "size exceeds; message is too large; message length exceeds; message size limit; mail size limit "
         "exceeded; "
         "message size is too; message too large; message too big; message too long; message "
         "was too large; size limit exceeded; size exceeds; exceeds the maximum|size; exceeds "
         "size limit; exceeding receiving limit; line limit exceeded; mail size is too; "
         "maximum size; exeeded the maximum size; too large for; rcptsizelimit; sendsizelimit; "
         "max message size; your message is larger than; larger than the current system limit; "
         "greater than the maximum; larger than"},
        // Moved.
        {"moved",
         "has been replaced by; address changed; has moved; please update your; user has "
         "moved; no longer at this address; new address is"},
        // Suspended.
        {"suspended",
         "archived recipient; boite du destinataire archivee; this address no longer accepts mail; user is "
         "terminated; user or domain is disabled; account disabled; account has been disabled; account is "
         "disabled; account that you "
         "tried to reach is disabled; account has been suspended; account is suspended; "
         "account suspended; account has been temporarily suspended; account temporarily; "
         "account not active; account is not active; account is inactive; account inactive; "
         "account has been locked; account deactivated; account has been deactivated; account "
         "is temporarily; account is locked; account is unavailable; account closed; been "
         "suspended; currently suspended; administratively disabled; administratively disable; "
         "administrativley disabled; administrative disabled; mailbox is frozen; mailbox "
         "currently suspended; mailbox disabled; mailbox is disabled; "
         "mailbox temporarily disabled; mailbox is not "
         "active; email account that you tried to reach is disabled; email account that you "
         "tried to reach is inactive; recipient suspend; recipient is suspended; temporarily "
         "inactivated; temporarily locked; temporary disabled; this account has been; user "
         "suspended; user is suspended; user account|expired; user is inactive; user inactive; "
         "is a deactivated mailbox; invalid/inactive user; suspended account; "
         "vacated mailbox; not accepting mail|disabled; domain is suspended; extended "
         "inactivity new mail; due to inactivity; conta inativa; conta desativada; boîte suspendue; sorry "
         "your "
         "message|cannot be delivered. this account; disabledaccount; inactive account; mailbox "
         "unavailable or access denied; recipient rejected: temporarily inactive"},
        // A route, not a host.
        {"no_route",
         "unable to resolve route; unrouteable mail domain; host found but no data record of requested "
         "type"},
        // The host could not be looked up for now.
        {"dns_error",
         "host not found, try again; malformed or unexpected name server reply; temporary dns "
         "failure; temporary failure in name resolution; name service error|try again; dns "
         "lookup failed temporarily; domain lookup deferred; temporary lookup failure"},
        // The host is not there.
        {"host_unknown",
         "host unknown; unknown host; host or domain name not found; host not found; domain "
         "not found; domain name not found; domain does not exist; domain must exist; domain "
         "is not reachable; name or service not known; no such domain; no such host; nxdomain; "
         "unrouteable address; unrouteable domain; unroutable "
         "address; unresolvable; unknown domain; couldn't find any "
         "host; couldn't find a mail exchanger or ip address; "
         "could not be resolved; cannot resolve the ip address of mail server; illegal "
         "host/domain name found; invalid domain; mail domain mentioned in email address is "
         "unknown; mx records point to non-existent host; no address associated with hostname; "
         "no such fqdn; recipient address rejected: unknown domain name; recipient domain must "
         "exist; the account or domain may not exist; the domain name is incorrect; dns server "
         "returned answer with no data; dns error: domain name not found; dns error: dns type "
         "'mx' lookup; bad destination system; bad system address; bad host/domain; illegal "
         "domain; internal error reading database|domain; no mx records; nosuchdomain; "
         "domain|wasn't found; domain name|not appear to be registered; domain is not registered; domain "
         "couldn't be found; domain "
         "not hosted; handle mail for that domain"},
        // The host takes no mail at all.
        {"not_accepting",
         "mail receiving disabled; does not accept mail; does not accept email; does not receive mail; "
         "host/domain does "
         "not accept mail; nullmx; null mx; name server: .: host not found; 55x smtp protocol "
         "returned a permanent error; no mx found for domain; no mx record found for domain; no route for "
         "current request; "
         "smtp protocol returned a permanent error"},
        // The person is not there.
        {"user_unknown",
         "5.1.0 address rejected; recipient refuses to accept your mail; recipient address rejected. (in "
         "reply to rcpt; user unknown; unknown user; no such user; no such address; no such mailbox; no such "
         "recipient; no such person; no such account; no such local; no such email; user not "
         "found; user is unknown; user was not found; user not known; not a valid user here; user does not "
         "exist; "
         "user doesn't exist; user doesn't have; user|does not exist; user|was not found; "
         "user|not listed in; user missing home directory; user invalid; user address "
         "rejected; not listed in domino directory; im domino-verzeichnis|nicht; nicht im "
         "domino-verzeichnis; "
         "annuaire domino; directorio domino; elenco domino; not listed in public name & address book; "
         "not listed in; ディレクトリのリストにありません; does not like recipient; account does not exist; "
         "account doesn't exist; account that you tried to reach does not exist; account by "
         "that name; account not found; account is not available; account unavailable; address "
         "does not exist; address doesn't exist; address does not appear to; address not "
         "found; address wasn't found; address couldn't be found; address was not found; "
         "address unknown; address error; address is not valid; address is invalid; address is "
         "unknown; address invalid; address not present; address no longer; address you "
         "entered couldn't be found; address is wrong or no longer valid; addressee unknown; "
         "address rejected: unknown; address|is not a valid; adressat unbekannt; adresse d au "
         "moins un destinataire invalide; adresse email incorrecte; adresse inconnue; "
         "utilisateur inconnu; destinataire inconnu; empfänger unbekannt; benutzer unbekannt; "
         "unbekannter benutzer; usuario desconocido; usuario no existe; no existe dicha "
         "persona; no existe ese usuario; usuário desconhecido; usuário inexistente; usuario "
         "inexistente; utente sconosciuto; bad recipient; bad-recipient; "
         "bad_recipient; bad address; bad destination mailbox; badrcptto; can't accept user; "
         "cannot find your recipient; destination addresses were unknown; destination server "
         "rejected recipients; email address could not be found; email name is not found; "
         "invalid address; invalid mailbox; invalid recipient; invalid user; invalid final "
         "delivery userid; invalid or unknown virtual user; is not a known user; is not a "
         "valid mailbox; is not a valid user; is not an active address; is not known; mailbox "
         "does not exist; mailbox doesn't exist; mailbox|does not exist; mailbox invalid; "
         "mailbox is unavailable; mailbox not found; mailbox not present; mailbox unknown; "
         "mailbox not available; requested action not taken: mailbox unavailable; mailbox "
         "unavailable; mail box unavailable; mailbox not local; no mailbox; no account; no "
         "valid recipients; no valid users; no local mailbox; no mail box "
         "available for this user; no mail box here; "
         "no thank you rejected: account unavailable; non-existent; nonexistent; nonexisting; "
         "not a valid recipient; not a valid user; not a local address; not a valid email; not "
         "email addresses; not our customer; rcpt|does not exist; recipient unknown; recipient name is not "
         "recognized; recipient "
         "not found; recipient not exist; recipient not ok; recipient does not exist; "
         "recipient is not local; recipient was not found; recipient|was not found in; "
         "recipient|does not exist; recipient|not found; recipient address rejected: access "
         "denied; recipient address rejected: invalid; recipient address rejected: "
         "undeliverable; recipient address unknown; recipient no longer on server; recipient "
         "rejected; recipientnotfound; recipnotfound; resolver.adr.exrecipnotfound; sorry, "
         "user unknown; sorry, no mailbox here by that name; sorry, there is no user; the "
         "e-mail account does not exist; the email account does not exist; the email address "
         "you entered; the following recipients was undeliverable; there is no one at this "
         "address; there is no such; this recipient e-mail address was not found; this "
         "spectator does not exist; unable to find recipient; undeliverable address; unknown "
         "address; unknown account; unknown e-mail address; unknown email address; unknown "
         "local part; unknown local-part; unknown mailbox; unknown or illegal alias; unknown "
         "recipient; unknown to; unknownuser; usernotfound; user_unknown; was not found at the "
         "recipient's; wrong or no longer valid; your envelope recipient is in my badrcptto "
         "list; your envelope recipient has been denied; non è valido; 宛先不明; 宛先が存在しません; "
         "见不到收件人; 收件人不存在; 用户不存在; he/her is not; isn't a valid; not a known user; does not "
         "have "
         "an account; delivery failure to; undeliverable recipient; unable to validate "
         "recipient; <> not found; mailbox|unavailable; <|> not found; mailbox is inactive; user not "
         "active; mailbox unavaiable; mailbox has been deleted; recipient address rejected: user; "
         "no user by that name; does not have a mailbox; user|not found; is unknown here; "
         "recipient is not accepted; recipient notfound; recipient cannot be verified; badrecipientto; "
         "validrcptto; user not exist; account|does not exist; rcpt (|t exist; user (|) unknown; no|in "
         "name directory; non existent; no longer accepts mail; no longer in use; no longer valid; no "
         "longer works here; no longer employed; has left the company; has left our; is no longer with; "
         "#5.1.1 bad address; 5.1.0 address rejected.; nessun utente; indirizzo inesistente; casella "
         "inesistente; indirizzo sconosciuto; existiert nicht; empfänger nicht gefunden; adresse nicht "
         "gefunden; empfaenger "
         "unbekannt; unbekannter empfänger; n'existe pas; adresse inexistante; destinataire inexistant; "
         "não existe; não foi encontrado; destinatário desconhecido; no existe; destinatario "
         "desconocido; onbekend; bestaat niet; okänd; finns inte; ukjent; finnes ikke; ukendt; findes "
         "ikke; tuntematon; nieznany; nie istnieje; neexistuje; neznámý; nem létezik; ismeretlen; nu "
         "există; bilinmeyen; bulunamadı; не существует; не найден; неизвест; пользователь не; "
         "不存在; 存在しない; 존재하지 않"},
        // By their reputation.
        {"rate_limited",
         "rate limit; ratelimit; throttl; too many connections; too many errors from your ip; "
         "too many messages; too many recipients; too many concurrent; receiving mail at a "
         "rate; receiving mail too quickly; maximum connections; sending rate; concurrency "
         "limit; exceeded the rate; max number of messages"},
        {"auth_failure",
         "dmarc; spf check; spf fail; spf validation; spf (sender policy framework); sender "
         "policy framework; dkim; 5.7.26; unauthenticated email from; is not authorized to use"},
        {"blocked",
         "ptr record; reverse dns; rdns; reverse lookup; no ptr; blacklist; black list; "
         "blocklist; block list; dnsbl; rbl; spamhaus; spamcop; barracudacentral; sorbs; bad "
         "reputation; poor reputation; reputation; blocked by; blocked using; blocked for; is "
         "blocked; been blocked; banned; ip name possibly forged; ip name lookup failed; "
         "client host; connection refused by; connection dropped; connections from; connection "
         "rejected; not allowed to connect; your ip; your server; dynamic ip; dynamic/generic; "
         "dialup; dynamic address; is not allowed to send mail; sender ip; but my name was "
         "rejected; but greeting failed; access denied|ip; greylist; graylist; no access from "
         "mail server; hosts with dynamic ip; helo; ehlo"},
        // What was in it.
        {"virus", "virus; infected; malware; trojan"},
        {"spam",
         "spam; unsolicited; bulk mail; junk mail; high probability of; phish; considered "
         "unsafe; content rejected; rejected due to content; blocked by content; barracuda; "
         "mail content denied; message content rejected; message was rejected by; is bulk; "
         "message filtered; urls contained in; this message does not comply"},
        {"not_compliant", "not rfc; rfc 5322; rfc5322; rfc 5321; rfc2822; rfc 2822; multiple from"},
        {"content_error",
         "improper use of 8-bit; 8-bit data; header error; illegal attachment; attachment; "
         "conversion; improperly-formatted; wrong mime; message header; charset; executable"},
        {"policy",
         "policy; not accept|from; prohibited; message not accepted for; closed mailing list; "
         "you are not allowed to post; not a member; you have been restricted; messages "
         "without recipient addresses are not allowed; denied by; unsigned"},
        // Who sent it.
        {"rejected",
         "but sender was rejected; sender address; sender rejected; sender denied; sender not; "
         "sender is; sender verify failed; sender verification; sender domain; sender's; "
         "invalid sender; bad sender; unverified sender; domain of sender; from address; from "
         "domain; mail from; originator; envelope blocked; backscatter; badsender; access "
         "denied; reject mail from; not authorized; not authenticated; not permitted"},
        // Somebody or something is not there, and the sender was not meant.
        {"user_unknown", "does not exist; doesn't exist; not exist"},
        // The other side's machine.
        {"security_error", "tls; starttls; authentication; certificate; encryption; security"},
        {"system_full",
         "insufficient system; insufficient storage; system full; system disk; mail system "
         "full; not enough free space"},
        // Time and wires.
        {"expired",
         "could not find a gateway for; failing for a long time; message expired; has been in the queue too "
         "long; been in the queue too long; queue "
         "too long; retry time not reached; retry timeout; retry limit; retry time; timed out; "
         "time out; timeout; delivery time expired; delivery expired; expired; could not be "
         "delivered for; cannot be delivered for; not delivered within; was not delivered "
         "within; deferred; failed after; did not reach|days; no valid hosts; connection was "
         "dropped; connection refused; will try again; will keep trying; still being retried; "
         "still queued; delayed; too old; unable to contact; temporarily failed; unrouteable"},
        {"network_error",
         "network error; no route to host; network is unreachable; could not connect; couldn't "
         "connect; can't connect; cannot connect; unable to connect; host unreachable; wasn't "
         "able to establish an smtp connection; no smtp connection; connection lost; "
         "connection timed; connection reset; lost connection; too many hops; hop count; "
         "maximum hop; routing loop; mail loop; loops back; loop detected; maximum forwarding; "
         "listed as a best-preference; mail forwarding loop; message looping; malformed name "
         "server reply; host is down; bad connection"},
        {"mailer_error",
         "command failed; command died; died with signal; mailer error; procmail; pipe to; "
         "pipe to|returned; local delivery failed"},
        {"system_error",
         "can't create user output file; cannot send e-mail to yourself; could not load; "
         "interrupted system call; local configuration error; configuration error; local error "
         "in processing; mail system configuration error; server configuration; system error; "
         "internal error; internal server error; internal software; service unavailable; "
         "service not available; temporary failure; temporary local problem; temporary "
         "problem; timeout waiting for input; unable to open; ldap; error in processing; "
         "proxy; mail server fault; resources temporarily unavailable; transaction failed"},
        {"filtered",
         "filtered; because the recipient is only accepting mail from; due to extended "
         "inactivity; has been rejected by; permanently refused; refused; this user is "
         "rejecting; we would love to have gotten this email to; does not accept; not accept; "
         "not willing; rejected; denied"},
        {"syntax_error",
         "syntax error; command not recognized; unrecognized command; bad sequence; nested "
         "mail command; illegal|address"},
    };
    return all;
}

}  // namespace

const std::vector<BouncePhrase>& bouncePhrases() {
    static const std::vector<BouncePhrase> phrases = [] {
        std::vector<BouncePhrase> list;
        for (const Group& group : groups()) {
            for (std::string_view rest = group.phrases; !rest.empty();) {
                const auto end = std::min(rest.find("; "), rest.size());
                const std::string_view phrase = rest.substr(0, end);
                const auto bar = phrase.find('|');
                list.push_back({group.reason, phrase.substr(0, bar),
                                bar == std::string_view::npos ? "" : phrase.substr(bar + 1)});
                rest.remove_prefix(std::min(end + 2, rest.size()));
            }
        }
        return list;
    }();
    return phrases;
}

}  // namespace signalbox::mime
