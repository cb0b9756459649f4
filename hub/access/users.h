// The users of the organizations. Only this file's functions and sign_in write the table. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ids.h"
#include "base/json.h"
#include "base/result.h"
#include "hub/store/store.h"

namespace signalbox {

struct User {
    Id id = 0, org = 0;
    std::string email, name, role;
    Id person = 0;
    bool is_active = true;
    std::string password;  // Argon2id, encoded; never leaves hub/access
    std::int64_t revision = 1;
};

// In small letters; nothing when it is not an address (one @, something on both sides, 254 bytes at most).
std::optional<std::string> normalizeEmail(std::string_view text);

std::optional<User> findUser(Reader& reader, Id org, std::string_view email);
std::optional<User> findUser(Reader& reader, Id org, Id user);
// `subject`: whom an OpenID provider says it is, with the provider's name.
std::optional<User> findUserBySubject(Reader& reader, Id org, std::string_view subject);
// In the shape of the API, without anything secret.
Json userJson(const User& user);
Json listUsers(Reader& reader, Id org);

// Inside Writes; `user.id` is set by the caller. False: the organization has a user of that address, or no
// such person to be.
bool insertUser(Tx& tx, const User& user, TimePoint now);
// Raises the revision; nothing is changed when it is not `user.revision` any more (false).
bool updateUser(Tx& tx, const User& user, TimePoint now);
// False: the user is linked to another subject already.
bool linkSubject(Tx& tx, Id org, Id user, std::string_view subject, TimePoint now);
void setPassword(Tx& tx, Id org, Id user, const std::string& encoded, TimePoint now);

// True when `person` is one of that organization's people.
bool isPersonOf(Reader& reader, Id org, Id person);
// Active users who have the role admin.
std::int64_t countAdmins(Reader& reader, Id org);

}  // namespace signalbox
