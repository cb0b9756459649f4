#include "daemon/api/mail_api.h"

#include "connectors/email/discover.h"

namespace signalbox::api {
namespace {

HttpResponse getDiscover(Call& call, HttpClient& http) {
    const std::string address = call.queryText("address");
    const auto found = email::discover(address, {http}, {});
    if (!found) return refuse(found.error());
    return ok(email::toJson(*found, address));
}

}  // namespace

void addMailRoutes(Router& router, HttpClient& http) {
    router.add({"GET", "/api/v1/mail/discover", "accounts:manage",
                [&http](Call& call) { return getDiscover(call, http); }});
}

}  // namespace signalbox::api
