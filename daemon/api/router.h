// The API's table of routes: method, path with {captures}, the right it takes, the handler. Everything below
// /api/v1 goes through here: authentication, rights, idempotency, body parsing, errors as problem+json.
// Handlers run on the request workers and may read the store and wait for a commit.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/http_message.h"
#include "base/json.h"
#include "base/result.h"
#include "hub/access/idempotency.h"
#include "hub/access/sessions.h"
#include "hub/access/tokens.h"
#include "hub/audit/audit.h"
#include "hub/model/page.h"

namespace signalbox::api {

// One authenticated call.
struct Call {
    HttpRequest request;
    std::map<std::string, std::string, std::less<>> captures;
    FormFields query;
    Caller caller;
    Json body;                   // null when there was none
    bool has_own_guard = false;  // the handler keeps the Idempotency-Key with what it makes: it may run again

    const std::string& capture(std::string_view name) const { return captures.find(name)->second; }
    // "" when it is not there.
    std::string queryText(std::string_view name) const;
};

using Handler = std::function<HttpResponse(Call&)>;

struct Route {
    std::string method;   // GET, POST, PUT, DELETE
    std::string pattern;  // /api/v1/messages/{id}
    std::string right;    // what openapi.yaml says as x-right: "messages:read" …
    Handler handler;
    bool answers_secret = false;      // for an Idempotency-Key the answer is kept sealed
    bool takes_raw_body = false;      // the handler reads request.body itself (drafts are kept byte for byte)
    bool applies_visibility = false;  // shows nothing beyond the caller's Visibility: see `visible`
};

// A route whose handler applies the caller's Visibility (hub/access/visibility.h). All others refuse callers
// who do not see everything (customer, crew, subcontractor), whatever rights their role has.
inline Route visible(Route route) {
    route.applies_visibility = true;
    return route;
}

// Of routes that anyone may call.
inline constexpr std::string_view kPublic = "public";

// The cookie of a web console's session: of this origin only, out of reach of scripts.
inline constexpr std::string_view kSessionCookie = "__Host-signalbox";

class Router {
public:
    // `audit` may be null: then nothing is noted.
    Router(Tokens& tokens, Sessions& sessions, Idempotency& idempotency, Audit* audit)
        : tokens_(tokens), sessions_(sessions), idempotency_(idempotency), audit_(audit) {}

    // Twice the same method and pattern is a mistake of ours and throws.
    void add(Route route);
    const std::vector<Route>& routes() const { return routes_; }
    // Every right there is, each once: what a route takes, and those that only narrow what routes show.
    std::vector<std::string> rights() const;

    // Never throws. Any thread; blocks for as long as the handler does.
    HttpResponse handle(HttpRequest request);
    // Who calls, or the 401/403 to give. Streams use it as well; reads no database, so a session of another
    // node may be unknown for five seconds.
    Result<Caller> authenticate(const HttpRequest& request, std::string_view right);

private:
    Result<Caller> callerOf(const HttpRequest& request, bool may_read);
    const Route* match(const HttpRequest& request, std::map<std::string, std::string, std::less<>>& captures,
                       std::string& allowed) const;
    HttpResponse dispatch(const Route& route, Call& call);
    // Notes who did or read what; the error when a change cannot be noted.
    HttpResponse dispatchNoted(const Route& route, Call& call, std::int64_t& intent);
    Status note(const Route& route, const Call& call, const HttpResponse& response, std::int64_t intent);
    HttpResponse runIdempotent(const Route& route, Call& call, const std::string& key);

    Tokens& tokens_;
    Sessions& sessions_;
    Idempotency& idempotency_;
    Audit* audit_;
    std::vector<Route> routes_;
};

// ---- what handlers share
// --------------------------------------------------------------------------------------

HttpResponse ok(const Json& body);
HttpResponse reply(int status, const Json& body);
// {"items": […], "next": cursor|null}; `prefix` is that of the items' ids.
HttpResponse list(const PageOfItems& page, std::string_view prefix);
// The problem for an error of the hub; the message becomes the detail.
HttpResponse refuse(const Error& error);
HttpResponse notFound(std::string_view what);

// ?limit (1…200, default 50) and ?cursor; Invalid with a message that names the parameter.
Result<PageRequest> readPage(const Call& call, std::string_view prefix);
// The capture {id} as an id of that kind; NotFound otherwise, so that a foreign id looks like a missing one.
Result<Id> readId(const Call& call, std::string_view prefix);

}  // namespace signalbox::api
