// The entry point of every test program; the name of the program tells the folder it tests.
#define BOOST_TEST_MODULE signalbox
#include <boost/test/unit_test.hpp>
