// Fuzz target: the archive, its members and the manifest (core/payload/archive.hpp, core/payload/manifest.hpp).
#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "core/base/error.hpp"
#include "core/payload/archive.hpp"
#include "core/payload/manifest.hpp"
#include "core/payload/payload_index.hpp"
#include "fuzz_input.hpp"
#include "invariants.hpp"

namespace koku::fuzz {
namespace {

void require_safe_name(std::string_view name) {
  require_storable_text(name, "name of a member");
  require(!name.starts_with('/'), "a member's name begins with a slash");
  for (std::string_view rest = name; !rest.empty();) {
    const std::string_view component = rest.substr(0, rest.find('/'));
    require(component != "..", "a member's name has a component ..");
    rest.remove_prefix(std::min(component.size() + 1, rest.size()));
  }
}

void check_index(const PayloadIndex& index, const ArchiveLimits& limits) {
  std::uint64_t bytes = 0;
  for (const Member& member : index.members) {
    require_storable_text(member.name, "name of a member");
    require(member.ordinal < limits.max_members, "more members than allowed");
    require(member.bytes <= limits.max_member_bytes, "a member is larger than allowed");
    if (member.kind != MemberKind::regular) continue;
    require_safe_name(member.name);
    require(index.find(member.name) == &member, "a member is not found by its name");
    bytes += member.bytes;
  }
  require(index.unpacked_bytes <= limits.max_payload_bytes, "a payload is larger than allowed");
  require(bytes <= index.unpacked_bytes, "members are larger than the payload");
  require(index.manifest.size() <= limits.max_manifest_bytes, "a manifest is larger than allowed");
}

/// A second reader, with other blocks, finds the same.
void check_second_pass(const PayloadIndex& index, ByteSource& source, const ArchiveLimits& limits) {
  ArchiveReader reader(source, limits);
  std::size_t place = 0;
  while (reader.next_member()) {
    std::uint64_t bytes = 0;
    std::string manifest;
    for (std::string_view block = reader.read(); !block.empty(); block = reader.read()) {
      bytes += block.size();
      if (reader.name() == "manifest.json") manifest += block;
    }
    if (reader.kind() == MemberKind::regular) require(bytes == reader.size(), "a member is not as long as it says");
    // Of members of the same name only the last is listed.
    if (place == index.members.size() || index.members[place].ordinal != reader.ordinal()) continue;
    const Member& member = index.members[place++];
    require(member.name == reader.name() && member.kind == reader.kind() && member.bytes == reader.size(),
            "the second pass finds another member");
    if (member.kind == MemberKind::regular && member.name == "manifest.json")
      require_equal(manifest, index.manifest, "manifest of the second pass");
  }
  require(place == index.members.size(), "the second pass finds fewer members");
  require(reader.unpacked_bytes() == index.unpacked_bytes, "the second pass unpacks another number of bytes");
}

void require_file_name(std::string_view name) {
  require_storable_text(name, "name in the manifest");
  require(!name.empty() && name.find_first_of("/\\") == std::string_view::npos && name.find("..") == name.npos,
          "a name in the manifest could be a path");
}

void check_manifest(const Manifest& manifest) {
  require(manifest.uuid.size() == 36 && manifest.uuid[14] == '4' &&
              manifest.uuid.find_first_not_of("0123456789abcdef-") == std::string::npos,
          "the manifest's uuid is not normalised");
  require_file_name(manifest.cluster_id);
  for (const std::string& name : manifest.files) require_file_name(name);
  require(std::set<std::string>(manifest.files.begin(), manifest.files.end()).size() == manifest.files.size(),
          "a file is named twice");
  require_storable_text(manifest.version, "version");
  if (manifest.cluster_channel) require_storable_text(*manifest.cluster_channel, "cluster_channel");
  if (manifest.operator_errors) require_storable_json(*manifest.operator_errors, "operator_errors");
  // 0001-01-01 to 9999-12-31
  for (const std::optional<Instant>& instant : {std::optional(manifest.date), manifest.start, manifest.end})
    require(!instant || (day_of(*instant) >= -719'162 && day_of(*instant) <= 2'932'896), "an instant is out of range");
  for (std::size_t at = 0; at < manifest.hours_per_day.size(); ++at) {
    const auto& [day, hours] = manifest.hours_per_day[at];
    require(hours >= 0 && hours <= 24, "a day has more than 24 hours");
    require(at == 0 || manifest.hours_per_day[at - 1].first < day, "the days are not sorted");
    require(manifest.hours_on(day) == hours, "the hours of a day are not found");
  }
}

void check_error(const Error& error) {
  require(!error.message().empty(), "an error without a message");
  require_message_text(error.message(), "message of an error");
  require_message_text(error.detail(), "detail of an error");
  require_message_text(error.hint(), "hint of an error");
}

void run(std::string_view input) {
  const ArchiveLimits limits = small_limits();
  // A manifest alone, so that the fuzzer need not find it in an archive.
  if (input.starts_with('{')) {
    check_manifest(parse_manifest(input));
    return;
  }
  const std::string payload = payload_of(input);
  BlockSource whole(payload, payload.size());
  const PayloadIndex index = index_payload(whole, limits);
  check_index(index, limits);
  BlockSource blocks(payload, 1 + input.size() % 1000);
  check_second_pass(index, blocks, limits);
  check_manifest(parse_manifest(index.manifest));
}

}  // namespace
}  // namespace koku::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const koku::fuzz::TimeLimit limit(size);
  try {
    koku::fuzz::run({reinterpret_cast<const char*>(data), size});
  } catch (const koku::Error& error) {
    koku::fuzz::check_error(error);
  }
  return 0;
}
