#include "hub/audit/audit_row.h"

#include <unordered_set>

#include "base/crypto.h"
#include "base/json.h"

namespace signalbox {
namespace {

constexpr std::size_t kMaxIds = 400, kMaxIdLength = 24;
constexpr std::string_view kMark = R"("id":")";

}  // namespace

std::string chainHash(std::string_view before, const AuditRow& row) {
    const Json canonical = {row.org,    row.seq,     toMicros(row.at), row.user,   row.token,  row.action,
                            row.object, row.details, row.objects,      row.status, row.address};
    return toHex(hash(HashAlgorithm::Sha256, std::string(before) + '\n' + dumpJson(canonical)));
}

std::string idsIn(std::string_view body) {
    std::unordered_set<std::string_view> known;
    std::string out = "[";
    for (auto at = body.find(kMark); at != std::string_view::npos; at = body.find(kMark, at)) {
        at += kMark.size();
        const auto end = body.find('"', at);
        if (end == std::string_view::npos) break;
        const std::string_view id = body.substr(at, end - at);
        const bool is_id =
            id.size() <= kMaxIdLength && id.find('_') == 3 &&
            id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
        if (!is_id || !known.insert(id).second) continue;
        out.append(out.size() > 1 ? ",\"" : "\"").append(id).append("\"");
        if (known.size() == kMaxIds) break;
    }
    return out + ']';
}

}  // namespace signalbox
