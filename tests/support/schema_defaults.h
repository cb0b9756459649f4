// Configurations in tests as the daemon hands them to connectors: with the defaults of their schema.
#pragma once

#include "base/json.h"

namespace signalbox::testing {

// `config` with every default of `schema` (JSON Schema as text) that it does not set, also inside objects.
inline Json fillDefaults(const Json& schema, Json config) {
    for (const auto& [name, property] : memberAt(schema, "properties").items()) {
        if (!config.contains(name) && property.contains("default")) config[name] = property["default"];
        if (config.contains(name) && config[name].is_object())
            config[name] = fillDefaults(property, config[name]);
    }
    return config;
}

inline Json withDefaults(const std::string& schema, Json config) {
    return fillDefaults(*parseJson(schema), std::move(config));
}

}  // namespace signalbox::testing
