// What another system answered → receipt or error. Pure.
#pragma once

#include "connectors/http/render.h"

namespace signalbox::http_account {

Result<Receipt> readAnswer(const HttpResponse& response, const Prepared& prepared,
                           const AccountConfig& config, std::chrono::milliseconds duration);

// An error of the client, as far as the next step depends on what was asked.
Error readFailure(Error error, const Prepared& prepared);

}  // namespace signalbox::http_account
