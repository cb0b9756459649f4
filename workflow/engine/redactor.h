// Keeps secrets out of the history of runs: values under telling names (password, token, authorization …) and
// the secrets that the configuration holds, wherever they occur. Immutable; any thread.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "base/secret.h"

namespace signalbox::workflow {

class Redactor {
public:
    Redactor() = default;
    // Secrets shorter than 8 characters are too common as plain words to be searched for.
    explicit Redactor(std::vector<Secret> secrets);

    // The value as compact JSON with secrets as "***"; cut down to a mark with a beginning when it is longer
    // than `max_bytes`: {"truncated": true, "bytes": …, "preview": "…"}.
    std::string toText(const Json& value, std::size_t max_bytes = 64 * 1024) const;
    std::string hide(std::string text) const;

private:
    std::vector<Secret> secrets_;
};

}  // namespace signalbox::workflow
