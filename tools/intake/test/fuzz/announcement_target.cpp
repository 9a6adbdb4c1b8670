// Announcements of Kafka and the calls of the Sources API: JSON and queries from outside.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "forms/refusal.hpp"
#include "kafka/announcement.hpp"
#include "sources/sources_api.hpp"

using namespace koku::intake;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  try {
    const auto announcement = parse_announcement(input, std::nullopt, "");
    if (announcement && (announcement->request_id.empty() || announcement->url.empty())) std::abort();
    static_cast<void>(validation_message(announcement ? announcement->request_id : "", true));
  } catch (const MalformedAnnouncement&) {
  }
  const SourcesApi api({{"/s/"}, true});
  for (const auto* path : {"/s/sources", "/s/applications", "/s/source_types"}) {
    for (const bool is_post : {false, true}) {
      try {
        static_cast<void>(api.answer({is_post, path, input, input}, "t"));
      } catch (const Refusal& refusal) {
        if (refusal.status() < 400 || refusal.status() > 405) std::abort();
      }
    }
  }
  return 0;
}
