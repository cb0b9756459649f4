#include "workflow/engine/run_responses.h"

#include "base/crypto.h"
#include "base/json.h"
#include "base/log.h"
#include "base/own_json.h"

namespace signalbox::workflow {
namespace {

constexpr auto kKept = std::chrono::hours{1};

std::string toText(const HttpResponse& response) {
    Json headers = Json::array();
    for (const auto& [name, value] : response.headers) headers.push_back({name, value});
    return dumpJson({{"status", response.status}, {"headers", headers}, {"body", toBase64(response.body)}});
}

HttpResponse fromText(const std::string& text) {
    HttpResponse out;
    const auto json = parseJson(text, kOwnJson);
    if (!json) {
        log::error("run_response_not_readable", {{"error", json.error().message}});
        out.status = 502;
        return out;
    }
    out.status = static_cast<int>(numberAt(*json, "status", 200));
    for (const auto& one : memberAt(*json, "headers")) {
        if (one.is_array() && one.size() == 2)
            out.headers.add(one[0].get<std::string>(), one[1].get<std::string>());
    }
    out.body = fromBase64(textAt(*json, "body")).value_or("");
    return out;
}

}  // namespace

void saveResponse(Tx& tx, std::int64_t offset, const HttpResponse& response, TimePoint at) {
    const std::string text = toText(response);
    tx.exec(
        "INSERT INTO run_responses (log_offset, response, created_at) VALUES ($1, $2, $3)"
        " ON CONFLICT (log_offset) DO NOTHING",
        {offset, text, toMicros(at)});
}

std::vector<std::pair<std::int64_t, HttpResponse>> loadResponses(Store& store,
                                                                 const std::vector<std::int64_t>& offsets) {
    std::vector<std::pair<std::int64_t, HttpResponse>> out;
    store.read([&](Reader& reader) {
        for (const auto offset : offsets) {
            const Rows rows =
                reader.query("SELECT response FROM run_responses WHERE log_offset = $1", {offset});
            if (!rows.empty()) out.emplace_back(offset, fromText(rows[0].text(0)));
        }
    });
    return out;
}

void forgetOldResponses(Tx& tx, TimePoint now) {
    tx.exec("DELETE FROM run_responses WHERE created_at < $1", {toMicros(now - kKept)});
}

}  // namespace signalbox::workflow
