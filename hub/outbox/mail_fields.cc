#include "hub/outbox/mail_fields.h"

#include "hub/people/people.h"

namespace signalbox {
namespace {

constexpr std::size_t kMaxSubject = 2'048;
constexpr std::size_t kMaxHtml = 1024 * 1024;
constexpr std::size_t kMaxRecipients = 200;

Error fault(const std::string& field, std::string_view what) {
    return {ErrorKind::Invalid, field + ": " + std::string(what), {}, "invalid_request"};
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kBlank = " \t\"";
    const auto begin = text.find_first_not_of(kBlank);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

bool isMailAddress(std::string_view text) {
    const auto at = text.rfind('@');
    return at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
           text.find_first_of(std::string_view(" \t\r\n<>,;\"()\0", 12)) == std::string_view::npos;
}

Result<MailParty> readMailParty(const Json& item, const std::string& field) {
    MailParty party{field, "", ""};
    if (item.is_string()) {
        const std::string_view text = item.get_ref<const std::string&>();
        const auto open = text.rfind('<');
        const bool is_named = open != std::string_view::npos && text.ends_with('>');
        party.address = is_named ? text.substr(open + 1, text.size() - open - 2) : text;
        if (is_named) party.name = trimmed(text.substr(0, open));
    } else if (item.is_object()) {
        for (const auto& [name, value] : item.items()) {
            if (name != "address" && name != "name") return fault(field + "." + name, "unknown field");
            if (!value.is_string()) return fault(field + "." + name, "must be a text");
        }
        party.address = textAt(item, "address");
        party.name = textAt(item, "name");
    }
    if (!isMailAddress(party.address))
        return fault(field, "holds what is no e-mail address; write «ada@example.org» or {address, name}");
    if (party.name.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
        return fault(field, "a name must not hold a line break");
    party.address = normalize(Identity{"email", party.address}, "").value;
    return party;
}

Status readText(RequestForm& form, const Json& request, const char* name, std::size_t longest) {
    const Json& value = memberAt(request, name);
    if (value.is_null()) return Done{};
    if (!value.is_string()) return fault(name, "must be a text");
    const auto& text = value.get_ref<const std::string&>();
    if (text.size() > longest) return fault(name, "longer than " + std::to_string(longest) + " bytes");
    if (text.find('\0') != std::string::npos) return fault(name, "must not hold a NUL character");
    if (!text.empty()) form.content[name] = text;
    return Done{};
}

Result<bool> readFlag(const Json& request, const char* name) {
    const Json& value = memberAt(request, name);
    if (value.is_null()) return false;
    if (!value.is_boolean()) return fault(name, "must be true or false");
    return value.get<bool>();
}

}  // namespace

Result<std::vector<MailParty>> readMailParties(const Json& value, const std::string& field) {
    std::vector<MailParty> parties;
    if (value.is_null()) return parties;
    const Json list = value.is_array() ? value : Json::array({value});
    if (list.size() > kMaxRecipients)
        return fault(field, "more than " + std::to_string(kMaxRecipients) + " addresses");
    for (const Json& item : list) {
        auto party = readMailParty(item, field);
        if (!party) return party.error();
        parties.push_back(std::move(*party));
    }
    return parties;
}

Json mailPartiesJson(const std::vector<MailParty>& parties) {
    Json list = Json::array();
    for (const MailParty& party : parties) list.push_back({{"name", party.name}, {"address", party.address}});
    return list;
}

Status readMailFields(RequestForm& form, const Json& request) {
    if (auto done = readText(form, request, "subject", kMaxSubject); !done) return done;
    if (auto done = readText(form, request, "html", kMaxHtml); !done) return done;
    if (textAt(form.content, "subject").find_first_of("\r\n") != std::string::npos)
        return fault("subject", "must not hold a line break");
    for (const char* name : {"cc", "bcc"}) {
        const auto parties = readMailParties(memberAt(request, name), name);
        if (!parties) return parties.error();
        if (!parties->empty()) form.content[name] = mailPartiesJson(*parties);
    }
    const auto to_all = readFlag(request, "reply_all");
    if (!to_all) return to_all.error();
    form.is_to_all = *to_all;
    const auto wants_receipt = readFlag(request, "request_receipt");
    if (!wants_receipt) return wants_receipt.error();
    if (*wants_receipt) form.content["request_receipt"] = true;
    return Done{};
}

}  // namespace signalbox
