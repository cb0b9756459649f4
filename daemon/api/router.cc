#include "daemon/api/router.h"

#include <set>
#include <stdexcept>

#include "base/crypto.h"
#include "base/log.h"
#include "daemon/api/cookies.h"
#include "daemon/api/partial_response.h"
#include "hub/audit/audit_intents.h"
#include "hub/store/write_companion.h"

namespace signalbox::api {
namespace {

constexpr std::size_t kMaxJsonBody = 1024 * 1024;

std::vector<std::string_view> segments(std::string_view path) {
    std::vector<std::string_view> parts;
    while (!path.empty()) {
        path.remove_prefix(1);  // the slash
        const auto end = std::min(path.find('/'), path.size());
        parts.push_back(path.substr(0, end));
        path.remove_prefix(end);
    }
    return parts;
}

bool matches(std::string_view pattern, std::string_view path,
             std::map<std::string, std::string, std::less<>>& captures) {
    const auto wanted = segments(pattern);
    const auto given = segments(path);
    if (wanted.size() != given.size()) return false;
    captures.clear();
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const bool is_capture = wanted[i].starts_with('{');
        if (!is_capture && wanted[i] != given[i]) return false;
        if (is_capture && given[i].empty()) return false;
        if (is_capture) captures.emplace(wanted[i].substr(1, wanted[i].size() - 2), percentDecode(given[i]));
    }
    return true;
}

std::string bearerOf(const HttpRequest& request) {
    const auto header = request.headers.get("authorization");
    if (header.size() > 7 && equalsIgnoringCase(header.substr(0, 7), "bearer "))
        return std::string(header.substr(7));
    return "";
}

// What a caller shows of himself; empty: nothing.
Secret credentialOf(const HttpRequest& request) {
    std::string token = bearerOf(request);
    if (token.empty()) token = cookieOf(request, kSessionCookie);
    return Secret(std::move(token));
}

// Some proxies leave the port out of Host; then it does not count.
bool isOf(std::string_view origin, std::string_view host) {
    const auto begin = origin.find("://");
    if (begin == std::string_view::npos || host.empty()) return false;
    origin.remove_prefix(begin + 3);
    if (origin == host) return true;
    const bool has_port = host.find(':', host.find(']') == std::string_view::npos ? 0 : host.find(']')) !=
                          std::string_view::npos;
    return !has_port && origin.substr(0, origin.rfind(':')) == host;
}

// A cookie is sent by the browser whoever made the page: a change takes the session's CSRF token as well, and
// a WebSocket an Origin that is this host.
Status checkOrigin(const HttpRequest& request, const std::string& session) {
    const Error refused{
        ErrorKind::Forbidden,
        "a call with the session cookie takes its csrf_token in X-CSRF-Token, from a page of this host",
        {},
        "csrf_refused"};
    const auto site = request.headers.get("sec-fetch-site", "none");
    const bool is_websocket = equalsIgnoringCase(request.headers.get("upgrade"), "websocket");
    const std::string_view origin = request.headers.get("origin");
    const bool is_own_origin = isOf(origin, request.headers.get("host"));
    if (is_websocket) return is_own_origin ? Status(Done{}) : refused;
    if (request.method == "GET" || request.method == "HEAD") return Done{};
    if (site != "none" && site != "same-origin") return refused;
    // Programs send none; a browser sends one with every change.
    if (!origin.empty() && !is_own_origin) return refused;
    const bool is_ours = equalInConstantTime(request.headers.get("x-csrf-token"), csrfTokenFor(session));
    return is_ours ? Status(Done{}) : refused;
}

// Changes, and reading what people wrote or are: not the daemon's own figures and descriptions.
bool isNoted(const Route& route) {
    if (route.method != "GET") return true;
    for (const std::string_view area :
         {"messages:", "conversations:", "people:", "files:", "search:", "events:", "quarantine:", "leads:",
          "calls:", "exports:", "audit:", "users:", "grants:", "objects:", "dead_letters:"}) {
        if (route.right.starts_with(area)) return true;
    }
    return false;
}

bool isSearchWord(std::string_view name) {
    return name == "q" || name == "address" || name == "subject" || name == "email" || name == "tag" ||
           name == "external_id";
}

// The words that a user searches by may be those of a mailbox that is his alone, which no admin reads.
std::string queryWithoutSecrets(const FormFields& query, bool is_user) {
    FormFields shown = query;
    for (auto& [name, value] : shown) {
        if (name.find("token") != std::string::npos || name.find("secret") != std::string::npos ||
            (is_user && (isSearchWord(name) || value.find('@') != std::string::npos)))
            value = "***";
    }
    return formEncode(shown);
}

AuditRow auditRowOf(const Route& route, const Call& call) {
    AuditRow row;
    row.org = call.caller.org;
    row.user = call.caller.user;
    row.token = call.caller.token;
    row.action = route.method + ' ' + route.pattern;
    for (const auto& [name, value] : call.captures) row.object += (row.object.empty() ? "" : " ") + value;
    row.details = queryWithoutSecrets(call.query, call.caller.user != 0);
    row.address = call.request.remote_address;
    return row;
}

Error beyondSight() {
    return {ErrorKind::Forbidden, "this is for roles that see the whole organization", {}, "right_missing"};
}

Status checkRight(const Caller& caller, std::string_view right) {
    if (caller.may(right)) return Done{};
    const std::string who = caller.isSession() ? "your role" : "this token";
    return Error{ErrorKind::Forbidden,
                 who + " may not do that: it takes the right " + std::string(right),
                 {},
                 "right_missing"};
}

// Not every client and proxy lets a DELETE have a body: what it would say may stand in the query.
Json bodyFromQuery(const Call& call) {
    Json body;
    for (const auto& [name, value] : call.query) body[name] = value;
    return body;
}

Status readBody(Call& call) {
    if (call.request.body.empty()) {
        if (call.request.method == "DELETE" && !call.query.empty()) call.body = bodyFromQuery(call);
        return Done{};
    }
    const std::string type = mediaType(call.request.headers.get("content-type"));
    if (type != "application/json") {
        return Error{ErrorKind::Rejected,
                     "send the body as content-type application/json",
                     {},
                     "unsupported_media_type"};
    }
    if (call.request.body.size() > kMaxJsonBody) {
        return Error{ErrorKind::Rejected, "the body is larger than 1 MiB", {}, "body_too_large"};
    }
    auto json = parseJson(call.request.body, {.refuse_duplicate_keys = true});
    if (!json) return withContext("body", json.error());
    call.body = std::move(*json);
    return Done{};
}

// ?fields= of whatever is read as JSON.
HttpResponse narrowed(const Call& call, HttpResponse response) {
    const std::string fields = call.queryText("fields");
    const bool is_read = call.request.method == "GET" || call.request.method == "HEAD";
    if (fields.empty() || !is_read || response.status != 200 ||
        !response.headers.get("content-type").starts_with("application/json") || response.body.empty())
        return response;
    const auto whole = parseJson(response.body);
    if (!whole) return response;
    const auto part = onlyFields(*whole, fields);
    if (!part) return refuse(part.error());
    response.body = dumpJson(*part);
    return response;
}

int statusFor(const Error& error) {
    if (error.code == "unsupported_media_type") return 415;
    if (error.code == "body_too_large") return 413;
    switch (error.kind) {
        case ErrorKind::Invalid:
            return 422;
        case ErrorKind::NotFound:
            return 404;
        case ErrorKind::Conflict:
            return 409;
        case ErrorKind::Unauthorized:
            return 401;
        case ErrorKind::Forbidden:
            return 403;
        case ErrorKind::Rejected:
            return 422;
        case ErrorKind::Throttled:
            return 429;
        case ErrorKind::Unavailable:
            return 503;
        case ErrorKind::Uncertain:
            return 504;
    }
    return 500;
}

}  // namespace

