// The wall around libphonenumber.
#include <phonenumbers/phonenumberutil.h>

#include <algorithm>

#include "hub/people/people.h"

namespace signalbox {
namespace {

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

bool isPlainE164(std::string_view text) {
    return text.size() >= 8 && text.size() <= 16 && text[0] == '+' && text[1] != '0' &&
           std::all_of(text.begin() + 1, text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::optional<std::string> normalizePhone(std::string_view raw, const std::string& region) {
    // Parsing costs some ten microseconds; what most providers deliver is E.164 already.
    if (isPlainE164(raw)) return std::string(raw);
    PhoneNumber number;
    const auto* numbers = PhoneNumberUtil::GetInstance();
    const std::string from = region.empty() ? "ZZ" : region;
    if (numbers->Parse(std::string(raw), from, &number) != PhoneNumberUtil::NO_PARSING_ERROR)
        return std::nullopt;
    if (!numbers->IsPossibleNumber(number)) return std::nullopt;
    std::string e164;
    numbers->Format(number, PhoneNumberUtil::E164, &e164);
    return e164;
}

std::vector<std::string> phoneVariants(const std::string& e164) {
    const auto replaced = [&](std::string_view prefix, std::string_view by) {
        return std::vector{std::string(by) + e164.substr(prefix.size())};
    };
    // Mexico: mobile numbers were written +52 1 until 2019, WhatsApp still does.
    if (e164.starts_with("+521") && e164.size() == 14) return replaced("+521", "+52");
    if (e164.starts_with("+52") && e164.size() == 13) return replaced("+52", "+521");
    // Argentina: +54 9 for mobiles on WhatsApp, without the 9 in SMS.
    if (e164.starts_with("+549") && e164.size() == 14) return replaced("+549", "+54");
    if (e164.starts_with("+54") && e164.size() == 13) return replaced("+54", "+549");
    // Brazil: a ninth digit 9 was put in front of mobile numbers, old accounts lack it.
    if (e164.starts_with("+55") && e164.size() == 14 && e164[5] == '9')
        return {e164.substr(0, 5) + e164.substr(6)};
    if (e164.starts_with("+55") && e164.size() == 13 && e164[5] >= '6') {
        return {e164.substr(0, 5) + "9" + e164.substr(5)};
    }
    return {};
}

Identity normalize(Identity identity, const std::string& region) {
    if (identity.kind == "phone") {
        if (auto e164 = normalizePhone(identity.value, region)) identity.value = std::move(*e164);
    } else if (identity.kind == "email") {
        std::transform(identity.value.begin(), identity.value.end(), identity.value.begin(),
                       [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
    }
    return identity;
}

Participant normalize(Participant participant, const std::string& region) {
    for (Identity& identity : participant.identities) identity = normalize(std::move(identity), region);
    return participant;
}

}  // namespace signalbox
