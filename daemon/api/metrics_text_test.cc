#include "daemon/api/metrics_text.h"

#include <boost/test/unit_test.hpp>

namespace signalbox::api {

BOOST_AUTO_TEST_CASE(figures_of_one_name_stand_under_one_head) {
    const std::string text = metricsText({{"signalbox_b", "second", false, 0.5, {{"state", "dead"}}},
                                          {"signalbox_a", "first", true, 12},
                                          {"signalbox_b", "second", false, 7, {{"state", "sent"}}}});

    BOOST_TEST(text ==
               "# HELP signalbox_a first\n# TYPE signalbox_a counter\nsignalbox_a 12\n"
               "# HELP signalbox_b second\n# TYPE signalbox_b gauge\n"
               "signalbox_b{state=\"dead\"} 0.5\nsignalbox_b{state=\"sent\"} 7\n");
}

BOOST_AUTO_TEST_CASE(a_label_value_cannot_end_its_line) {
    const std::string text = metricsText({{"m", "a\nb", false, 1, {{"account", "x\"\\\ny"}}}});

    BOOST_TEST(text == "# HELP m a\\nb\n# TYPE m gauge\nm{account=\"x\\\"\\\\\\ny\"} 1\n");
}

}  // namespace signalbox::api