std::string Call::queryText(std::string_view name) const {
    return std::string(findField(query, name).value_or(""));
}

void Router::add(Route route) {
    for (const Route& known : routes_) {
        if (known.method == route.method && known.pattern == route.pattern) {
            throw std::logic_error("api: two routes for " + route.method + ' ' + route.pattern);
        }
    }
    routes_.push_back(std::move(route));
}

std::vector<std::string> Router::rights() const {
    // The live feed is no route of this table; what notes:read shows is in the answers of many.
    std::set<std::string> rights = {"feed:read", "notes:read"};
    for (const Route& route : routes_)
        if (route.right != kPublic) rights.insert(route.right);
    return {rights.begin(), rights.end()};
}

Result<Caller> Router::authenticate(const HttpRequest& request, std::string_view right) {
    auto caller = callerOf(request, false);
    if (!caller) return caller;
    if (auto checked = checkRight(*caller, right); !checked) return checked.error();
    return caller;
}

Result<Caller> Router::callerOf(const HttpRequest& request, bool may_read) {
    std::string token = bearerOf(request);
    const bool has_header = request.headers.find("authorization").has_value();
    const std::string cookie = has_header ? "" : cookieOf(request, kSessionCookie);
    if (token.empty() && cookie.empty()) {
        return Error{ErrorKind::Unauthorized,
                     "send an API token or a session's as «Authorization: Bearer …»",
                     {},
                     "token_missing"};
    }
    if (token.empty()) token = cookie;
    auto caller = cookie.empty() ? tokens_.verify(token) : std::nullopt;
    if (!caller) caller = may_read ? sessions_.verifyOrLoad(token) : sessions_.verify(token);
    if (!caller) {
        return Error{
            ErrorKind::Unauthorized, "this token is not known, revoked or over", {}, "token_invalid"};
    }
    if (!cookie.empty()) {
        if (auto checked = checkOrigin(request, cookie); !checked) return checked.error();
    }
    return *caller;
}

