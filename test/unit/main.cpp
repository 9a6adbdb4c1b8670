// The entry point of the unit tests: every other file of this directory adds its suite.
#define BOOST_TEST_MODULE koku_core
#include <boost/test/unit_test.hpp>
