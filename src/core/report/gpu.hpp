// GPU names and MIG profiles (spec ingest.md 3.6).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace koku {

/// `nvidia_com_gpu` becomes `nvidia`; everything else stays.
std::string_view gpu_vendor(std::string_view vendor) noexcept;

/// Each run of characters outside A-Z a-z 0-9 becomes one blank, ends trimmed. Takes the text after HTML escaping.
std::string gpu_model(std::string_view model);

struct MigProfile {
  std::int32_t slice_count;
  double memory_mib;
};

/// `3g.20gb` (trimmed, any case) gives 3 slices and 20 * 1024 MiB; nothing for all that is not `<int>g.<int>gb`.
std::optional<MigProfile> parse_mig_profile(std::string_view profile) noexcept;

/// Most MIG slices of a model (exact name first, else the first known name contained in it, upper-cased); nothing when
/// unknown.
std::optional<std::int32_t> gpu_max_slices(std::string_view model);

}  // namespace koku