HttpResponse Router::handle(HttpRequest request) {
    try {
        Call call;
        std::string allowed;
        const Route* route = match(request, call.captures, allowed);
        if (route == nullptr && !allowed.empty()) {
            auto response = problem(405, "method_not_allowed", "this path takes " + allowed);
            response.headers.add("allow", allowed);
            return response;
        }
        if (route == nullptr) return notFound("path");
        if (route->right != kPublic) {
            auto caller = callerOf(request, true);
            if (!caller) return refuse(caller.error());
            if (auto checked = checkRight(*caller, route->right); !checked) return refuse(checked.error());
            if (!caller->seesEverything() && !route->applies_visibility && !route->right.starts_with("self:"))
                return refuse(beyondSight());
            call.caller = std::move(*caller);
        }
        call.query = parseForm(request.query());
        call.request = std::move(request);
        std::int64_t intent = 0;
        HttpResponse response = dispatchNoted(*route, call, intent);
        if (auto noted = note(*route, call, response, intent); !noted) {
            log::error("audit_not_written", {{"error", noted.error().message}});
            return refuse({ErrorKind::Unavailable, "it was done, but cannot be noted at the moment",
                           std::chrono::seconds(5), "store_unavailable"});
        }
        return narrowed(call, std::move(response));
    } catch (const StoreError& failure) {
        log::error("api_store_failed", {{"error", failure.message}});
        auto response = problem(503, "store_unavailable", "the database cannot answer at the moment");
        response.headers.add("retry-after", "5");
        return response;
    } catch (const std::exception& failure) {
        log::error("api_failed", {{"error", failure.what()}});
        return problem(500, "internal_error", "this should not have happened; the log has a line about it");
    }
}

const Route* Router::match(const HttpRequest& request,
                           std::map<std::string, std::string, std::less<>>& captures,
                           std::string& allowed) const {
    for (const Route& route : routes_) {
        if (!matches(route.pattern, request.path(), captures)) continue;
        if (route.method == request.method || (route.method == "GET" && request.method == "HEAD"))
            return &route;
        allowed += allowed.empty() ? route.method : ", " + route.method;
    }
    return nullptr;
}

HttpResponse Router::dispatch(const Route& route, Call& call) {
    if (!route.takes_raw_body) {
        if (const auto read = readBody(call); !read) return refuse(read.error());
    }
    const std::string key(call.request.headers.get("idempotency-key"));
    if (call.request.method != "POST" || key.empty()) return route.handler(call);
    if (key.size() > 200)
        return problem(422, "idempotency_key_invalid", "an Idempotency-Key has at most 200 characters");
    return runIdempotent(route, call, key);
}

