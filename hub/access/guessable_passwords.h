// Passwords that everybody tries first. Pure.
#pragma once

#include <string_view>

namespace signalbox {

// Whether it is one of the best known, or one dressed up: other letters' case, digits for letters (p4ssw0rd),
// digits and signs before or behind (password2026!), the same twice.
bool isGuessablePassword(std::string_view password);

}  // namespace signalbox
