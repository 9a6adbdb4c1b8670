#include "sources/sources_api.hpp"

#include <boost/test/unit_test.hpp>

#include "forms/refusal.hpp"
#include "sources/query_string.hpp"

using namespace koku::intake;

namespace {

Configuration::Sources settings(bool create = true) {
  return {{"/api/cost-management/v1/", "/api/sources/v1.0/"}, create};
}

SourcesAnswer answer_at_once(const SourcesRequest& request) {
  return std::get<SourcesAnswer>(SourcesApi(settings()).answer(request, "t"));
}

SourcesQuestion question(const SourcesRequest& request, const std::optional<std::string>& tenant = "t") {
  return std::get<SourcesQuestion>(SourcesApi(settings()).answer(request, tenant));
}

unsigned refused(const SourcesRequest& request, const SourcesApi& api = SourcesApi(settings())) {
  try {
    static_cast<void>(api.answer(request, "t"));
  } catch (const Refusal& refusal) {
    return refusal.status();
  }
  return 0;
}

constexpr const char* one_row = R"([{"id": "u1", "name": "My cluster", "source_ref": "c1"}])";

}  // namespace

BOOST_AUTO_TEST_SUITE(sources_api)

BOOST_AUTO_TEST_CASE(queries_are_decoded) {
  const auto query = parse_query_string("filter%5Bname%5D=My+cluster%20%C3%A9%2B&filter[source_ref]=a%2Fb&empty=&flag");
  BOOST_REQUIRE(query.has_value());
  BOOST_TEST(query->at("filter[name]") == "My cluster \xc3\xa9+");
  BOOST_TEST(query->at("filter[source_ref]") == "a/b");
  BOOST_TEST(query->at("empty").empty());
  BOOST_TEST(query->at("flag").empty());
  BOOST_TEST(parse_query_string("")->empty());
  for (const auto* malformed : {"a=%", "a=%4", "a=%zz", "a=%00", "a=1&a=2", "%=1"}) {
    BOOST_TEST(!parse_query_string(malformed).has_value(), malformed);
  }
  std::string many;
  for (int number = 0; number < 17; ++number) many += "p" + std::to_string(number) + "=1&";
  BOOST_TEST(!parse_query_string(many).has_value());
}

BOOST_AUTO_TEST_CASE(prefixes) {
  const SourcesApi api(settings());
  BOOST_TEST(api.serves("/api/cost-management/v1/sources"));
  BOOST_TEST(api.serves("/api/sources/v1.0/sources/"));
  BOOST_TEST(!api.serves("/api/sources/v1.0"));
  BOOST_TEST(!api.serves("/api/ingress/v1/upload"));
  BOOST_TEST(!SourcesApi(Configuration::Sources{}).serves("/api/sources/v1.0/sources"));
}

BOOST_AUTO_TEST_CASE(kinds_of_sources_and_applications) {
  const auto types = answer_at_once({false, "/api/sources/v1.0/source_types", "filter%5Bname%5D=openshift", ""});
  BOOST_TEST(types.status == 200U);
  BOOST_TEST(types.body.dump() == R"({"meta":{"count":1},"data":[{"id":"1","name":"openshift"}]})");
  const auto other = answer_at_once({false, "/api/sources/v1.0/source_types", "filter[name]=amazon", ""});
  BOOST_TEST(other.body.dump() == R"({"meta":{"count":0},"data":[]})");
  const auto applications = answer_at_once({false, "/api/cost-management/v1/application_types",
                                            "filter%5Bname%5D=%2Finsights%2Fplatform%2Fcost-management", ""});
  BOOST_TEST(applications.body["meta"]["count"] == 1);
  BOOST_TEST(applications.body["data"][0]["id"] == "1");
}

