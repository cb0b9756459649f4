// format=flowed (RFC 3676): soft line breaks joined, space-stuffing removed. Pure.
#pragma once

#include <string>
#include <string_view>

namespace signalbox::mime {

std::string unflow(std::string_view text, bool is_delsp);

}  // namespace signalbox::mime
