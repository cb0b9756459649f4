// What PostgreSQL's error codes mean to us. Pure.
#pragma once

#include <string>
#include <string_view>

#include "hub/store/store.h"

namespace signalbox::store {

// `state`: five characters as in the appendix «PostgreSQL Error Codes», or empty when the connection broke.
StoreError::Kind kindOfSqlState(std::string_view state);

// libpq's messages come in several lines.
std::string inOneLine(std::string_view text);

}  // namespace signalbox::store
