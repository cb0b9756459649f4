// Organizations and users of a Gateway, made with the daemon's own commands while it does not run.
#pragma once

#include "tests/support/gateway.h"

namespace signalbox {

inline const std::string kPassword = "correct horse battery";

inline std::string trimmed(std::string text) {
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
}

inline std::string makeOrg(const Gateway& gateway, const std::string& name) {
    return trimmed(runProgram({builtProgram("signalboxd"), "org", "create", "--config", gateway.config(),
                               "--data", gateway.data(), name}));
}

// The user's id.
inline std::string makeUser(const Gateway& gateway, const std::string& org, const std::string& email,
                            const std::string& role) {
    const std::string command = "printf %s '" + kPassword + "' | '" + builtProgram("signalboxd") +
                                "' user create --config '" + gateway.config() + "' --data '" +
                                gateway.data() + "' --org '" + org + "' --email '" + email + "' --role '" +
                                role + "' --password-stdin";
    return trimmed(runProgram({"/bin/sh", "-c", command}));
}

// The answer to a sign-in.
inline HttpResponse trySignIn(const Gateway& gateway, const std::string& org, const std::string& email,
                              const std::string& password = kPassword, const std::string& totp = "") {
    HttpCall http(gateway.port());
    return http.post("/api/v1/sessions",
                     {{"org", org}, {"email", email}, {"password", password}, {"totp", totp}});
}

// A session's token; throws with the answer when it is none.
inline std::string signIn(const Gateway& gateway, const std::string& org, const std::string& email) {
    const auto answer = trySignIn(gateway, org, email);
    if (answer.status != 201) throw std::runtime_error("sign in: " + answer.body);
    return parseJson(answer.body)->at("token");
}

}  // namespace signalbox
