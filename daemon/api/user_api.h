// /api/v1/users, /invitations, /password-resets: the users of an organization and how they come in.
#pragma once

#include "daemon/api/own_mailer.h"
#include "daemon/api/router.h"
#include "hub/access/invitations.h"
#include "hub/access/sign_in.h"

namespace signalbox::api {

struct UserParts {
    Store& store;
    Ids& ids;
    const Clock& clock;
    const Roles& roles;
    Sessions& sessions;
    Passwords& passwords;
    Invitations& invitations;
    OwnMailer& mailer;
};
void addUserRoutes(Router& router, const UserParts& parts);
void addInvitationRoutes(Router& router, const UserParts& parts);

// The role of that name, which the caller may give to others (hub/access/giving.h); Invalid or Forbidden
// otherwise.
Result<RoleRef> roleToGive(const Call& call, const Router& router, const Roles& roles,
                           const std::string& name);
// Forbidden: the user may do more than the caller, so the caller changes nothing about him.
Status checkMayChange(const Call& call, const Router& router, const Roles& roles, const User& user);
// `person_id` of the body: 0 when it is null or missing.
Result<Id> readPerson(const Json& body);

}  // namespace signalbox::api
