// Answers that come in pages: where the items of a page are, and how the next one is asked for. Pure.
#pragma once

#include <optional>
#include <string>

#include "base/http_message.h"
#include "base/json.h"
#include "base/result.h"

namespace signalbox::http_account {

struct Pagination {
    // link: the header Link with rel="next" (RFC 8288). url: an address in the body. cursor: a value in the
    // body that becomes a parameter. page, offset: a parameter that counts.
    enum class Mode { Link, Url, Cursor, Page, Offset } mode = Mode::Link;
    std::string items;      // path of the list in the body; empty: the body is the list
    std::string next_path;  // of url and cursor
    std::string parameter;  // of cursor, page and offset
    std::int64_t first = 1, step = 1;
    std::int64_t max_pages = 10;
};

// {"mode", "items", "next", "parameter", "first", "step", "max_pages"}; Invalid, naming the member.
Result<Pagination> readPagination(const Json& given);

// The list of a page; Rejected when there is none at its path.
Result<Json> itemsOf(const Pagination& pagination, const Json& body);

// The URL of the page behind this one; nothing when it was the last. `current` is the URL of this page,
// `page` counts from 0, `count` is how many items it had.
std::optional<std::string> nextPage(const Pagination& pagination, const std::string& current,
                                    const HttpResponse& response, const Json& body, std::int64_t page,
                                    std::size_t count);

// `url` with the parameter set, in place of one of that name.
std::string withParameter(const std::string& url, const std::string& name, const std::string& value);

}  // namespace signalbox::http_account
