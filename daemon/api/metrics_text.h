// The text that Prometheus scrapes: https://prometheus.io/docs/instrumenting/exposition_formats/, version
// 0.0.4. Pure.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace signalbox::api {

struct Figure {
    std::string name;  // signalbox_… as Prometheus shows it
    std::string help;
    bool is_counter = false;
    double value = 0;
    std::vector<std::pair<std::string, std::string>> labels;
};

// Figures of one name stand together, under the help and type of the first one.
std::string metricsText(const std::vector<Figure>& figures);

}  // namespace signalbox::api
