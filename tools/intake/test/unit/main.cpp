#define BOOST_TEST_MODULE koku_intake
#include <boost/test/unit_test.hpp>