// With the first commit of the handler goes a note that something is being changed, so that a crash before
// the row is written leaves no change without one.
HttpResponse Router::dispatchNoted(const Route& route, Call& call, std::int64_t& intent) {
    if (audit_ == nullptr || call.caller.org == 0 || route.method == "GET") return dispatch(route, call);
    AuditRow row = auditRowOf(route, call);
    row.intent = static_cast<std::int64_t>(randomNumber() >> 1);
    const TimePoint now = audit_->now();
    WriteCompanion companion([&](Tx& tx) { noteIntent(tx, row, now); });
    HttpResponse response = dispatch(route, call);
    if (companion.isWritten()) intent = row.intent;
    return response;
}

Status Router::note(const Route& route, const Call& call, const HttpResponse& response, std::int64_t intent) {
    if (audit_ == nullptr || call.caller.org == 0 || !isNoted(route)) return Done{};
    AuditRow row = auditRowOf(route, call);
    row.status = response.status;
    row.intent = intent;
    const bool has_ids =
        response.status < 300 && response.headers.get("content-type").starts_with("application/json");
    std::string body = has_ids ? response.body : "";
    if (route.method == "GET") {
        audit_->record(std::move(row), std::move(body));
        return Done{};
    }
    return audit_->recordAndWait(std::move(row), std::move(body));
}

HttpResponse Router::runIdempotent(const Route& route, Call& call, const std::string& key) {
    std::string said = call.request.method + '\n' + call.request.target + '\n' + call.request.body;
    if (call.request.body_file) {  // another file under the same key is another request
        const auto bytes = call.request.body_file->bytes();
        if (!bytes) return refuse(bytes.error());
        said += hash(HashAlgorithm::Sha256, *bytes);
    }
    const std::string fingerprint = toHex(hash(HashAlgorithm::Sha256, said));
    const Secret credential = credentialOf(call.request);
    const auto begun = idempotency_.begin(call.caller, key, fingerprint, credential);
    if (!begun) return refuse(begun.error());
    if (*begun) return **begun;
    HttpResponse response;
    WriteCompanion companion([&](Tx& tx) {
        if (!call.has_own_guard) idempotency_.noteWork(tx, call.caller, key);
    });
    try {
        response = route.handler(call);
    } catch (...) {
        idempotency_.finish(call.caller, key, HttpResponse{500, {}, ""});
        throw;
    }
    if (!route.answers_secret) {
        idempotency_.finish(call.caller, key, response);
    } else if (credential.reveal().empty()) {  // nobody yet: nothing that only he has
        idempotency_.finish(call.caller, key, HttpResponse{500, {}, ""});
    } else {
        idempotency_.finishSealed(call.caller, key, response, credential);
    }
    return response;
}

HttpResponse ok(const Json& body) {
    return jsonResponse(200, dumpJson(body));
}
HttpResponse reply(int status, const Json& body) {
    return jsonResponse(status, dumpJson(body));
}

HttpResponse list(const PageOfItems& page, std::string_view prefix) {
    return ok(
        {{"items", page.items}, {"next", page.next ? Json(idText(prefix, *page.next)) : Json(nullptr)}});
}

HttpResponse refuse(const Error& error) {
    auto response =
        problem(statusFor(error), error.code.empty() ? toString(error.kind) : error.code, error.message);
    if (error.retry_after) response.headers.add("retry-after", std::to_string(error.retry_after->count()));
    if (response.status == 401) response.headers.add("www-authenticate", "Bearer");
    return response;
}

HttpResponse notFound(std::string_view what) {
    return problem(404, "not_found", "no such " + std::string(what));
}

Result<PageRequest> readPage(const Call& call, std::string_view prefix) {
    PageRequest page;
    if (const std::string limit = call.queryText("limit"); !limit.empty()) {
        const bool is_number =
            limit.size() <= 3 && limit.find_first_not_of("0123456789") == std::string::npos;
        page.limit = is_number ? std::stoul(limit) : 0;
        if (page.limit < 1 || page.limit > 200)
            return Error{ErrorKind::Invalid, "limit: a number from 1 to 200"};
    }
    if (const std::string cursor = call.queryText("cursor"); !cursor.empty()) {
        const auto id = parseId(prefix, cursor);
        if (!id) return Error{ErrorKind::Invalid, "cursor: use the `next` of the page before as it is"};
        page.before = *id;
    }
    return page;
}

Result<Id> readId(const Call& call, std::string_view prefix) {
    const auto id = parseId(prefix, call.capture("id"));
    if (!id) return Error{ErrorKind::NotFound, "no such id"};
    return *id;
}

}  // namespace signalbox::api
