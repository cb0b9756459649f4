#include "daemon/api/approvals_api.h"

#include "base/html_text.h"
#include "daemon/api/body.h"
#include "daemon/api/link_page.h"

namespace signalbox::api {
namespace {

using workflow::Approvals;
using workflow::Decision;

constexpr std::size_t kMaxComment = 2000;

HttpResponse showLink(const Call& call, const Approvals& approvals) {
    const auto found = approvals.findByToken(call.capture("token"));
    if (!found) return linkPage(404, "Not found", "<p>There is no such question.</p>");
    const std::string status = textAt(*found, "status"), title = textAt(*found, "title");
    std::string body = "<pre>" + escapeHtml(textAt(*found, "details")) + "</pre>";
    if (status == "over") return linkPage(410, title, body + "<p>Nobody waits for an answer any more.</p>");
    if (status != "pending") return linkPage(200, title, body + "<p>It was " + escapeHtml(status) + ".</p>");
    // Looking changes nothing: mail scanners open links, too.
    body +=
        "<form method=\"post\"><p><label>Comment<br><textarea name=\"comment\" rows=\"3\" "
        "maxlength=\"2000\"></textarea></label></p>"
        "<p><button name=\"decision\" value=\"approved\">Approve</button> "
        "<button name=\"decision\" value=\"rejected\">Reject</button></p></form>";
    return linkPage(200, title, body);
}

Result<Decision> readDecision(const std::string& word, const std::string& comment, std::string by) {
    if (word != "approved" && word != "rejected")
        return Error{ErrorKind::Invalid, "decision: approved or rejected"};
    if (comment.size() > kMaxComment) return Error{ErrorKind::Invalid, "comment: longer than 2000 bytes"};
    return Decision{word == "approved", comment, std::move(by)};
}

HttpResponse decideByLink(const Call& call, Approvals& approvals) {
    const FormFields form = parseForm(call.request.body);
    const auto decision = readDecision(std::string(findField(form, "decision").value_or("")),
                                       std::string(findField(form, "comment").value_or("")), "link");
    if (!decision)
        return linkPage(422, "Not understood", "<p>" + escapeHtml(decision.error().message) + "</p>");
    const auto done = approvals.decideByToken(call.capture("token"), *decision);
    if (done)
        return linkPage(200, "Thank you",
                        decision->is_approved ? "<p>It is approved.</p>" : "<p>It is rejected.</p>");
    if (done.error().kind == ErrorKind::NotFound)
        return linkPage(404, "Not found", "<p>There is no such question.</p>");
    if (done.error().kind == ErrorKind::Conflict)
        return linkPage(409, "Too late", "<p>" + escapeHtml(done.error().message) + "</p>");
    return linkPage(503, "Not stored", "<p>Please try again in a moment.</p>");
}

HttpResponse getApprovals(Call& call, const Approvals& approvals) {
    const auto wanted = readPage(call, workflow::kApprovalId);
    if (!wanted) return refuse(wanted.error());
    const std::string status = call.queryText("status");
    if (!status.empty() && status != "pending" && status != "approved" && status != "rejected" &&
        status != "over")
        return refuse({ErrorKind::Invalid, "status: pending, approved, rejected or over"});
    return ok(approvals.list(call.caller.org, status, wanted->before, wanted->limit));
}

HttpResponse getApproval(Call& call, const Approvals& approvals) {
    const auto id = readId(call, workflow::kApprovalId);
    const auto found = id ? approvals.find(call.caller.org, *id) : std::nullopt;
    return found ? ok(*found) : notFound("approval");
}

HttpResponse postApproval(Call& call, Approvals& approvals) {
    Body body(call.body, {"decision", "comment"});
    const std::string word = body.requiredText("decision"), comment = body.text("comment");
    if (!body.status()) return refuse(body.status().error());
    const auto id = readId(call, workflow::kApprovalId);
    if (!id) return notFound("approval");
    const std::string by = call.caller.user != 0 ? "user:" + std::to_string(call.caller.user)
                                                 : idText(kTokenId, call.caller.token);
    const auto decision = readDecision(word, comment, by);
    if (!decision) return refuse(decision.error());
    if (const auto done = approvals.decide(call.caller.org, *id, *decision); !done)
        return refuse(done.error());
    return getApproval(call, approvals);
}

}  // namespace

void addApprovalRoutes(Router& router, Approvals& approvals) {
    router.add(
        {"GET", "/api/v1/approvals", "runs:read", [&](Call& call) { return getApprovals(call, approvals); }});
    router.add({"GET", "/api/v1/approvals/{id}", "runs:read",
                [&](Call& call) { return getApproval(call, approvals); }});
    router.add({"POST", "/api/v1/approvals/{id}", "runs:answer",
                [&](Call& call) { return postApproval(call, approvals); }});
    router.add({"GET", "/approvals/{token}", std::string(kPublic),
                [&](Call& call) { return showLink(call, approvals); }});
    Route decide{"POST", "/approvals/{token}", std::string(kPublic),
                 [&](Call& call) { return decideByLink(call, approvals); }};
    decide.takes_raw_body = true;
    router.add(std::move(decide));
}

}  // namespace signalbox::api
