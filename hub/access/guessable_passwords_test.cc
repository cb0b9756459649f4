#include "hub/access/guessable_passwords.h"

#include <boost/test/unit_test.hpp>

namespace signalbox {

BOOST_AUTO_TEST_CASE(what_everybody_tries_first_is_refused_also_when_it_is_dressed_up) {
    for (const char* password : {"password1234", "Password2026!", "P4ssw0rd2026!!", "qwertyuiop12",
                                 "123456789012", "passwordpassword", "Welcome12345", "iloveyou1234",
                                 "1q2w3e4r5t6y", "Administrator1", "abcdefghijkl", "letmein!!!!!!!",
                                 "changeme-2026", "!!!admin!!!123", "qwertzuiopasdf", "987654321098"})
        BOOST_TEST(isGuessablePassword(password), password);
}

BOOST_AUTO_TEST_CASE(a_phrase_of_ones_own_is_taken_although_a_common_word_is_in_it) {
    for (const char* password : {"correct horse battery", "blue password of my aunt", "tr4in leaves at nine",
                                 "kX7#pQ2!vL9s", "sunshine over roof seventeen", "Gänsefüßchen sind krumm"})
        BOOST_TEST(!isGuessablePassword(password), password);
}

}  // namespace signalbox
