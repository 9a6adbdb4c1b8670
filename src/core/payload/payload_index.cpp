#include "core/payload/payload_index.hpp"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>

#include "core/base/error.hpp"
#include "core/base/limit_error.hpp"

namespace koku {
namespace {

constexpr std::string_view manifest_name = "manifest.json";

/// Collects the members of a payload; a regular member takes the place of an earlier one with its name.
class IndexBuilder {
 public:
  void add(ArchiveReader& reader, const ArchiveLimits& limits);
  PayloadIndex finish(std::uint64_t unpacked_bytes) &&;

 private:
  PayloadIndex index_;
  std::unordered_map<std::string, std::uint32_t> last_regular_;  // ordinal, which is the place in members
  bool has_manifest_ = false;
  const char* manifest_is_ = nullptr;
};

std::string read_manifest(ArchiveReader& reader, const ArchiveLimits& limits) {
  if (reader.size() > limits.max_manifest_bytes) {
    throw limit_error("manifest.json is larger than " + size_text(limits.max_manifest_bytes),
                      "It has " + size_text(reader.size()) + ".", "max_manifest_size");
  }
  std::string manifest;
  manifest.reserve(reader.size());
  for (std::string_view block = reader.read(); !block.empty(); block = reader.read()) manifest += block;
  return manifest;
}

const char* kind_name(MemberKind kind) {
  switch (kind) {
    case MemberKind::directory:
      return "a directory";
    case MemberKind::link:
      return "a link";
    default:
      return "not a regular file";
  }
}

void IndexBuilder::add(ArchiveReader& reader, const ArchiveLimits& limits) {
  const MemberKind kind = reader.kind();
  index_.members.push_back({reader.name(), kind, reader.ordinal(), reader.size()});
  if (kind == MemberKind::regular) last_regular_[reader.name()] = reader.ordinal();
  if (reader.name() != manifest_name) return;
  if (kind == MemberKind::regular) {
    index_.manifest = read_manifest(reader, limits);
    has_manifest_ = true;
  } else if (kind != MemberKind::unsafe_path) {
    manifest_is_ = kind_name(kind);
  }
}

PayloadIndex IndexBuilder::finish(std::uint64_t unpacked_bytes) && {
  if (!has_manifest_) {
    std::string detail = manifest_is_ == nullptr
                             ? "None of its " + std::to_string(index_.members.size()) + " members has that name."
                             : "The member with that name is " + std::string(manifest_is_) + ".";
    throw Error(ErrorKind::invalid_archive, "payload has no manifest.json", std::move(detail),
                "The manifest must be a regular file at the top of the archive.");
  }
  std::erase_if(index_.members, [this](const Member& member) {
    return member.kind == MemberKind::regular && last_regular_[member.name] != member.ordinal;
  });
  const std::vector<Member>& members = index_.members;
  for (std::uint32_t place = 0; place < members.size(); ++place) {
    if (members[place].kind == MemberKind::regular) index_.regular_by_name.push_back(place);
  }
  std::sort(index_.regular_by_name.begin(), index_.regular_by_name.end(),
            [&members](std::uint32_t left, std::uint32_t right) { return members[left].name < members[right].name; });
  index_.unpacked_bytes = unpacked_bytes;
  return std::move(index_);
}

}  // namespace

const Member* PayloadIndex::find(std::string_view name) const noexcept {
  const auto found =
      std::lower_bound(regular_by_name.begin(), regular_by_name.end(), name,
                       [this](std::uint32_t place, std::string_view wanted) { return members[place].name < wanted; });
  return found != regular_by_name.end() && members[*found].name == name ? &members[*found] : nullptr;
}

PayloadIndex index_payload(ByteSource& source, const ArchiveLimits& limits, InterruptCheck check_interrupts) {
  ArchiveReader reader(source, limits, std::move(check_interrupts));
  IndexBuilder builder;
  while (reader.next_member()) builder.add(reader, limits);
  return std::move(builder).finish(reader.unpacked_bytes());
}

}  // namespace koku
