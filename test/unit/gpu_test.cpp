#include "core/report/gpu.hpp"

#include <boost/test/unit_test.hpp>
#include <optional>
#include <string_view>

using namespace std::literals;

BOOST_AUTO_TEST_SUITE(gpu)

BOOST_AUTO_TEST_CASE(vendors) {
  BOOST_TEST(koku::gpu_vendor("nvidia_com_gpu") == "nvidia");
  for (const std::string_view vendor : {""sv, "nvidia"sv, "NVIDIA_COM_GPU"sv, "nvidia_com_gpu "sv, "amd_com_gpu"sv})
    BOOST_TEST(koku::gpu_vendor(vendor) == vendor);
}

BOOST_AUTO_TEST_CASE(models) {
  struct {
    std::string_view model;
    std::string_view cleaned;
  } const cases[] = {
      {"", ""},
      {"Tesla T4", "Tesla T4"},
      {"NVIDIA A100-SXM4-80GB", "NVIDIA A100 SXM4 80GB"},
      {"A&amp;B", "A amp B"},
      {"--A--", "A"},
      {"a_b.c/d", "a b c d"},
      {"A \t-- B", "A B"},
      {"Aé😀B", "A B"},
      {"---", ""},
  };
  for (const auto& c : cases) BOOST_TEST(koku::gpu_model(c.model) == c.cleaned);
}

BOOST_AUTO_TEST_CASE(mig_profiles) {
  struct {
    std::string_view profile;
    std::int32_t slice_count;
    double memory_mib;
  } const cases[] = {
      {"3g.20gb", 3, 20480.0},
      {" 1G.5GB\t", 1, 5120.0},
      {"7g.80Gb", 7, 81920.0},
      {"0g.0gb", 0, 0.0},
      {"2147483647g.2147483647gb", 2147483647, 2147483647.0 * 1024},
  };
  for (const auto& c : cases) {
    const std::optional<koku::MigProfile> profile = koku::parse_mig_profile(c.profile);
    BOOST_REQUIRE_MESSAGE(profile.has_value(), c.profile);
    BOOST_TEST(profile->slice_count == c.slice_count);
    BOOST_TEST(profile->memory_mib == c.memory_mib);
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_mig_profile) {
  for (const std::string_view profile :
       {""sv,        " "sv,       "bogus"sv,   "1g.10gb+me"sv,      "1c.3g.20gb"sv,      "1.5gb"sv,    "1g"sv,
        "1g."sv,     "1g.gb"sv,   "g.5gb"sv,   "1g.5g"sv,           "1g.5gb."sv,         "1g.5.5gb"sv, "1 g.5gb"sv,
        "1g. 5gb"sv, "-1g.5gb"sv, "1g.-5gb"sv, "2147483648g.5gb"sv, "1g.2147483648gb"sv, "1g5gb"sv,    "1g.5gbx"sv})
    BOOST_TEST(!koku::parse_mig_profile(profile).has_value(), profile);
}

BOOST_AUTO_TEST_CASE(max_slices_of_known_models) {
  struct {
    std::string_view model;
    std::int32_t slices;
  } const cases[] = {
      {"A30", 4},
      {"a100", 7},
      {"H100", 7},
      {"H200", 7},
      {"B200", 7},
      {"RTX PRO 6000", 4},
      {"rtx pro 5000", 2},
      {"NVIDIA A100 SXM4 80GB", 7},
      // contained anywhere
      {"GB200", 7},
      {"GH200", 7},
      {"A1000", 7},
      {"XA300", 4},
      // the first of the list, wherever it stands
      {"H100 A30", 4},
      {"RTX PRO 5000 RTX PRO 6000", 4},
  };
  for (const auto& c : cases) BOOST_TEST((koku::gpu_max_slices(c.model) == c.slices), c.model);
}

BOOST_AUTO_TEST_CASE(unknown_models_have_no_slices) {
  for (const std::string_view model : {""sv, "T4"sv, "A10"sv, "H20"sv, "A 100"sv, "RTX PRO"sv})
    BOOST_TEST(!koku::gpu_max_slices(model).has_value(), model);
}

BOOST_AUTO_TEST_SUITE_END()
