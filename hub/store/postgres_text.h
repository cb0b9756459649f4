// PostgreSQL refuses text with NUL or with bytes that are no UTF-8; what people and providers send has both.
#pragma once

#include <string>
#include <string_view>

namespace signalbox::store {

bool isStorableText(std::string_view text);
// Each byte that PostgreSQL would refuse becomes U+FFFD.
std::string storableText(std::string_view text);

}  // namespace signalbox::store
