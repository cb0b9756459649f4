// What Meta's error codes mean for us, in answers to a call and in failed statuses. Only the code decides:
// the HTTP status of one code differs from case to case.
#pragma once

#include <cstdint>
#include <string>

#include "base/http_message.h"
#include "base/json.h"
#include "base/result.h"

namespace signalbox::whatsapp_cloud {

enum class ErrorClass { Auth, Throttle, Transient, Window, Recipient, Request, Template, Account, Unknown };

ErrorClass classOf(std::int64_t code);
const char* toString(ErrorClass error_class);  // "auth", "throttle" … as in an envelope's content.error_class
// Whether the same message may be sent again later with hope.
bool isRetryable(ErrorClass error_class);

// More than 24 hours since the other side last wrote; only templates are let through.
inline constexpr std::int64_t kOutsideWindow = 131047;

// The error of a call that was answered with `response` and no success. Bodies that are not Meta's JSON are
// judged by their status. `what` names the call ("whatsapp send").
Error errorFromAnswer(const std::string& what, const HttpResponse& response);

// The words of one of Meta's error objects for people: details, else message, else title.
std::string describe(const Json& error);

}  // namespace signalbox::whatsapp_cloud
