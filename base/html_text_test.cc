#include "base/html_text.h"

#include <boost/test/unit_test.hpp>

namespace signalbox {

BOOST_AUTO_TEST_SUITE(html_text)

BOOST_AUTO_TEST_CASE(what_has_a_meaning_in_html_loses_it) {
    BOOST_TEST(escapeHtml("<img src=x onerror='a(\"b\")'> & so on") ==
               "&lt;img src=x onerror=&#39;a(&quot;b&quot;)&#39;&gt; &amp; so on");
    BOOST_TEST(escapeHtml("Grüße, 你好\n") == "Grüße, 你好\n");
    BOOST_TEST(escapeHtml("") == "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace signalbox
