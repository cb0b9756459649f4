#include "base/hmac_key.h"

#include <boost/test/unit_test.hpp>

namespace signalbox {
namespace {

// RFC 4231, test cases 1, 2 and 6 (a key longer than a block).
BOOST_AUTO_TEST_CASE(the_vectors_of_rfc_4231_are_met) {
    BOOST_TEST(toHex(HmacKey(HashAlgorithm::Sha256, std::string(20, '\x0b')).sign("Hi There")) ==
               "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    BOOST_TEST(toHex(HmacKey(HashAlgorithm::Sha256, "Jefe").sign("what do ya want for nothing?")) ==
               "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    BOOST_TEST(toHex(HmacKey(HashAlgorithm::Sha256, std::string(131, '\xaa'))
                         .sign("Test Using Larger Than Block-Size Key - Hash Key First")) ==
               "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

BOOST_AUTO_TEST_CASE(it_agrees_with_the_plain_function_for_every_algorithm_and_length) {
    for (const auto algorithm : {HashAlgorithm::Sha1, HashAlgorithm::Sha256, HashAlgorithm::Sha512}) {
        for (const std::size_t size : {0, 1, 63, 64, 65, 127, 128, 129, 1000}) {
            const std::string key(size, 'k'), data(size * 3, 'd');
            BOOST_TEST(toHex(HmacKey(algorithm, key).sign(data)) == toHex(hmac(algorithm, key, data)));
        }
    }
}

BOOST_AUTO_TEST_CASE(a_key_signs_any_number_of_times) {
    const HmacKey key(HashAlgorithm::Sha256, "secret");

    BOOST_TEST(key.sign("one") != key.sign("two"));
    BOOST_TEST(key.sign("one") == key.sign("one"));
}

}  // namespace
}  // namespace signalbox
