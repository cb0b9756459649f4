// The body of a webhook as a JSON value, by the type it declares and never by its looks. Pure.
#pragma once

#include "base/http_message.h"
#include "base/json.h"
#include "base/result.h"

namespace signalbox::webhook {

struct Body {
    Json value;              // JSON as it is; a form as an object; everything else as text; null: no body
    bool is_base64 = false;  // value is bytes that are no UTF-8
};
Result<Body> readBody(const HttpRequest& request);

// Fields as an object; a repeated name becomes a list.
Json fieldsJson(const FormFields& fields);

}  // namespace signalbox::webhook
