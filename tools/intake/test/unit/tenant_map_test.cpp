#include "settings/tenant_map.hpp"

#include <boost/test/unit_test.hpp>
#include <stdexcept>

using namespace koku::intake;

namespace {

std::string find(const TenantMap& map, const char* org_id, const char* account) {
  const auto choice = map.find(org_id, account);
  return choice ? choice->tenant.value_or("(any)") : "(none)";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tenant_map)

BOOST_AUTO_TEST_CASE(an_empty_map_leaves_the_choice_to_the_database) { BOOST_TEST(find({}, "1", "2") == "(any)"); }

BOOST_AUTO_TEST_CASE(organization_goes_before_account) {
  TenantMap map;
  map.add_organization("11", "a");
  map.add_account("22", "b");
  BOOST_TEST(find(map, "11", "") == "a");
  BOOST_TEST(find(map, "11", "22") == "a");
  BOOST_TEST(find(map, "99", "22") == "b");
  BOOST_TEST(find(map, "", "22") == "b");
  BOOST_TEST(find(map, "22", "11") == "(none)");
  BOOST_TEST(find(map, "", "") == "(none)");
}

BOOST_AUTO_TEST_CASE(everybody_else) {
  TenantMap map;
  map.add_organization("11", "a");
  map.add_organization("*", "rest");
  BOOST_TEST(find(map, "11", "") == "a");
  BOOST_TEST(find(map, "12", "") == "rest");
  BOOST_TEST(find(map, "*", "") == "rest");
  BOOST_TEST(find(map, "", "") == "rest");
}

BOOST_AUTO_TEST_CASE(one_tenant_each) {
  TenantMap map;
  map.add_organization("11", "a");
  BOOST_CHECK_THROW(map.add_organization("11", "b"), std::invalid_argument);
  BOOST_CHECK_THROW(map.add_organization("", "b"), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
