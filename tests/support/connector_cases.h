// A connector's behaviour as data: `connectors/<name>/cases/*.yaml`, one case for each YAML document.
//
// account.yaml, for all cases of the folder:
//   config: {…}                     what the user would write; defaults of the schema are filled in
//   sign: meta                      how callbacks are signed (tests/support/webhook_signing.cc); none: not at
//   all expect: {garbage: receipt}      where the contract suite's expectations do not fit (see there)
//
// Every other file:
//   name: a photo with a caption    what the case shows
//   config: {…}                     over the account's
//   now: 2026-01-05T09:00:00Z
// on the way in
//   webhook: {method: POST, target: /, headers: {…}, body: text | body_json: {…} | form: {…},
//             signature: right | wrong | none}
//   envelopes: [{…}]                toJson(Envelope); members not named are not compared (exact: true: all
//   are) reply: {status: 200, body: …}   else 200 quarantine: part of the reason  else none may be
// on the way out, with what the provider answers
//   message: {to: {kind, value}, type, text, content, attachments, in_reply_to, id, idempotency_key, …}
//   fetch: {media_id, url, sha256}  or a file
//   check: true                     or the account
//   answers: [{status: 200, headers: {…}, body: text | body_json: {…}}, {error: uncertain}]
//   requests: [{method, url, headers: {…}, body: text | body_json: {…} | form: {…}}]   headers: only those
//   named receipt: {external_id, state, content}   media: {bytes, mime, filename}
// either way
//   error: {kind: throttled, code: "131056", message: part of it, retry_after_s: 6}
// `key: null` means the key must not be there.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "connectors/sdk/connector.h"

namespace signalbox {

struct ConnectorCase {
    std::string name;  // file and name
    Json account;      // account.yaml
    Json json;
};

// Sorted by file. Throws std::runtime_error on files that cannot be read.
std::vector<ConnectorCase> loadConnectorCases(const std::filesystem::path& connector_folder);

// One line for each way in which the connector behaved otherwise; empty when the case holds.
std::vector<std::string> runConnectorCase(const ConnectorType& type, const ConnectorCase& test_case);

// The parts, for suites that bend a case on purpose.
Json caseConfig(const ConnectorType& type, const ConnectorCase& test_case);
HttpRequest caseWebhook(const ConnectorCase& test_case, const Json& config);
OutboundMessage caseMessage(const Json& message);
TimePoint caseNow(const ConnectorCase& test_case);

}  // namespace signalbox
