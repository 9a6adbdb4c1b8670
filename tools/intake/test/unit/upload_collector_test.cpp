#include "forms/upload_collector.hpp"

#include <boost/test/unit_test.hpp>

#include "forms/refusal.hpp"

using namespace koku::intake;

namespace {

constexpr const char* payload_type = "application/vnd.redhat.hccm.tar+tgz";
const std::string gzip_bytes = "\x1f\x8bpayload";

struct Part {
  const char* name;
  const char* content_type;
  std::string bytes;
};

/// The payload of an upload with these parts; the status of the refusal as 'refused 4xx'.
std::string collect(const std::vector<Part>& parts, std::uint64_t max_size = 100) {
  MemoryBudget memory(1 << 20);
  PayloadBuffer payload(memory, max_size);
  UploadCollector collector(payload, "hccm");
  try {
    for (const auto& part : parts) {
      collector.part_begins({part.name, "", part.content_type});
      // In two pieces, as from the network.
      collector.part_bytes(std::string_view(part.bytes).substr(0, part.bytes.size() / 2));
      collector.part_bytes(std::string_view(part.bytes).substr(part.bytes.size() / 2));
      collector.part_ends();
    }
    collector.finish();
  } catch (const Refusal& refusal) {
    return "refused " + std::to_string(refusal.status());
  }
  return std::string(payload.bytes());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(upload_collector)

BOOST_AUTO_TEST_CASE(types_of_payloads) {
  for (const auto* type : {"application/vnd.redhat.hccm.tar+tgz", "application/vnd.redhat.hccm.x; a=b",
                           "Application/VND.redhat.hccm.tgz"}) {
    BOOST_TEST_CONTEXT(type) BOOST_TEST(is_payload_type(type, "hccm"));
  }
  for (const auto* type :
       {"", "application/gzip", "application/vnd.redhat.hccm.", "application/vnd.redhat.hccm",
        "application/vnd.redhat.advisor.tgz", "xapplication/vnd.redhat.hccm.tgz", "application/vnd.redhat.hccmx.tgz"}) {
    BOOST_TEST_CONTEXT(type) BOOST_TEST(!is_payload_type(type, "hccm"));
  }
}

BOOST_AUTO_TEST_CASE(what_is_collected) {
  BOOST_TEST(collect({{"file", payload_type, gzip_bytes}}) == gzip_bytes);
  BOOST_TEST(collect({{"upload", payload_type, gzip_bytes}}) == gzip_bytes);
  BOOST_TEST(collect({{"metadata", "application/json", "{}"}, {"file", payload_type, gzip_bytes}, {"x", "", "y"}}) ==
             gzip_bytes);
  BOOST_TEST(collect({{"file", payload_type, gzip_bytes}}, gzip_bytes.size()) == gzip_bytes);
}

BOOST_AUTO_TEST_CASE(what_is_refused) {
  BOOST_TEST(collect({}) == "refused 400");
  BOOST_TEST(collect({{"metadata", payload_type, gzip_bytes}}) == "refused 400");
  BOOST_TEST(collect({{"file", payload_type, ""}}) == "refused 400");
  BOOST_TEST(collect({{"file", payload_type, "PK\x03\x04"}}) == "refused 400");
  BOOST_TEST(collect({{"file", payload_type, gzip_bytes}, {"upload", payload_type, gzip_bytes}}) == "refused 400");
  BOOST_TEST(collect({{"file", "application/gzip", gzip_bytes}}) == "refused 415");
  BOOST_TEST(collect({{"file", payload_type, gzip_bytes}}, gzip_bytes.size() - 1) == "refused 413");
}

BOOST_AUTO_TEST_CASE(memory_that_is_used_up) {
  MemoryBudget memory(5);
  PayloadBuffer payload(memory, 100);
  UploadCollector collector(payload, "hccm");
  collector.part_begins({"file", "", payload_type});
  BOOST_CHECK_EXCEPTION(collector.part_bytes(gzip_bytes), Refusal, [](const Refusal& r) { return r.status() == 503; });
}

BOOST_AUTO_TEST_SUITE_END()