BOOST_AUTO_TEST_CASE(sources_are_asked_of_the_database) {
  const auto asked =
      question({false, "/api/sources/v1.0/sources",
                "filter%5Bname%5D=My+cluster&filter%5Bsource_ref%5D=c1&filter%5Bsource_type_id%5D=1", ""});
  BOOST_TEST((asked.parameters == std::vector<std::optional<std::string>>{"t", "c1", "My cluster"}));
  BOOST_TEST(asked.answer(one_row).body.dump() ==
             R"({"meta":{"count":1},"data":[{"id":"u1","name":"My cluster","source_type_id":"1","source_ref":"c1"}]})");
  BOOST_TEST(asked.answer("[]").body["meta"]["count"] == 0);
  const auto all = question({false, "/api/sources/v1.0/sources", "", ""}, std::nullopt);
  BOOST_TEST((all.parameters == std::vector<std::optional<std::string>>(3)));
  const auto of_other_type = question({false, "/api/sources/v1.0/sources", "filter[source_type_id]=2", ""});
  BOOST_TEST(of_other_type.answer(one_row).body["meta"]["count"] == 0);
}

BOOST_AUTO_TEST_CASE(a_source_is_created) {
  const auto* body = R"({"source_type_id": "1", "name": "My cluster", "source_ref": "c1"})";
  const auto asked = question({true, "/api/sources/v1.0/sources", "", body});
  BOOST_TEST(asked.call ==
             "koku_register_source($1::pg_catalog.text, $2::pg_catalog.text, $3::pg_catalog.name) AS registered");
  BOOST_TEST((asked.parameters == std::vector<std::optional<std::string>>{"c1", "My cluster", "t"}));
  const auto answer = asked.answer("u1");
  BOOST_TEST(answer.status == 201U);
  BOOST_TEST(answer.body.dump() == R"({"id":"u1","name":"My cluster","source_type_id":"1","source_ref":"c1"})");
  BOOST_CHECK_EXCEPTION(
      static_cast<void>(SourcesApi(settings(false)).answer({true, "/api/sources/v1.0/sources", "", body}, "t")),
      Refusal, [](const Refusal& refusal) {
        const std::string text = refusal.what();
        return refusal.status() == 403 && text.find("koku_create_source() for cluster id 'c1'") != std::string::npos &&
               text.find("name 'My cluster' in tenant 't'") != std::string::npos;
      });
}

BOOST_AUTO_TEST_CASE(an_application_is_linked_to_a_source_of_the_tenant_only) {
  const auto asked =
      question({true, "/api/sources/v1.0/applications", "", R"({"source_id": "u1", "application_type_id": "1"})"});
  BOOST_TEST(asked.answer(one_row).status == 201U);
  BOOST_CHECK_THROW(asked.answer("[]"), Refusal);
}

BOOST_AUTO_TEST_CASE(everything_else_is_refused) {
  BOOST_TEST(refused({false, "/api/sources/v1.0/nothing", "", ""}) == 404U);
  BOOST_TEST(refused({false, "/api/sources/v1.0/applications", "", ""}) == 405U);
  BOOST_TEST(refused({true, "/api/sources/v1.0/source_types", "", ""}) == 405U);
  BOOST_TEST(refused({false, "/api/sources/v1.0/sources", "limit=1", ""}) == 400U);
  BOOST_TEST(refused({false, "/api/sources/v1.0/sources", "filter[tenant]=other", ""}) == 400U);
  BOOST_TEST(refused({false, "/api/sources/v1.0/sources", "filter[name]=%", ""}) == 400U);
  for (const auto* body : {"", "[]", "{}", R"({"source_type_id": "1", "name": "", "source_ref": "c"})",
                           R"({"source_type_id": "2", "name": "n", "source_ref": "c"})",
                           R"({"source_type_id": 1, "name": "n", "source_ref": "c"})",
                           R"({"source_type_id": "1", "name": "n\u0000m", "source_ref": "c"})"}) {
    BOOST_TEST(refused({true, "/api/sources/v1.0/sources", "", body}) == 400U, body);
  }
}

BOOST_AUTO_TEST_SUITE_END()
