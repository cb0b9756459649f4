// A bounded, repeatable taste of fuzzing in every run: each seed as it is, then mutations of it. Long runs
// with coverage: `./dev fuzz`.
#include "tests/fuzz/targets.h"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <random>

namespace signalbox::fuzz {
namespace {

// Of each seed; another number, and with it other mutations: SIGNALBOX_FUZZ_MUTATIONS.
int mutationsOfEach() {
    const char* const wanted = std::getenv("SIGNALBOX_FUZZ_MUTATIONS");
    return wanted != nullptr ? std::atoi(wanted) : 4'000;
}

// Bytes changed, cut, doubled, and pieces of other seeds put in; the same for the same dice.
std::string mutated(std::string bytes, const std::vector<std::string>& seeds, std::mt19937& dice) {
    const auto below = [&](std::size_t limit) { return limit == 0 ? 0 : dice() % limit; };
    for (int edits = 1 + static_cast<int>(below(4)); edits > 0; --edits) {
        const std::size_t at = below(bytes.size() + 1);
        switch (below(6)) {
            case 0:
                if (at < bytes.size()) bytes[at] = static_cast<char>(below(256));
                break;
            case 1:
                bytes.erase(at, below(12));
                break;
            case 2:
                bytes.insert(at, bytes.substr(below(bytes.size()), below(40)));
                break;
            case 3:
                bytes.insert(at,
                             std::string(1 + below(300), bytes.empty() ? '(' : bytes[below(bytes.size())]));
                break;
            case 4: {
                const std::string& other = seeds[below(seeds.size())];
                bytes.insert(at, other.substr(below(other.size()), below(60)));
                break;
            }
            default:
                bytes.resize(at);
        }
    }
    return bytes;
}

std::string quoted(const std::string& bytes) {
    std::string out;
    for (const char c : bytes) {
        char text[8];
        std::snprintf(text, sizeof text, c >= 32 && c < 127 && c != '\\' ? "%c" : "\\x%02x", c & 0xff);
        out += text;
    }
    return out;
}

void feed(const Target& target, const std::string& bytes) {
    try {
        target.run(bytes);
    } catch (const std::exception& broken) {
        BOOST_TEST(false, target.name + ": " + broken.what() + ": " + quoted(bytes));
    }
}

}  // namespace

BOOST_AUTO_TEST_CASE(no_parser_of_foreign_bytes_throws_or_contradicts_itself) {
    const int mutations = mutationsOfEach();
    for (const Target& target : targets()) {
        std::mt19937 dice(static_cast<unsigned>(mutations));  // repeatable
        BOOST_TEST(!target.seeds.empty());
        for (const std::string& seed : target.seeds) {
            feed(target, seed);
            for (int i = 0; i < mutations; ++i) feed(target, mutated(seed, target.seeds, dice));
        }
    }
}

BOOST_AUTO_TEST_CASE(a_target_that_breaks_is_seen) {
    const Target target{"planted",
                        [](std::string_view bytes) {
                            if (bytes.size() > 3) throw Broken("planted");
                        },
                        {"abcd"}};

    BOOST_CHECK_THROW(target.run(target.seeds[0]), Broken);
}

}  // namespace signalbox::fuzz
